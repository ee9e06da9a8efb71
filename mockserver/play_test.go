package mockserver_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"hookproof/fixtures"
	"hookproof/mockserver"
)

func scenario(t *testing.T, name string) *fixtures.Scenario {
	t.Helper()
	s, ok := fixtures.LookupScenario(name)
	if !ok {
		t.Fatalf("no scenario %s", name)
	}
	return s
}

// TestPlayedScenariosArrive: all of it, as a story that hangs together, with ids that
// no other event has and times that have passed.
func TestPlayedScenariosArrive(t *testing.T) {
	t.Parallel()
	rc := newReceiver(t, nil)
	m := mockserver.Start(t, mockserver.Options{})
	m.Webhook(mockserver.Webhook{ID: "hook", URL: rc.URL})
	first := m.Play(mockserver.Play{Scenario: scenario(t, "moderation-incident"), Seed: 7})
	second := m.Play(mockserver.Play{Scenario: scenario(t, "first-conversation"), Speed: 1e6})
	if first.Seed != 7 || second.Seed == 0 || first.Seconds != 0 || second.Seconds > 1 {
		t.Errorf("Play says %+v and %+v", first, second)
	}
	n := first.Events + second.Events
	m.WaitFor(n, mockserver.Filter{State: mockserver.Delivered})
	a := fixtures.NewAuditor(fixtures.AuditOptions{})
	got := rc.arrivals()
	if len(got) != n {
		t.Errorf("%d events arrived, want %d", len(got), n)
	}
	for _, arrived := range got {
		for _, f := range a.Add([]byte(arrived.body)) {
			t.Errorf("%s\n%s", f, arrived.body)
		}
		if !strings.Contains(arrived.body, `"webhook":"hook"`) {
			t.Errorf("the event names another webhook: %s", arrived.body)
		}
	}
	if a.Stats().Repeats != 0 {
		t.Errorf("%d events are those of another", a.Stats().Repeats)
	}
}

// TestPlayedInTheirOwnTime: what happens a second later comes a second later, and the
// webhook that wants something is sent that alone.
func TestPlayedInTheirOwnTime(t *testing.T) {
	t.Parallel()
	s, err := fixtures.ParseScenario([]byte("title: T\npeople: [anna, ben]\nsteps:\n" +
		"  - {do: send, from: anna, to: ben, as: m}\n  - {do: deliver, message: m, to: ben, after: 10s}\n  - {do: read, message: m, who: ben}\n"))
	if err != nil {
		t.Fatal(err)
	}
	rc := newReceiver(t, nil)
	m := mockserver.Start(t, mockserver.Options{})
	m.Webhook(mockserver.Webhook{URL: rc.URL, Triggers: []string{"message_sent", "message_delivery_receipt"}})
	m.Play(mockserver.Play{Scenario: s, Speed: 50})
	m.WaitFor(2, mockserver.Filter{State: mockserver.Delivered})
	got := rc.arrivals()
	if between := got[1].at.Sub(got[0].at); between < 150*time.Millisecond || between > 3*time.Second {
		t.Errorf("%s between the two, want 200ms", between)
	}
}

// TestResetEndsWhatIsPlayed, and so does the end of the server: Start waits for it.
func TestResetEndsWhatIsPlayed(t *testing.T) {
	t.Parallel()
	rc := newReceiver(t, nil)
	m := mockserver.Start(t, mockserver.Options{})
	for range mockserver.MaxPlays {
		m.Play(mockserver.Play{Scenario: scenario(t, "long-meeting"), Speed: 0.001})
	}
	var refused *mockserver.RequestError
	if _, err := m.Server.Play(context.Background(), mockserver.Play{Scenario: scenario(t, "missed-call")}); !errors.As(err, &refused) {
		t.Errorf("one too many: %v, want it refused", err)
	}
	if err := m.Server.Reset(context.Background()); err != nil {
		t.Fatal(err)
	}
	m.Webhook(mockserver.Webhook{URL: rc.URL})
	deadline := time.Now().Add(10 * time.Second)
	for {
		_, err := m.Server.Play(context.Background(), mockserver.Play{Scenario: scenario(t, "missed-call")})
		if err == nil {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("after a reset: %v", err)
		}
		time.Sleep(time.Millisecond)
	}
	m.WaitFor(18, mockserver.Filter{State: mockserver.Delivered})
	m.Play(mockserver.Play{Scenario: scenario(t, "long-meeting"), Speed: 0.001}) // under way when the server ends
}

func TestPlayRefuses(t *testing.T) {
	t.Parallel()
	m := mockserver.Start(t, mockserver.Options{Accounts: []mockserver.Account{{
		Key: "k", Secret: "s", Apps: []mockserver.App{{ID: "modern"}, {ID: "old", Generation: mockserver.Legacy}},
	}}})
	good := scenario(t, "missed-call")
	for _, tt := range []struct {
		play  mockserver.Play
		field string
	}{
		{mockserver.Play{App: "modern"}, "name"},
		{mockserver.Play{Scenario: good}, "app"},
		{mockserver.Play{Scenario: good, App: "other"}, "app"},
		{mockserver.Play{Scenario: good, App: "old"}, "app"},
		{mockserver.Play{Scenario: good, App: "modern", Webhook: "other"}, "webhook"},
		{mockserver.Play{Scenario: good, App: "modern", Speed: -1}, "speed"},
		{mockserver.Play{Scenario: good, App: "modern", Speed: 1e7}, "speed"},
	} {
		_, err := m.Server.Play(context.Background(), tt.play)
		var refused *mockserver.RequestError
		if !errors.As(err, &refused) || refused.Field != tt.field {
			t.Errorf("Play(%+v): %v, want it refused for %s", tt.play, err, tt.field)
		}
	}
}
