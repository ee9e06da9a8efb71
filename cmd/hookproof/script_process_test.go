package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"sync"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// processes are what a script has running, by name.
type processes map[string]*process

type processesKey struct{}

func running(ts *testscript.TestScript) processes {
	return ts.Value(processesKey{}).(processes)
}

type process struct {
	cmd            *exec.Cmd
	stdout, stderr *output
}

// output is what a process has written so far.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

// start runs a program of the script's PATH in the background.
func start(ts *testscript.TestScript, args []string) *process {
	path := filepath.Join(filepath.SplitList(ts.Getenv("PATH"))[0], args[0])
	p := &process{cmd: exec.Command(path, args[1:]...), stdout: &output{}, stderr: &output{}}
	p.cmd.Dir = ts.MkAbs(".")
	for _, name := range []string{
		"PATH", "HOME", "TMPDIR", "NO_COLOR", "TERM", "GORACE", "HOOKPROOF_AUTH", "HOOKPROOF_FORWARD_AUTH",
		"HOOKPROOF_KEY", "HOOKPROOF_SECRET", "HOOKPROOF_CONTROL_TOKEN", "HOOKPROOF_NATS", "HOOKPROOF_NATS_TOKEN", "VENDOR_PASSWORD",
	} {
		p.cmd.Env = append(p.cmd.Env, name+"="+ts.Getenv(name))
	}
	p.cmd.Stdout, p.cmd.Stderr = p.stdout, p.stderr
	ts.Check(p.cmd.Start())
	ts.Defer(func() {
		if p.cmd.ProcessState == nil {
			_ = p.cmd.Process.Kill()
			_ = p.cmd.Wait()
		}
	})
	return p
}

// until waits for a match in what a process writes.
func until(ts *testscript.TestScript, o *output, pattern string) string {
	re, err := regexp.Compile("(?m)" + pattern)
	ts.Check(err)
	for deadline := time.Now().Add(15 * time.Second); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if s := o.String(); re.MatchString(s) {
			return s
		}
	}
	ts.Fatalf("no match for %#q in:\n%s", pattern, o.String())
	return ""
}

// end interrupts a process, shows what it wrote and checks its status.
func (p *process) end(ts *testscript.TestScript, want int) {
	ts.Check(p.cmd.Process.Signal(os.Interrupt))
	kill := time.AfterFunc(20*time.Second, func() { _ = p.cmd.Process.Kill() })
	defer kill.Stop()
	_ = p.cmd.Wait()
	_, _ = ts.Stdout().Write([]byte(p.stdout.String()))
	_, _ = ts.Stderr().Write([]byte(p.stderr.String()))
	if got := p.cmd.ProcessState.ExitCode(); got != want {
		ts.Fatalf("exit status %d after an interrupt, want %d", got, want)
	}
}

// cmdStatus runs a program and checks its exit status: status N PROGRAM ARG…
func cmdStatus(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: status N PROGRAM ARG…")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		e, ok := errors.AsType[*exec.ExitError](err)
		if !ok {
			ts.Fatalf("%v", err)
		}
		got = e.ExitCode()
	}
	if got != want {
		ts.Fatalf("exit status %d, want %d", got, want)
	}
}

// cmdInterrupt runs a program, interrupts it when its standard error matches,
// and checks its exit status: interrupt N PATTERN PROGRAM ARG…
func cmdInterrupt(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 {
		ts.Fatalf("usage: interrupt N PATTERN PROGRAM ARG…")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	p := start(ts, args[2:])
	until(ts, p.stderr, args[1])
	p.end(ts, want)
}

// cmdListen starts a receiver under a name and sets NAME_URL, NAME_PORT and,
// with TLS, NAME_CA: listen NAME ARG…
func cmdListen(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 {
		ts.Fatalf("usage: listen NAME ARG…")
	}
	p := start(ts, append([]string{"hookproof", "listen"}, args[1:]...))
	running(ts)[args[0]] = p
	first, _, _ := bytes.Cut([]byte(until(ts, p.stdout, `\n`)), []byte("\n"))
	var r ready
	ts.Check(json.Unmarshal(first, &r))
	u, err := url.Parse(r.URL)
	ts.Check(err)
	ts.Setenv(args[0]+"_URL", r.URL)
	ts.Setenv(args[0]+"_PORT", u.Port())
	ts.Setenv(args[0]+"_CA", r.CA)
	ts.Logf("%s", first)
}

// cmdLine waits for a line of a receiver: line NAME PATTERN
func cmdLine(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 || running(ts)[args[0]] == nil {
		ts.Fatalf("usage: line NAME PATTERN, of a receiver that runs")
	}
	until(ts, running(ts)[args[0]].stdout, args[1])
}

// cmdEnd interrupts a receiver and checks its exit status, 0 by default; its
// output is there for stdout and stderr: end NAME [N]
func cmdEnd(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 || running(ts)[args[0]] == nil {
		ts.Fatalf("usage: end NAME [N], of a receiver that runs")
	}
	want := 0
	if len(args) > 1 {
		var err error
		want, err = strconv.Atoi(args[1])
		ts.Check(err)
	}
	running(ts)[args[0]].end(ts, want)
}
