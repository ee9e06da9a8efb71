//go:build e2e && bench && linux

package main

import (
	"bufio"
	"os/exec"
	"testing"
	"time"
)

// benchStart takes the time from exec to the first line on standard output, and
// the memory that is resident 5 s later.
func benchStart(t *testing.T, bin string) benchTable {
	var memory, disk, idle []float64
	for range *benchRounds {
		memory = append(memory, startOnce(t, bin))
		disk = append(disk, startOnce(t, bin, "--data", t.TempDir()))
	}
	for range min(3, *benchRounds) {
		p := e2eServes(t, bin).process
		time.Sleep(5 * time.Second)
		idle = append(idle, rssOf(t, p.cmd.Process.Pid))
		p.terminate(t)
		<-p.ended
	}
	return benchTable{
		title: "Start and memory",
		about: "hookproof serve from exec to its first line, which says that it is ready; its resident memory 5 s later without load.",
		head:  []string{"what", "measured", "target"},
		rows: [][]string{
			{"start to ready, in memory", spread(memory, 0) + " ms", "< 100 ms"},
			{"start to ready, empty --data", spread(disk, 0) + " ms", "< 100 ms"},
			{"resident, idle", spread(idle, 1) + " MB", "< 60 MB"},
		},
	}
}

// startOnce is how long a start takes, in milliseconds.
func startOnce(t *testing.T, bin string, args ...string) float64 {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), bin, append([]string{"serve", "--port", "0"}, args...)...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_, err = bufio.NewReader(out).ReadString('\n')
	took := time.Since(began)
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	if err != nil {
		t.Fatalf("serve said nothing: %v", err)
	}
	return float64(took.Microseconds()) / 1000
}
