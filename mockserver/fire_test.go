package mockserver_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"hookproof/mockserver"
	"hookproof/schemas"
)

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
