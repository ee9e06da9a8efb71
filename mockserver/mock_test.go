package mockserver_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"hookproof/mockserver"
	"hookproof/mockserver/delivery"
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

func TestOnlyThoseWhoWantAreDelivered(t *testing.T) {
	t.Parallel()
	rc := newReceiver(t, nil)
	m := mockserver.Start(t, mockserver.Options{})
	m.Webhook(mockserver.Webhook{ID: "messages", URL: rc.URL, Triggers: []string{"message_sent", "message_edited"}})
	m.Webhook(mockserver.Webhook{ID: "calls", URL: rc.URL, Triggers: []string{"call_ended", "message_sent"}})
	for trigger, want := range map[string]int{"message_sent": 2, "message_edited": 1, "call_ended": 1, "group_created": 0} {
		if got := m.Fire(mockserver.Fire{Trigger: trigger}).Deliveries; got != want {
			t.Errorf("Fire(%s) accepted %d deliveries, want %d", trigger, got, want)
		}
	}
	if got := m.Fire(mockserver.Fire{Trigger: "message_sent", Webhook: "calls"}).Deliveries; got != 1 {
		t.Errorf("Fire to one webhook accepted %d deliveries, want 1", got)
	}
	for _, d := range m.WaitFor(5, mockserver.Filter{State: mockserver.Delivered}) {
		if !strings.Contains(detail(t, m, d.ID).Body, `"webhook":"`+d.Webhook+`"`) {
			t.Errorf("the event for %s does not name it", d.Webhook)
		}
	}
}

func TestFireRefuses(t *testing.T) {
	t.Parallel()
	rc := newReceiver(t, nil)
	m := mockserver.Start(t, mockserver.Options{})
	m.Webhook(mockserver.Webhook{ID: "hook", URL: rc.URL, Triggers: []string{"message_sent"}})
	value := func(path, v string) []mockserver.SetValue {
		return []mockserver.SetValue{{Path: path, Value: json.RawMessage(v)}}
	}
	for _, tt := range []struct {
		fire  mockserver.Fire
		field string
	}{
		{mockserver.Fire{}, "trigger"},
		{mockserver.Fire{Trigger: "message_snt"}, "trigger"},
		{mockserver.Fire{Trigger: "message_sent", App: "other"}, "app"},
		{mockserver.Fire{Trigger: "message_sent", Webhook: "other"}, "webhook"},
		{mockserver.Fire{Trigger: "user_blocked", Webhook: "hook"}, "webhook"},
		{mockserver.Fire{Trigger: "message_sent", Count: -1}, "count"},
		{mockserver.Fire{Trigger: "message_sent", Count: mockserver.MaxFire + 1}, "count"},
		{mockserver.Fire{Trigger: "message_sent", Set: value("data.nothing", "1")}, "set"},
		{mockserver.Fire{Trigger: "message_sent", Set: value("data.message.id", "1")}, "set"},
		{mockserver.Fire{Body: []byte(`{"trigger":"message_sent"}`)}, "body"},
		{mockserver.Fire{Body: []byte(`nothing`)}, "body"},
		{mockserver.Fire{Body: make([]byte, schemas.MaxPayload+1), Force: true}, "body"},
	} {
		fired, err := m.Server.Fire(context.Background(), tt.fire)
		e, ok := errors.AsType[*mockserver.RequestError](err)
		if !ok || e.Field != tt.field || fired.Deliveries != 0 || strings.Contains(err.Error(), "\n") {
			t.Errorf("Fire(%.80v): %+v, %v, want an error about %s", tt.fire, fired, err, tt.field)
		}
	}
	if all := m.Deliveries(mockserver.Filter{}); len(all) != 0 {
		t.Errorf("%d deliveries of what was refused", len(all))
	}
}

