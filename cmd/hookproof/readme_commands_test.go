//go:build unix

package main

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"hookproof/conformance"
	"hookproof/fixtures"
)

// readmeAuth is the Basic auth that the README gives.
const readmeAuth = "vendor:k3Jx92mQ7wTz4bLp"

// readmeCommands returns the lines of the README's sh blocks, continued ones joined.
func readmeCommands(t *testing.T) []string {
	text, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, block := range regexp.MustCompile("(?ms)^```sh\n(.*?)^```$").FindAllStringSubmatch(string(text), -1) {
		out = append(out, strings.Split(strings.TrimSpace(strings.ReplaceAll(block[1], "\\\n", " ")), "\n")...)
	}
	return out
}

// TestREADMECommands runs every command of the README as it stands there, but
// for its public URL, which a reference receiver on loopback stands in for.
func TestREADMECommands(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("with -short the scripts are enough")
	}
	root, err := filepath.Abs(moduleAt)
	if err != nil {
		t.Fatal(err)
	}
	reports := filepath.Join(root, "hookproof-report")
	if _, err := os.Stat(reports); errors.Is(err, fs.ErrNotExist) {
		t.Cleanup(func() { _ = os.RemoveAll(reports) })
	}
	r := &reader{root: root, dir: t.TempDir(), bin: t.TempDir()}
	ran := 0
	for _, line := range readmeCommands(t) {
		switch {
		case line == "go test ./...": // is running this
		case strings.HasPrefix(line, "go "):
			r.run(t, root, line)
		case strings.HasPrefix(line, "export "):
			name, value, _ := strings.Cut(strings.TrimPrefix(line, "export "), "=")
			r.env = append(r.env, name+"="+strings.Trim(value, "'"))
		case strings.HasPrefix(line, "hookproof listen"):
			r.listenOnce(t, line)
		case strings.HasPrefix(line, "hookproof traffic"):
			r.certifiable(t)
			r.run(t, r.dir, r.local(line)+" || test $? -eq 3") // this machine may be too busy for a schedule
		case strings.Contains(line, " --sign "):
			r.certifiable(t)
			r.run(t, r.dir, r.local(line)+" || test $? -eq 3") // what is on loopback cannot be certified
		case strings.HasPrefix(line, "hookproof verify"):
			certificate, key := signedCertificate(t, time.Hour, func(*conformance.Report) {})
			r.run(t, r.dir, "cp "+certificate+" hookproof.intoto.json; cp "+key+" key.pub.pem; "+line)
		case strings.Contains(line, "--waivers"):
			r.certifiable(t)
			waivers := readmeWaivers(t)
			if err := os.WriteFile(filepath.Join(r.dir, "waivers.yaml"), waivers, 0o600); err != nil {
				t.Fatal(err)
			}
			r.run(t, r.dir, r.local(line))
		case strings.HasPrefix(line, "hookproof serve"):
			r.serve(t, line)
		default:
			r.certifiable(t)
			r.run(t, r.dir, r.local(line))
		}
		ran++
	}
	if ran < 15 {
		t.Errorf("the README has %d commands, which cannot be all of them", ran)
	}
}

// readmeWaivers is the README's file of waivers.
func readmeWaivers(t *testing.T) []byte {
	text, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	block := regexp.MustCompile("(?ms)^```yaml\n(waivers:\n.*?)^```$").FindSubmatch(text)
	if block == nil {
		t.Fatal("the README shows no waivers")
	}
	return block[1]
}

// reader is somebody who types the README's commands.
type reader struct {
	root, dir, bin string
	env            []string
	https, http    string // receivers that stand in for those of the README
	mock           serving
}

func (r *reader) command(t *testing.T, dir, line string) *exec.Cmd {
	cmd := exec.CommandContext(t.Context(), "bash", "-euc", line)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOBIN="+r.bin, "PATH="+r.bin+string(os.PathListSeparator)+os.Getenv("PATH"))
	cmd.Env = append(cmd.Env, r.env...)
	return cmd
}

func (r *reader) run(t *testing.T, dir, line string) {
	t.Helper()
	if out, err := r.command(t, dir, line).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", line, err, out)
	}
}

// certifiable starts the receivers that the README supposes.
func (r *reader) certifiable(t *testing.T) {
	if r.https == "" {
		r.https, _ = r.start(t, "exec hookproof listen --tls --auth "+readmeAuth+" --ca-out ca.pem")
		r.http, _ = r.start(t, "exec hookproof listen --auth "+readmeAuth)
	}
}

// start runs listen in the background until the test ends, or stop does.
func (r *reader) start(t *testing.T, line string) (url string, stop func()) {
	t.Helper()
	var first ready
	stop = r.background(t, line, &first)
	return first.URL, stop
}

// serve runs the README's serve until the test ends, on ports that are free.
func (r *reader) serve(t *testing.T, line string) {
	t.Helper()
	r.background(t, "exec "+line+" --port 0", &r.mock)
}

// background runs a verb until the test ends, or stop does, and reads its first
// line.
func (r *reader) background(t *testing.T, line string, into any) (stop func()) {
	t.Helper()
	cmd := r.command(t, r.dir, line)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	stop = func() {
		if cmd.ProcessState == nil {
			_ = cmd.Process.Signal(os.Interrupt)
			_ = cmd.Wait()
		}
	}
	t.Cleanup(stop)
	lines := bufio.NewReader(out)
	first, err := lines.ReadBytes('\n')
	if err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	if err := json.Unmarshal(first, into); err != nil {
		t.Fatalf("%s: its first line is %q: %v", line, first, err)
	}
	go func() { _, _ = io.Copy(io.Discard, lines) }()
	return stop
}

// listenOnce runs the README's listen, sends it an event and stops it.
func (r *reader) listenOnce(t *testing.T, line string) {
	t.Helper()
	// The receivers before it have written the same file.
	url, stop := r.start(t, "exec "+strings.ReplaceAll(line, "--ca-out ca.pem", "--ca-out listen.pem"))
	defer stop()
	body, _ := fixtures.Example("message_sent")
	var compact bytes.Buffer
	if err := json.Compact(&compact, body); err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, &compact)
	if err != nil {
		t.Fatal(err)
	}
	user, pass, _ := strings.Cut(readmeAuth, ":")
	req.SetBasicAuth(user, pass)
	req.Header.Set("Content-Type", "application/json")
	pem, err := os.ReadFile(filepath.Join(r.dir, "listen.pem"))
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}}
	defer transport.CloseIdleConnections()
	resp, err := (&http.Client{Transport: transport}).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Errorf("%s: answered %s, want 200", line, resp.Status)
	}
}

// local replaces the URLs of the README by those of the receivers on loopback.
func (r *reader) local(line string) string {
	for _, public := range []string{"https://hooks.example.com/cometchat", "https://127.0.0.1:8443/webhook"} {
		if strings.Contains(line, public) && !strings.Contains(line, "--ca-file") {
			line += " --ca-file ca.pem"
		}
		line = strings.ReplaceAll(line, public, r.https)
	}
	return strings.NewReplacer(
		"http://127.0.0.1:8080/webhook", r.http, "http://127.0.0.1:8700", r.mock.Management, "http://127.0.0.1:8701", r.mock.Control,
	).Replace(line)
}
