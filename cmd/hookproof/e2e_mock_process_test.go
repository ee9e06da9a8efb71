//go:build e2e && unix

package main

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// e2eProcess is a command that runs beside a test, with what it has written.
type e2eProcess struct {
	cmd    *exec.Cmd
	stdout e2eText
	stderr e2eText
	ended  chan struct{} // closed when it has ended and all that it wrote is read
}

// e2ePatience is how long a process may take until it says what it is to say.
const e2ePatience = time.Minute

// e2eSpawn starts a command with its children in a group of their own. What is
// left of it when the test ends is killed; then nothing of the group may remain.
func e2eSpawn(t *testing.T, env []string, name string, args ...string) *e2eProcess {
	t.Helper()
	limit := 5 * time.Minute
	if deadline, ok := t.Deadline(); ok {
		limit = time.Until(deadline)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), limit)
	p := &e2eProcess{cmd: exec.CommandContext(ctx, name, args...), ended: make(chan struct{})}
	p.cmd.Env = append(os.Environ(), "WEBHOOK_USER="+e2eUser, "WEBHOOK_PASS="+e2ePass, "PYTHONDONTWRITEBYTECODE=1")
	p.cmd.Env = append(p.cmd.Env, env...)
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	p.cmd.WaitDelay = 5 * time.Second
	p.cmd.Stdout, p.cmd.Stderr = &p.stdout, &p.stderr
	if err := p.cmd.Start(); err != nil {
		cancel()
		t.Fatalf("%s is needed to prove this: %v", name, err)
	}
	go func() {
		_ = p.cmd.Wait()
		close(p.ended)
	}()
	t.Cleanup(func() {
		p.kill()
		cancel()
		if err := e2eGone(-p.cmd.Process.Pid); err != nil {
			t.Errorf("%s %v: %v", name, args, err)
		}
		if t.Failed() {
			t.Logf("%s %v wrote:\n%s", name, args, tail(p.stderr.String(), 2000))
		}
	})
	return p
}

// line waits for the first line on standard output.
func (p *e2eProcess) line(t *testing.T) string {
	t.Helper()
	p.wait(t, &p.stdout, "\n")
	line, _, _ := strings.Cut(p.stdout.String(), "\n")
	return line
}

// says waits until something is on standard error.
func (p *e2eProcess) says(t *testing.T, what string) {
	t.Helper()
	p.wait(t, &p.stderr, what)
}

func (p *e2eProcess) wait(t *testing.T, text *e2eText, what string) {
	t.Helper()
	deadline := time.After(e2ePatience)
	for !text.has(what) {
		select {
		case <-p.ended:
			if text.has(what) {
				return
			}
			t.Fatalf("%v ended with %d before it wrote %q: %s", p.cmd.Args, p.cmd.ProcessState.ExitCode(), what, p.stderr.String())
		case <-deadline:
			t.Fatalf("%v has not written %q for %s: %s", p.cmd.Args, what, e2ePatience, p.stderr.String())
		case <-time.After(2 * time.Millisecond):
		}
	}
}

// kill ends the whole group with SIGKILL and waits for that.
func (p *e2eProcess) kill() {
	_ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL)
	<-p.ended
}

// terminate asks it to end.
func (p *e2eProcess) terminate(t *testing.T) {
	t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatalf("%v: %v", p.cmd.Args, err)
	}
}

// ends demands that it ends within a time, with status 0 and without a word of
// a crash.
func (p *e2eProcess) ends(t *testing.T, within time.Duration) {
	t.Helper()
	began := time.Now()
	select {
	case <-p.ended:
	case <-time.After(e2ePatience):
		t.Fatalf("%v has not ended after %s", p.cmd.Args, e2ePatience)
	}
	if took := time.Since(began); took > within {
		t.Errorf("%v took %s to end, want at most %s", p.cmd.Args, took.Round(time.Millisecond), within)
	}
	if status := p.cmd.ProcessState.ExitCode(); status != 0 {
		t.Errorf("%v ended with %d, want 0: %s", p.cmd.Args, status, p.stderr.String())
	}
	p.keepsCalm(t)
}

// keepsCalm demands that it has written neither a stack trace nor a secret.
func (p *e2eProcess) keepsCalm(t *testing.T) {
	t.Helper()
	for _, word := range []string{"panic", "goroutine ", "fatal error", "DATA RACE"} {
		if p.stderr.has(word) {
			t.Errorf("%v wrote %q on standard error: %s", p.cmd.Args, word, tail(p.stderr.String(), 4000))
		}
	}
	e2eNoSecrets(t, "standard error of "+p.cmd.Args[1], p.stderr.String())
}

// e2eText is what a process has written so far.
type e2eText struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *e2eText) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *e2eText) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

func (b *e2eText) has(what string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return bytes.Contains(b.text.Bytes(), []byte(what))
}
