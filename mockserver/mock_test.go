package mockserver_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"testing"
	"time"

	"hookproof/mockserver"
	"hookproof/schemas"
)

// detail returns the whole of a delivery.
func detail(t *testing.T, m *mockserver.Mock, id string) mockserver.DeliveryDetail {
	t.Helper()
	d, err := m.Server.Delivery(context.Background(), id)
	if err != nil {
		t.Fatalf("Delivery(%s): %v", id, err)
	}
	return d
}

func TestEveryTriggerIsDelivered(t *testing.T) {
	t.Parallel()
	rc := newReceiver(t, nil)
	m := mockserver.Start(t, mockserver.Options{})
	hook := m.Webhook(mockserver.Webhook{URL: rc.URL})
	names := mockserver.Modern.Triggers()
	for _, name := range names {
		if got := m.Fire(mockserver.Fire{Trigger: name}).Deliveries; got != 1 {
			t.Errorf("Fire(%s) accepted %d deliveries, want 1", name, got)
		}
	}
	m.WaitFor(len(names), mockserver.Filter{State: mockserver.Delivered})
	for _, a := range rc.arrivals() {
		if _, err := schemas.ValidateEvent([]byte(a.body)); err != nil {
			t.Errorf("%v in %s", err, a.body)
		}
		var e struct{ Webhook, AppID string }
		if err := json.Unmarshal([]byte(a.body), &e); err != nil || e.AppID != mockserver.MockApp {
			t.Errorf("an event of app %q, %v, want %q", e.AppID, err, mockserver.MockApp)
		}
		if e.Webhook != hook && e.Webhook != "custom" {
			t.Errorf("an event for webhook %q, want %q", e.Webhook, hook)
		}
	}
	if got, want := len(rc.arrivals()), len(names); got != want {
		t.Errorf("the receiver got %d events, want %d", got, want)
	}
}

func TestDeliveryIsThatOfTheProvider(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		documented bool
		want       string
	}{{false, "Application/json"}, {true, "application/json"}} {
		rc := newReceiver(t, nil)
		m := mockserver.Start(t, mockserver.Options{Worker: mockserver.WorkerOptions{Documented: tt.documented}})
		m.Webhook(mockserver.Webhook{URL: rc.URL, UseBasicAuth: true, Username: "vendor", Password: "k3Jx92mQ7wTz4bLp"})
		m.Fire(mockserver.Fire{Trigger: "message_sent"})
		m.WaitFor(1, mockserver.Filter{State: mockserver.Delivered})
		got := rc.arrivals()[0].header
		if got.Get("Content-Type") != tt.want {
			t.Errorf("documented %v: content type %q, want %q", tt.documented, got.Get("Content-Type"), tt.want)
		}
		if user, pass, _ := (&http.Request{Header: got}).BasicAuth(); user != "vendor" || pass != "k3Jx92mQ7wTz4bLp" {
			t.Errorf("documented %v: credentials %q, %q", tt.documented, user, pass)
		}
	}
}

func TestRetriesOnFailure(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name     string
		retry    bool
		failures int
		attempts int
		state    mockserver.State
	}{
		{"no failure", true, 0, 1, mockserver.Delivered},
		{"one failure", true, 1, 2, mockserver.Delivered},
		{"two failures", true, 2, 3, mockserver.Delivered},
		{"three failures are the end", true, 3, 3, mockserver.Dead},
		{"none without retryOnFailure", false, 1, 1, mockserver.Dead},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			rc := newReceiver(t, failing(tt.failures))
			m := mockserver.Start(t, mockserver.Options{})
			m.Webhook(mockserver.Webhook{URL: rc.URL, RetryOnFailure: tt.retry})
			id := m.Fire(mockserver.Fire{Trigger: "user_blocked"}).IDs[0]
			m.WaitFor(1, mockserver.Filter{State: tt.state})
			d := detail(t, m, id)
			if d.Attempts != tt.attempts || len(d.Log) != tt.attempts {
				t.Fatalf("%d attempts, %d recorded, want %d", d.Attempts, len(d.Log), tt.attempts)
			}
			got := rc.arrivals()
			for i, a := range d.Log {
				if a.Number != i+1 || a.Answer == nil || a.Request.Size != len(got[i].body) {
					t.Errorf("attempt %d is recorded as %+v", i+1, a)
				}
				if got[i].body != got[0].body || d.Body != got[0].body {
					t.Errorf("attempt %d sent another event", i+1)
				}
				last := i == len(d.Log)-1
				if (a.Reason == "") != (a.Answer.Status == 200) || a.Next.IsZero() != last || (a.Why == "") != (a.State == mockserver.Delivered) {
					t.Errorf("attempt %d: reason %q, next %v, why %q", i+1, a.Reason, a.Next, a.Why)
				}
				if i > 0 {
					// A hundredth of the provider's 10 and 30 s, from the end of the one before.
					want := []time.Duration{100 * time.Millisecond, 300 * time.Millisecond}[i-1]
					before := d.Log[i-1]
					wait := a.Start.Sub(before.Start) - time.Duration(before.Timing.Total*float64(time.Millisecond))
					if wait < want-time.Millisecond {
						t.Errorf("attempt %d began %v after the failure before, want at least %v", i+1, wait, want)
					}
				}
			}
		})
	}
}

func TestRedeliver(t *testing.T) {
	t.Parallel()
	rc := newReceiver(t, failing(5))
	m := mockserver.Start(t, mockserver.Options{})
	m.Webhook(mockserver.Webhook{URL: rc.URL})
	ids := m.Fire(mockserver.Fire{Trigger: "group_created", Count: 5}).IDs
	m.WaitFor(5, mockserver.Filter{State: mockserver.Dead})
	ctx := context.Background()
	d, err := m.Server.Redeliver(ctx, ids[2])
	// It may be delivered before Redeliver returns.
	if err != nil || d.State != mockserver.Queued && d.State != mockserver.Delivered {
		t.Fatalf("Redeliver: %+v, %v", d, err)
	}
	m.WaitFor(1, mockserver.Filter{State: mockserver.Delivered})
	if n, err := m.Server.RedeliverDead(ctx, mockserver.Filter{Trigger: "user_blocked"}); n != 0 || err != nil {
		t.Errorf("RedeliverDead of another trigger: %d, %v", n, err)
	}
	if n, err := m.Server.RedeliverDead(ctx, mockserver.Filter{}); n != 4 || err != nil {
		t.Errorf("RedeliverDead: %d, %v, want 4", n, err)
	}
	m.WaitFor(5, mockserver.Filter{State: mockserver.Delivered})
	for _, id := range ids {
		if d := detail(t, m, id); d.Attempts != 2 || d.Log[0].Number != 1 || d.Log[1].Number != 1 {
			t.Errorf("%s: %d attempts, recorded %+v", id, d.Attempts, d.Log)
		}
	}
	if _, err := m.Server.Redeliver(ctx, "no-such"); !errors.Is(err, mockserver.ErrNotFound) {
		t.Errorf("Redeliver of none: %v", err)
	}
}
