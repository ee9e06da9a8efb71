package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"testing"
	"time"
)

// TestASecondInterruptKills interrupts a receiver that has an answer under way,
// which the first interrupt waits for.
func TestASecondInterruptKills(t *testing.T) {
	t.Parallel()
	cmd := exec.CommandContext(t.Context(), "hookproof", "listen", "--delay", "4s")
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = cmd.Process.Kill() }()
	lines := bufio.NewScanner(stdout)
	var r ready
	if lines.Scan(); json.Unmarshal(lines.Bytes(), &r) != nil {
		t.Fatalf("first line %q", lines.Bytes())
	}
	answered := make(chan error, 1)
	go func() {
		resp, err := http.Post(r.URL, "application/json", bytes.NewReader([]byte(`{"trigger":"x","data":{}}`)))
		if err == nil {
			resp.Body.Close()
		}
		answered <- err
	}()
	lines.Scan() // the event's line, long before its answer
	interrupt(t, cmd)
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	select {
	case err := <-ended:
		t.Fatalf("the first interrupt did not wait for the answer: %v", err)
	case <-time.After(200 * time.Millisecond):
	}
	interrupt(t, cmd)
	select {
	case <-ended:
	case <-time.After(3 * time.Second):
		t.Fatal("the second interrupt did not end it")
	}
	if err := <-answered; err == nil {
		t.Error("the answer came after all")
	}
	if code := cmd.ProcessState.ExitCode(); code != -1 {
		t.Errorf("exit status %d, want it killed by the signal", code)
	}
}

func interrupt(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
}
