//go:build e2e && bench && linux

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// load is one round of wrk.
func (c *benchCase) load(t *testing.T) {
	t.Helper()
	args := []string{"-c", "1", "wrk", "-t1", "-d" + strconv.Itoa(max(1, int(benchRound.Seconds()))) + "s"}
	for name, value := range c.headers {
		args = append(args, "-H", name+": "+value)
	}
	if c.script != "" {
		args = append(args, "-c1", "-s", c.script)
	} else {
		args = append(args, "-c16")
	}
	before := cpuOf(t, c.pid)
	out, err := exec.CommandContext(t.Context(), "taskset", append(args, c.url)...).CombinedOutput()
	if err != nil {
		t.Fatalf("wrk (apt-get install wrk) and taskset are needed to measure this: %v\n%s", err, out)
	}
	took := cpuOf(t, c.pid) - before
	requests := number(t, wrkRequests, string(out))
	if m := wrkFailed.FindStringSubmatch(string(out)); m != nil && number(t, wrkFailed, m[0]) > requests/100 {
		t.Fatalf("%s: of %.0f requests %s failed", c.name, requests, m[1])
	}
	c.rates = append(c.rates, number(t, wrkRate, string(out)))
	c.cpu = append(c.cpu, float64(took.Microseconds())/requests)
}

var (
	wrkRequests = regexp.MustCompile(`(\d+) requests in `)
	wrkRate     = regexp.MustCompile(`Requests/sec: +([\d.]+)`)
	wrkFailed   = regexp.MustCompile(`Non-2xx or 3xx responses: (\d+)`)
)

func number(t *testing.T, at *regexp.Regexp, text string) float64 {
	t.Helper()
	m := at.FindStringSubmatch(text)
	if m == nil {
		t.Fatalf("no %s in: %s", at, text)
	}
	n, err := strconv.ParseFloat(m[1], 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// cpuOf is the CPU time that a process has taken, to 10 ms.
func cpuOf(t *testing.T, pid int) time.Duration {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	if err != nil {
		t.Fatal(err)
	}
	// Behind the name, which may hold anything: utime and stime are the 12th and 13th.
	fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
	ticks := 0
	for _, f := range fields[11:13] {
		n, err := strconv.Atoi(f)
		if err != nil {
			t.Fatal(err)
		}
		ticks += n
	}
	return time.Duration(ticks) * (time.Second / 100)
}

// rssOf is the resident memory of a process, in MB.
func rssOf(t *testing.T, pid int) float64 {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "status"))
	if err != nil {
		t.Fatal(err)
	}
	return number(t, regexp.MustCompile(`VmRSS:\s+(\d+) kB`), string(text)) / 1024
}

// benchTool is the path of a peer's command, "" if it is not there.
func benchTool(name string) string {
	path := filepath.Join(*benchTools, filepath.FromSlash(name))
	if *benchTools == "" {
		return ""
	}
	if _, err := os.Stat(path); err != nil {
		return ""
	}
	return path
}

// benchVersion names a command of a Go module with its version.
func benchVersion(name, path string) string {
	out, err := exec.Command("go", "version", "-m", path).Output()
	if m := regexp.MustCompile(`\tmod\t\S+\t(\S+)`).FindSubmatch(out); err == nil && m != nil {
		return name + " " + string(m[1])
	}
	return name
}

// benchDocument writes the OpenAPI document to a file.
func benchDocument(t *testing.T, bin string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), bin, "openapi", "--format", "json").Output()
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "openapi.json")
	if err := os.WriteFile(file, out, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func benchWait(t *testing.T, what string, f func() bool) {
	t.Helper()
	for deadline := time.Now().Add(e2ePatience); !f(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s: not ready after %s", what, e2ePatience)
		}
	}
}
