package mockserver

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/x509"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"hookproof/mockserver/queue"
)

// Mock is a CometChat of a test's own. Every receiver may be http and on
// loopback, and its waits before retries are a hundredth of the provider's,
// unless the options say otherwise.
type Mock struct {
	// URL is where the management API is served; requests need Key and Secret.
	URL, Key, Secret string
	App              string
	// Server is what Mock wraps: for all that is not needed often.
	Server *Server

	t testing.TB
}

// Credentials and app of a Mock whose options name none.
const (
	MockKey    = "mock-key"
	MockSecret = "mock-secret"
	MockApp    = "app0001"
)

// patience is how long WaitFor waits.
const patience = 30 * time.Second

// Start runs a CometChat, in memory, until the test ends. Tests that run in
// parallel each have their own.
func Start(t testing.TB, o Options) *Mock {
	t.Helper()
	if len(o.Accounts) == 0 {
		o.Accounts = []Account{{Key: MockKey, Secret: MockSecret, Apps: []App{{ID: MockApp}}}}
	}
	o.AllowHTTP, o.AllowPrivate = true, true
	o.Worker.TimeScale = cmp.Or(o.Worker.TimeScale, 0.01)
	o.RatePerMinute = cmp.Or(o.RatePerMinute, -1)
	ctx, cancel := context.WithCancel(context.Background())
	q, err := queue.Embedded(ctx, queue.EmbeddedOptions{Log: o.Log})
	if err != nil {
		cancel()
		t.Fatalf("mockserver.Start: %v", err)
	}
	s, err := New(q, o)
	if err != nil {
		cancel()
		_ = q.Close()
		t.Fatalf("mockserver.Start: %v", err)
	}
	ran := make(chan error, 1)
	go func() { ran <- s.Run(ctx) }()
	api := httptest.NewServer(s.Management())
	t.Cleanup(func() {
		api.Close()
		cancel()
		if err := <-ran; err != nil {
			t.Errorf("mockserver: %v", err)
		}
		if err := q.Close(); err != nil {
			t.Errorf("mockserver: %v", err)
		}
	})
	ready, stop := context.WithTimeout(ctx, patience)
	defer stop()
	if err := s.Ready(ready); err != nil {
		t.Fatalf("mockserver.Start: %v", err)
	}
	a := o.Accounts[0]
	return &Mock{URL: api.URL, Key: a.Key, Secret: a.Secret, App: a.Apps[0].ID, Server: s, t: t}
}

// Webhook adds a webhook: enabled, for all triggers of the catalogue if it
// names none, and with an id and a name if it has none. It returns the id.
func (m *Mock) Webhook(w Webhook) string {
	m.t.Helper()
	w.Enabled = true
	w.ID = cmp.Or(w.ID, "hook-"+strings.ToLower(rand.Text()[:8]))
	w.Name = cmp.Or(w.Name, w.ID)
	if len(w.Triggers) == 0 {
		w.Triggers = m.Server.apps[m.App].Generation.Triggers()
	}
	if err := m.Server.AddWebhook(context.Background(), m.App, w); err != nil {
		m.t.Fatalf("Webhook(%s): %v", w.ID, err)
	}
	return w.ID
}

// Fire fires events; an error ends the test.
func (m *Mock) Fire(f Fire) Fired {
	m.t.Helper()
	f.App = cmp.Or(f.App, m.App)
	fired, err := m.Server.Fire(context.Background(), f)
	if err != nil {
		m.t.Fatalf("Fire(%+v): %v", f, err)
	}
	return fired
}

// Play begins a scenario; an error ends the test.
func (m *Mock) Play(p Play) Played {
	m.t.Helper()
	p.App = cmp.Or(p.App, m.App)
	played, err := m.Server.Play(context.Background(), p)
	if err != nil {
		m.t.Fatalf("Play: %v", err)
	}
	return played
}

// Deliveries are those that match, the oldest first.
func (m *Mock) Deliveries(f Filter) []Delivery {
	m.t.Helper()
	var all []Delivery
	for cursor := ""; ; {
		page, err := m.Server.Deliveries(context.Background(), f, MaxPage, cursor)
		if err != nil {
			m.t.Fatalf("Deliveries(%+v): %v", f, err)
		}
		all = append(all, page.Deliveries...)
		if cursor = page.Cursor; cursor == "" {
			slices.Reverse(all)
			return all
		}
	}
}

// WaitFor waits until n deliveries match, or more, and returns them, the oldest
// first. After 30 seconds it ends the test.
func (m *Mock) WaitFor(n int, f Filter) []Delivery {
	m.t.Helper()
	deadline := time.Now().Add(patience)
	for {
		found := m.Deliveries(f)
		if len(found) >= n {
			return found
		}
		if time.Now().After(deadline) {
			m.t.Fatalf("WaitFor(%d, %+v): %d deliveries after %s, of %d in all", n, f, len(found), patience, len(m.Deliveries(Filter{})))
		}
		time.Sleep(2 * time.Millisecond)
	}
}

// Trust makes a pool of one certificate, as httptest.NewTLSServer has one, for
// WorkerOptions.RootCAs.
func Trust(c *x509.Certificate) *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(c)
	return pool
}
