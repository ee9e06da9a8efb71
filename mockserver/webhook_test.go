package mockserver_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"hookproof/mockserver"
	"hookproof/mockserver/delivery"
)

func TestDisabledAndDeletedWebhooksAreNotDelivered(t *testing.T) {
	t.Parallel()
	rc := newReceiver(t, func(int, *http.Request) int { return http.StatusBadGateway })
	m := mockserver.Start(t, mockserver.Options{Worker: mockserver.WorkerOptions{TimeScale: 0.1}})
	m.Webhook(mockserver.Webhook{ID: "hook", URL: rc.URL, RetryOnFailure: true})
	m.Fire(mockserver.Fire{Trigger: "message_sent"})
	m.WaitFor(1, mockserver.Filter{State: mockserver.Retrying})
	request(t, m, http.MethodPut, "/webhooks/hook", `{"enabled":false}`)
	d := m.WaitFor(1, mockserver.Filter{State: mockserver.Discarded})[0]
	if d.Attempts != 1 || d.Last != "disabled" {
		t.Errorf("discarded as %+v, want after one attempt because disabled", d)
	}
	request(t, m, http.MethodPut, "/webhooks/hook", `{"enabled":true}`)
	m.Fire(mockserver.Fire{Trigger: "message_sent"})
	m.WaitFor(1, mockserver.Filter{State: mockserver.Retrying})
	request(t, m, http.MethodDelete, "/webhooks/hook", "")
	before := len(rc.arrivals())
	m.Webhook(mockserver.Webhook{ID: "hook", URL: rc.URL})
	time.Sleep(1500 * time.Millisecond) // the retry was due a second after the failure
	if got := len(rc.arrivals()); got != before {
		t.Errorf("%d attempts after the webhook was deleted", got-before)
	}
}

func TestSlowWebhookDelaysNoOther(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	slow := newReceiver(t, func(int, *http.Request) int { <-release; return http.StatusOK })
	defer close(release)
	fast := newReceiver(t, nil)
	m := mockserver.Start(t, mockserver.Options{Worker: mockserver.WorkerOptions{Concurrency: 4}})
	m.Webhook(mockserver.Webhook{ID: "slow", URL: slow.URL})
	m.Webhook(mockserver.Webhook{ID: "fast", URL: fast.URL})
	m.Fire(mockserver.Fire{Trigger: "message_sent", Count: 50})
	m.WaitFor(50, mockserver.Filter{Webhook: "fast", State: mockserver.Delivered})
	if got := len(m.Deliveries(mockserver.Filter{Webhook: "slow", State: mockserver.Delivered})); got != 0 {
		t.Errorf("%d deliveries to the slow webhook, want none before the fast ones", got)
	}
}

func TestNoAnswerIsAFailure(t *testing.T) {
	t.Parallel()
	m := mockserver.Start(t, mockserver.Options{Worker: mockserver.WorkerOptions{Timeout: 100 * time.Millisecond}})
	gone := newReceiver(t, nil)
	gone.Close()
	hang := make(chan struct{})
	slow := newReceiver(t, func(int, *http.Request) int { <-hang; return 200 })
	defer close(hang)
	m.Webhook(mockserver.Webhook{ID: "gone", URL: gone.URL})
	m.Webhook(mockserver.Webhook{ID: "slow", URL: slow.URL})
	m.Fire(mockserver.Fire{Trigger: "message_sent"})
	for _, d := range m.WaitFor(2, mockserver.Filter{State: mockserver.Dead}) {
		want := map[string]delivery.Failure{"gone": delivery.FailRefused, "slow": delivery.FailTimeout}[d.Webhook]
		a := detail(t, m, d.ID).Log[0]
		if a.Failure != want || a.Answer != nil || a.Reason == "" || d.Last != string(want) {
			t.Errorf("%s: failure %q, last %q, answer %v, reason %q, want %q", d.Webhook, a.Failure, d.Last, a.Answer, a.Reason, want)
		}
	}
}

func TestFaultsAreDoneAndRecorded(t *testing.T) {
	t.Parallel()
	rc := newReceiver(t, nil)
	m := mockserver.Start(t, mockserver.Options{})
	m.Webhook(mockserver.Webhook{ID: "hook", URL: rc.URL, RetryOnFailure: true, UseBasicAuth: true, Username: "vendor", Password: "k3Jx92mQ7wTz4bLp"})
	rules := mockserver.FaultRules{All: delivery.Faults{Duplicate: delivery.Fault{Percent: 100}}}
	if err := m.Server.SetFaults(context.Background(), rules); err != nil {
		t.Fatal(err)
	}
	id := m.Fire(mockserver.Fire{Trigger: "message_sent"}).IDs[0]
	m.WaitFor(1, mockserver.Filter{State: mockserver.Delivered})
	if got := detail(t, m, id).Log[0].Faults; len(got) != 1 || got[0] != delivery.FaultDuplicate {
		t.Errorf("faults %v are recorded, want that of a duplicate", got)
	}
	if got := rc.arrivals(); len(got) != 2 || got[0].body != got[1].body {
		t.Errorf("the receiver got %d events, want the same twice", len(got))
	}
	bad := mockserver.FaultRules{All: delivery.Faults{Drop: delivery.Fault{Percent: 101}}}
	if _, ok := errors.AsType[*mockserver.RequestError](m.Server.SetFaults(context.Background(), bad)); !ok {
		t.Errorf("faults of 101 percent are taken")
	}
	if err := m.Server.SetFaults(context.Background(), mockserver.FaultRules{}); err != nil || m.Server.Faults().Any() {
		t.Errorf("faults off: %v, %v", m.Server.Faults(), err)
	}
}

func TestReset(t *testing.T) {
	t.Parallel()
	rc := newReceiver(t, failing(1000))
	preset := mockserver.Webhook{ID: "preset", Name: "Preset", URL: rc.URL, Enabled: true, RetryOnFailure: true, Triggers: []string{"message_sent"}}
	m := mockserver.Start(t, mockserver.Options{
		Accounts: []mockserver.Account{{Key: "k", Secret: "s", Apps: []mockserver.App{{ID: "app1", Webhooks: []mockserver.Webhook{preset}}}}},
		Worker:   mockserver.WorkerOptions{TimeScale: 0.05},
	})
	m.Webhook(mockserver.Webhook{ID: "other", URL: rc.URL})
	if got := m.Fire(mockserver.Fire{Trigger: "message_sent", Count: 10}).Deliveries; got != 20 {
		t.Fatalf("%d deliveries, want 20", got)
	}
	m.WaitFor(10, mockserver.Filter{State: mockserver.Retrying})
	m.WaitFor(10, mockserver.Filter{State: mockserver.Dead})
	if err := m.Server.Reset(context.Background()); err != nil {
		t.Fatal(err)
	}
	before := len(rc.arrivals())
	if got := m.Deliveries(mockserver.Filter{}); len(got) != 0 {
		t.Errorf("%d deliveries after a reset", len(got))
	}
	hooks := m.Server.Apps()[0].Webhooks
	if len(hooks) != 1 || hooks[0].ID != "preset" {
		t.Errorf("webhooks %+v after a reset, want the preset one", hooks)
	}
	time.Sleep(800 * time.Millisecond) // the retries were due half a second after the failures
	if got := len(rc.arrivals()); got != before {
		t.Errorf("%d attempts of deliveries from before the reset", got-before)
	}
	m.Fire(mockserver.Fire{Trigger: "message_sent"})
	m.WaitFor(1, mockserver.Filter{State: mockserver.Retrying})
}
