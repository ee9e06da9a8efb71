//go:build e2e && unix

package main

import (
	"bytes"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"hookproof/conformance"
	"hookproof/reports"
)

// Credentials that nothing is to be said against.
const (
	e2eUser = "vendor"
	e2ePass = "fYv3kQ9sTz7mWx2c"
)

const e2eReceivers = "../../conformance/testdata/receivers"

// e2eBuild compiles the command, once for all tests.
func e2eBuild(t *testing.T) string {
	t.Helper()
	bin, err := e2eBuilt()
	if err != nil {
		t.Fatal(err)
	}
	return bin
}

var e2eBuilt = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "hookproof-e2e")
	if err != nil {
		return "", err
	}
	afterwards = append(afterwards, func() { _ = os.RemoveAll(dir) })
	bin := filepath.Join(dir, "hookproof")
	if out, err := exec.Command("go", "build", "-o", bin, ".").CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return bin, nil
})

// e2eStart runs a server until the test ends, and returns the first line that it prints.
func e2eStart(t *testing.T, env []string, name string, args ...string) string {
	t.Helper()
	return e2eSpawn(t, env, name, args...).line(t)
}

// e2eGone waits until no process of the group is left.
func e2eGone(group int) error {
	for range 100 {
		if errors.Is(syscall.Kill(group, 0), syscall.ESRCH) {
			return nil
		}
		time.Sleep(20 * time.Millisecond)
	}
	return errors.New("processes are left behind")
}

// e2eReceiver starts a receiver of the testdata and returns host:port.
func e2eReceiver(t *testing.T, env []string, file string) string {
	t.Helper()
	path := filepath.Join(e2eReceivers, filepath.FromSlash(file))
	var line string
	switch filepath.Ext(file) {
	case ".js":
		line = e2eStart(t, env, "node", path)
	case ".py":
		line = e2eStart(t, env, "python3", path)
	case ".go":
		bin := filepath.Join(t.TempDir(), "receiver")
		if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", bin, path).CombinedOutput(); err != nil {
			t.Fatalf("go build %s: %v\n%s", path, err, out)
		}
		line = e2eStart(t, env, bin)
	default:
		t.Fatalf("%s: no way to run it", file)
	}
	addr, ok := strings.CutPrefix(line, "listening on ")
	if !ok {
		t.Fatalf("%s said %q, want its address", file, line)
	}
	return addr
}

// e2eRun is what came of running certify.
type e2eRun struct {
	exit   int
	report *conformance.Report
	stderr string
	took   time.Duration
}

// e2eCertify runs certify, with right credentials unless args have --auth, and
// has xmllint judge the JUnit report.
func e2eCertify(t *testing.T, bin, target string, args ...string) e2eRun {
	t.Helper()
	dir := t.TempDir()
	saved, junit := filepath.Join(dir, "report.json"), filepath.Join(dir, "junit.xml")
	args = append([]string{"certify", target, "--report", "json=" + saved, "--report", "junit=" + junit}, args...)
	cmd := exec.CommandContext(t.Context(), bin, args...)
	cmd.Env = append(os.Environ(), "HOOKPROOF_AUTH="+e2eUser+":"+e2ePass)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	began := time.Now()
	err := cmd.Run()
	run := e2eRun{exit: cmd.ProcessState.ExitCode(), stderr: stderr.String(), took: time.Since(began)}
	if _, exited := errors.AsType[*exec.ExitError](err); err != nil && !exited {
		t.Fatalf("%v: %v", args, err)
	}
	file, err := os.Open(saved)
	if err != nil {
		t.Fatalf("%v ended with %d and no report: %s", args, run.exit, run.stderr)
	}
	defer file.Close()
	if run.report, err = reports.Parse(file); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"standard output": stdout.String(), "standard error": run.stderr} {
		if strings.Contains(text, e2ePass) {
			t.Errorf("%s holds the password", name)
		}
	}
	lint := exec.CommandContext(t.Context(), "xmllint", "--noout", "--nonet", "--schema", "../../reports/testdata/junit.xsd", junit)
	if out, err := lint.CombinedOutput(); err != nil {
		t.Errorf("xmllint: %v\n%s", err, out)
	}
	return run
}

// e2eCertificate writes a server certificate for loopback, its key and its
// authority as PEM files.
func e2eCertificate(t *testing.T) (cert, key, ca string) {
	t.Helper()
	authority, server, err := newLocalCA([]string{"localhost", "127.0.0.1"})
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(server.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write := func(name string, text []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	return write("cert.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate[0]})),
		write("key.pem", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})),
		write("ca.pem", authority)
}

// e2eListen starts the command's own receiver and returns its URL and the file of its authority.
func e2eListen(t *testing.T, bin string, args ...string) (address, ca string) {
	t.Helper()
	line := e2eStart(t, []string{"TMPDIR=" + t.TempDir(), "HOOKPROOF_AUTH=" + e2eUser + ":" + e2ePass}, bin, append([]string{"listen"}, args...)...)
	var ready struct{ URL, CA string }
	if err := json.Unmarshal([]byte(line), &ready); err != nil {
		t.Fatalf("listen printed %q: %v", line, err)
	}
	if _, err := url.Parse(ready.URL); err != nil || ready.URL == "" {
		t.Fatalf("listen printed %q, want a URL", line)
	}
	return ready.URL, ready.CA
}

func tail(s string, n int) string { return s[max(0, len(s)-n):] }