func TestForce(t *testing.T) {
	t.Parallel()
	rc := newReceiver(t, nil)
	m := mockserver.Start(t, mockserver.Options{})
	m.Webhook(mockserver.Webhook{URL: rc.URL, Triggers: []string{"message_sent"}})
	for _, body := range []string{`{"trigger":"wct_unknown","data":{}}`, `no JSON at all`, `{"trigger":"message_sent"}`} {
		if got := m.Fire(mockserver.Fire{Body: []byte(body), Force: true}).Deliveries; got != 1 {
			t.Errorf("forced %s: %d deliveries, want 1", body, got)
		}
		m.WaitFor(1, mockserver.Filter{State: mockserver.Delivered})
	}
	m.WaitFor(3, mockserver.Filter{State: mockserver.Delivered})
}

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

// TestMessageIDsDoNotComeBack: receivers tell events by the ids of messages, so
// those of another node, or of this one started again, are others.
func TestMessageIDsDoNotComeBack(t *testing.T) {
	t.Parallel()
	rc := newReceiver(t, nil)
	const events = 20
	for range 2 {
		m := mockserver.Start(t, mockserver.Options{Seed: 1})
		m.Webhook(mockserver.Webhook{URL: rc.URL})
		m.Fire(mockserver.Fire{Trigger: "message_sent", Count: events})
		m.WaitFor(events, mockserver.Filter{State: mockserver.Delivered})
	}
	seen := map[string]bool{}
	for _, a := range rc.arrivals() {
		var e struct {
			Data struct{ Message struct{ ID string } }
		}
		if err := json.Unmarshal([]byte(a.body), &e); err != nil {
			t.Fatal(err)
		}
		seen[e.Data.Message.ID] = true
	}
	if got, want := len(seen), 2*events; got != want {
		t.Errorf("%d events of two servers have %d ids, want as many", want, got)
	}
}

// TestChangesFindAnEventThatHasThem: of messages only some are texts.
func TestChangesFindAnEventThatHasThem(t *testing.T) {
	t.Parallel()
	rc := newReceiver(t, nil)
	m := mockserver.Start(t, mockserver.Options{Seed: 1})
	m.Webhook(mockserver.Webhook{URL: rc.URL})
	const events = 300
	set := []mockserver.SetValue{{Path: "data.message.data.text", Value: json.RawMessage(`"Hello"`)}}
	m.Fire(mockserver.Fire{Trigger: "message_sent", Count: events, Set: set})
	m.WaitFor(events, mockserver.Filter{State: mockserver.Delivered})
	for _, a := range rc.arrivals() {
		if !strings.Contains(a.body, `"text":"Hello"`) {
			t.Errorf("an event without the text: %s", a.body)
		}
	}
}

func TestLegacyGeneration(t *testing.T) {
	t.Parallel()
	rc := newReceiver(t, nil)
	m := mockserver.Start(t, mockserver.Options{
		Accounts: []mockserver.Account{{Key: "k", Secret: "s", Apps: []mockserver.App{{ID: "old", Generation: mockserver.Legacy}}}},
	})
	m.Webhook(mockserver.Webhook{URL: rc.URL})
	for _, name := range mockserver.Legacy.Triggers() {
		if got := m.Fire(mockserver.Fire{Trigger: name}).Deliveries; got != 1 {
			t.Errorf("Fire(%s) accepted %d deliveries, want 1", name, got)
		}
	}
	for _, d := range m.WaitFor(3, mockserver.Filter{State: mockserver.Delivered}) {
		full := detail(t, m, d.ID)
		if _, err := schemas.ValidateEventOf(schemas.Legacy, []byte(full.Body)); err != nil {
			t.Errorf("%s: %v", d.Trigger, err)
		}
		want := ""
		if d.Trigger == "before_message" {
			want = string(schemas.Passes)
		}
		if got := full.Log[0].Decision; got != want {
			t.Errorf("%s: decision %q, want %q", d.Trigger, got, want)
		}
	}
	_, err := m.Server.Fire(context.Background(), mockserver.Fire{Trigger: "message_sent"})
	if e, ok := errors.AsType[*mockserver.RequestError](err); !ok || e.Field != "trigger" {
		t.Errorf("Fire of the other generation: %v, want an error about the trigger", err)
	}
}
