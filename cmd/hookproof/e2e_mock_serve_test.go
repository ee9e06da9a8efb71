//go:build e2e && unix

package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"hookproof/mockserver"
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

// call makes a request of the control surface; in and out may be nil.
func (s *e2eServe) call(ctx context.Context, method, path string, in, out any) error {
	var body io.Reader
	if in != nil {
		text, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(ctx, method, s.addresses().Control+path, body)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+mockControl)
	req.Header.Set("Content-Type", "application/json")
	return s.do(req, out)
}

// do sends a request whose answer must be a success without secrets.
func (s *e2eServe) do(req *http.Request, out any) error {
	resp, err := s.http.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	e2eNoSecrets(s.t, req.Method+" "+req.URL.Path, string(text)+fmt.Sprint(resp.Header))
	if resp.StatusCode/100 != 2 {
		return fmt.Errorf("%s %s: %d %s", req.Method, req.URL.Path, resp.StatusCode, text)
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(text, out)
}

// must is call for what has to succeed.
func (s *e2eServe) must(method, path string, in, out any) {
	s.t.Helper()
	if err := s.call(s.t.Context(), method, path, in, out); err != nil {
		s.t.Fatal(err)
	}
}

// webhook makes a webhook for message_sent with the management API.
func (s *e2eServe) webhook(id, url string, retry bool) {
	s.t.Helper()
	s.manage("/apps/"+mockApp+"/webhooks", map[string]any{
		"id": id, "name": id, "webhookURL": url, "useBasicAuth": true, "username": mockUser, "password": mockPassword, "retryOnFailure": retry,
	})
	s.manage("/apps/"+mockApp+"/webhooks/"+id+"/triggers", map[string]any{"triggerIds": []string{"message_sent"}})
}

func (s *e2eServe) manage(path string, in any) {
	s.t.Helper()
	text, err := json.Marshal(in)
	if err != nil {
		s.t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, s.addresses().Management+path, bytes.NewReader(text))
	if err != nil {
		s.t.Fatal(err)
	}
	for name, value := range map[string]string{"key": mockKey, "secret": mockSecret, "X-Webhook-Version": "2", "Content-Type": "application/json"} {
		req.Header.Set(name, value)
	}
	if err := s.do(req, nil); err != nil {
		s.t.Fatal(err)
	}
}

// fire fires n events of message_sent whose text is tag.
func (s *e2eServe) fire(ctx context.Context, webhook, tag string, n int) (mockserver.Fired, error) {
	var fired mockserver.Fired
	err := s.call(ctx, http.MethodPost, "/v1/events", map[string]any{
		"trigger": "message_sent", "webhook": webhook, "count": n, "set": map[string]any{"data.message.data.text": tag},
	}, &fired)
	if err == nil && (fired.Deliveries != n || len(fired.IDs) != n || fired.Refused != 0) {
		err = fmt.Errorf("%d events fired: %+v", n, fired)
	}
	return fired, err
}

// deliveries lists all deliveries that match a query, page by page.
func (s *e2eServe) deliveries(query string) map[string]mockserver.Delivery {
	s.t.Helper()
	all := map[string]mockserver.Delivery{}
	for cursor := ""; ; {
		var page mockserver.Page
		s.must(http.MethodGet, "/v1/deliveries?limit=1000"+query+cursor, nil, &page)
		for _, d := range page.Deliveries {
			if _, twice := all[d.ID]; twice {
				s.t.Errorf("delivery %s is listed twice", d.ID)
			}
			all[d.ID] = d
		}
		if page.Cursor == "" {
			return all
		}
		cursor = "&cursor=" + page.Cursor
	}
}

// settled waits until nothing waits to be delivered.
func (s *e2eServe) settled(within time.Duration) {
	s.t.Helper()
	var stats mockserver.Stats
	for deadline := time.Now().Add(within); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		s.must(http.MethodGet, "/v1/stats", nil, &stats)
		if stats.Queued+stats.Retrying == 0 {
			return
		}
	}
	s.t.Fatalf("after %s: %+v, want nothing queued and nothing retrying", within, stats)
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
