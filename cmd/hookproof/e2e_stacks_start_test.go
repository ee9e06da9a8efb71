//go:build e2e && unix

package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

const e2eStackFiles = "../../conformance/testdata/stacks"

// e2ePath is where a file of the stacks is, from anywhere.
func e2ePath(t *testing.T, file string) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join(e2eStackFiles, filepath.FromSlash(file)))
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// e2ePort finds a port for servers that cannot say which one they were given.
func e2ePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

// e2eStackServes starts a server at a port and waits until it takes connections.
func e2eStackServes(t *testing.T, port string, env []string, name string, args ...string) string {
	t.Helper()
	p := e2eSpawn(t, append(env, "PORT="+port), name, args...)
	addr := net.JoinHostPort("127.0.0.1", port)
	deadline := time.After(e2ePatience)
	for {
		if conn, err := net.Dial("tcp", addr); err == nil {
			conn.Close()
			return addr
		}
		select {
		case <-p.ended:
			t.Fatalf("%s %v ended before it listened: %s", name, args, tail(p.stderr.String(), 2000))
		case <-deadline:
			t.Fatalf("%s %v does not listen after %s: %s", name, args, e2ePatience, tail(p.stderr.String(), 2000))
		case <-time.After(10 * time.Millisecond):
		}
	}
}

func e2eChi(t *testing.T) string {
	bin := filepath.Join(t.TempDir(), "receiver")
	cmd := exec.CommandContext(t.Context(), "go", "build", "-o", bin, ".")
	cmd.Dir = e2ePath(t, "chi") // a module of its own
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return e2eStackServes(t, e2ePort(t), nil, bin)
}

func e2eStackNode(t *testing.T, file string) string {
	return e2eStackServes(t, e2ePort(t), []string{"NODE_PATH=" + e2eModules(t)}, "node", e2ePath(t, file))
}

// e2eInstalling is held by who installs modules: stacks start side by side.
var e2eInstalling sync.Mutex

// e2eModules installs what package-lock.json pins, once for each of its
// versions, and returns the folder of the modules.
func e2eModules(t *testing.T) string {
	t.Helper()
	e2eInstalling.Lock()
	defer e2eInstalling.Unlock()
	sum := sha256.New()
	files := []string{"package.json", "package-lock.json"}
	texts := make([][]byte, len(files))
	for i, name := range files {
		text, err := os.ReadFile(e2ePath(t, name))
		if err != nil {
			t.Fatal(err)
		}
		texts[i] = text
		_, _ = sum.Write(text) // a hash takes everything
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(cache, "hookproof-tools", "stacks-"+hex.EncodeToString(sum.Sum(nil))[:12])
	modules := filepath.Join(dir, "node_modules")
	if _, err := os.Stat(modules); err == nil {
		return modules
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		t.Fatal(err)
	}
	// Aside and moved into place, so that an interrupted installation leaves nothing that looks complete.
	aside, err := os.MkdirTemp(filepath.Dir(dir), "stacks-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(aside) })
	for i, name := range files {
		if err := os.WriteFile(filepath.Join(aside, name), texts[i], 0o644); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "npm", "ci", "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund")
	cmd.Dir = aside
	cmd.WaitDelay = 5 * time.Second
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("npm ci: %v\n%s", err, tail(string(out), 2000))
	}
	if err := os.Rename(aside, dir); err != nil && !errors.Is(err, fs.ErrExist) { // another process was first
		t.Fatal(err)
	}
	return modules
}

// e2eNginx puts nginx in front of the receiver on node's own module.
func e2eNginx(t *testing.T) string {
	behind := e2eReceiver(t, nil, "node/conforming.js")
	text, err := os.ReadFile(e2ePath(t, "nginx/nginx.conf"))
	if err != nil {
		t.Fatal(err)
	}
	dir, port := t.TempDir(), e2ePort(t)
	conf := strings.NewReplacer("LISTEN", "127.0.0.1:"+port, "RECEIVER", behind).Replace(string(text))
	if os.Geteuid() == 0 {
		conf = "user root;\n" + conf // its workers would not get at the folder otherwise
	}
	if err := os.WriteFile(filepath.Join(dir, "nginx.conf"), []byte(conf), 0o600); err != nil {
		t.Fatal(err)
	}
	nginx := "nginx"
	if _, err := exec.LookPath(nginx); err != nil {
		nginx = "/usr/sbin/nginx" // which is on the path of root only
	}
	return e2eStackServes(t, port, nil, nginx, "-p", dir, "-c", "nginx.conf", "-e", "stderr")
}

// e2eFlask needs Debian's gunicorn and python3-flask, or others that find each other.
func e2eFlask(t *testing.T) string {
	port := e2ePort(t)
	return e2eStackServes(t, port, nil, "gunicorn", "--chdir", e2ePath(t, "flask"), "--bind", "127.0.0.1:"+port,
		"--worker-class", "gthread", "--threads", "32", "--worker-tmp-dir", t.TempDir(), "receiver:app")
}

func e2ePHP(t *testing.T) string {
	port, env := e2ePort(t), []string{"PHP_CLI_SERVER_WORKERS=8", "SPOOL=" + t.TempDir()}
	e2eSpawn(t, env, "php", e2ePath(t, "php/worker.php"))
	return e2eStackServes(t, port, env, "php", "-S", "127.0.0.1:"+port, e2ePath(t, "php/receiver.php"))
}

// e2eJava has Java compile and run the one file, with Debian's Gson.
func e2eJava(t *testing.T) string {
	return e2eStackServes(t, e2ePort(t), nil, "java", "-cp", "/usr/share/java/gson.jar", e2ePath(t, "java/Receiver.java"))
}
