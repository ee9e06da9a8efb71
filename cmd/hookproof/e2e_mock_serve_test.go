//go:build e2e && unix

package main

import (
	"encoding/base64"
	"encoding/json"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// What no process may write and no answer of a control surface may hold.
const (
	mockKey      = "k3yOfTheAccount7Qm"
	mockSecret   = "s3cretOfTheAccount9Zt"
	mockToken    = "t0kenOfTheQueue4Wn"
	mockControl  = "t0kenOfTheControl6Hv"
	mockPassword = "passw0rdOfTheWebhook2Lx"
	mockUser     = "mockvendor"
	mockApp      = "app0001"
)

// mockSecrets are all of them, in each form in which they travel.
func mockSecrets() []string {
	basic := base64.StdEncoding.EncodeToString([]byte(mockUser + ":" + mockPassword))
	return []string{mockKey, mockSecret, mockToken, mockControl, mockPassword, basic}
}

// e2eServe is a hookproof serve that can be killed and started again, and a
// client of it. Its client's calls are safe for concurrent use with all of that.
type e2eServe struct {
	t    *testing.T
	bin  string
	args []string
	http *http.Client

	process *e2eProcess // of the test's own goroutine

	mu    sync.Mutex
	ready serving
}

// e2eServes starts one. It has the secrets above; args are added to its flags.
func e2eServes(t *testing.T, bin string, args ...string) *e2eServe {
	t.Helper()
	s := &e2eServe{
		t: t, bin: bin,
		args: append([]string{
			"serve", "--app", mockApp, "--key", mockKey, "--secret", mockSecret, "--control-token", mockControl,
			"--port", "0", "--allow-http", "--allow-private",
		}, args...),
		http: &http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 64}},
	}
	t.Cleanup(s.http.CloseIdleConnections)
	s.start()
	return s
}

// start starts it, again or for the first time, and waits until it is ready.
func (s *e2eServe) start() {
	s.t.Helper()
	s.process = e2eSpawn(s.t, nil, s.bin, s.args...)
	line := s.process.line(s.t)
	var ready serving
	if err := json.Unmarshal([]byte(line), &ready); err != nil {
		s.t.Fatalf("serve printed %q: %v", line, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ready = ready
}

func (s *e2eServe) addresses() serving {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ready
}

// e2eWorks starts a worker on a queue and waits until it is at work.
func e2eWorks(t *testing.T, bin, nats string, args ...string) *e2eProcess {
	t.Helper()
	p := e2eSpawn(t, []string{"HOOKPROOF_NATS=" + nats}, bin, append([]string{"worker"}, args...)...)
	p.says(t, "is at work")
	return p
}

// e2eNoSecrets demands that a text holds none of the secrets.
func e2eNoSecrets(t *testing.T, what, text string) {
	t.Helper()
	for _, secret := range mockSecrets() {
		if strings.Contains(text, secret) {
			t.Errorf("%s holds the secret %s", what, secret)
		}
	}
}

// e2eFreePort is one of loopback at which nobody listens.
func e2eFreePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}
