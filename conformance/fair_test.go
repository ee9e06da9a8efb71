package conformance_test

import (
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"hookproof/conformance"
	"hookproof/schemas"
)

// unhappy lists the checks that failed, warned or came to no conclusion.
func unhappy(r *conformance.Report) []string {
	var out []string
	for _, res := range r.Results {
		switch res.Outcome {
		case conformance.Failed, conformance.Warned, conformance.Inconclusive, conformance.Errored:
			out = append(out, string(res.Outcome)+" "+res.ID)
		}
	}
	return out
}

func TestALockoutIsNoProofThatWrongCredentialsAreRefused(t *testing.T) {
	t.Parallel()
	// Compares eight characters of the password, which nobody sees because the
	// fourth failure locks everyone out.
	s := newStage(t, fault{
		authorises: func(q *request) bool {
			u, p, _ := q.BasicAuth()
			return u == user && len(p) >= 8 && strings.HasPrefix(pass, p[:8])
		},
		instead: func(w http.ResponseWriter, q *request) bool { return q.wrong >= 4 && answer(401, "")(w) },
	})
	s.options.Profile = conformance.Core
	r := s.run(t)
	if r.Verdict != conformance.Undecided || outcome(t, r, "auth/prefix").Outcome != conformance.Inconclusive {
		t.Errorf("Verdict = %q with %v, want undecided with auth/prefix inconclusive", r.Verdict, unhappy(r))
	}
	if got := outcome(t, r, "auth/any-basic").Outcome; got != conformance.Passed {
		t.Errorf("auth/any-basic = %s, want pass: that was before the lock", got)
	}
}

func TestAnOverloadWithoutRetryAfterIsInconclusive(t *testing.T) {
	t.Parallel()
	s := newStage(t, fault{})
	n := 0
	s.watch(func(w http.ResponseWriter, _ *http.Request) bool {
		if n++; n < 60 {
			return false
		}
		w.WriteHeader(http.StatusServiceUnavailable)
		return true
	})
	if r := s.run(t); r.Verdict != conformance.Undecided || r.Summary.Must.Failed+r.Summary.Should.Warned > 0 {
		t.Errorf("Verdict = %q with %v, want undecided and nothing failed", r.Verdict, unhappy(r))
	}
}

func TestACrashIsTheFaultOfTheEventThatCausedIt(t *testing.T) {
	t.Parallel()
	s := newStage(t, fault{})
	var until atomic.Int64
	s.watch(func(_ http.ResponseWriter, r *http.Request) bool {
		if strings.Contains(string(readAll(t, r)), "hookproof_unknown_event") {
			until.Store(time.Now().Add(400 * time.Millisecond).UnixNano())
		}
		if time.Now().UnixNano() < until.Load() {
			panic(http.ErrAbortHandler)
		}
		return false
	})
	r := s.run(t)
	if got := strings.Join(unhappy(r), ", "); got != "warn payload/unknown-trigger" || r.Verdict != conformance.Conforms {
		t.Errorf("Verdict = %q with %s, want conforms with a warning of payload/unknown-trigger only", r.Verdict, got)
	}
}

func TestChanceIsAMatterOfStability(t *testing.T) {
	t.Parallel()
	s := newStage(t, fault{})
	failed := false
	s.watch(func(w http.ResponseWriter, r *http.Request) bool {
		if failed || r.Header.Get("Content-Type") != "Application/json" {
			return false
		}
		failed = true
		w.WriteHeader(http.StatusInternalServerError)
		return true
	})
	r := s.run(t)
	if outcome(t, r, "ack/stable").Outcome != conformance.Failed || r.Summary.Must.Failed != 1 {
		t.Errorf("%v, want ack/stable failed and no other", unhappy(r))
	}
}

func TestOneLongWaitTooManyDoesNotSilenceTheControls(t *testing.T) {
	t.Parallel()
	s := newStage(t, fault{})
	once := false
	s.watch(func(w http.ResponseWriter, r *http.Request) bool {
		if once || r.Header.Get("Content-Type") != "Application/json" {
			return false
		}
		once = true
		w.Header().Set("Retry-After", "10")
		w.WriteHeader(http.StatusTooManyRequests)
		return true
	})
	r := s.run(t)
	if got := strings.Join(unhappy(r), ", "); got != "inconclusive content/case" {
		t.Errorf("%s, want content/case inconclusive and no other", got)
	}
}

func TestNothingTriedProvesNothing(t *testing.T) {
	s := newStage(t, fault{})
	s.options.Username, s.options.Password, s.options.Profile, s.options.Run = "", "", conformance.Core, []string{"auth/*"}
	if r := s.run(t); r.Verdict != conformance.Undecided || r.Summary.Must.Passed != 0 {
		t.Errorf("Verdict = %q with %d passed, want undecided: every check was skipped", r.Verdict, r.Summary.Must.Passed)
	}
}

func TestOrderIsNotProvedByTriggersThatAreRejected(t *testing.T) {
	t.Parallel()
	s := newStage(t, fault{instead: on(400, "", func(q *request) bool { return isEvent(q) && q.trigger != "message_sent" && q.presents(user, pass) })})
	r := s.run(t)
	for _, id := range []string{"order/inverted", "order/orphan"} {
		if res := outcome(t, r, id); res.Outcome != conformance.Skipped {
			t.Errorf("%s = %s, want skip: nothing could be sent", id, res.Outcome)
		}
	}
}

func TestATriggerWithoutASchemaIsNoMistake(t *testing.T) {
	s := newStage(t, fault{})
	s.options.Run, s.options.Triggers = []string{"preflight/triggers-known"}, []string{"message_sent", "call_busy", "message_pinned"}
	if res := outcome(t, s.run(t), "preflight/triggers-known"); res.Outcome != conformance.Informed {
		t.Errorf("preflight/triggers-known = %s %+v, want info: CometChat has these triggers", res.Outcome, res.Findings)
	}
	s.options.Triggers = []string{"message_sent", "after_message"}
	if res := outcome(t, s.run(t), "preflight/triggers-known"); res.Outcome != conformance.Failed {
		t.Errorf("preflight/triggers-known = %s %+v, want fail: one is of the legacy generation", res.Outcome, res.Findings)
	}
}

func TestEveryTriggerThatCanBeMadeIsTried(t *testing.T) {
	s := newStage(t, fault{})
	all := schemas.Names(schemas.Required, schemas.Current, schemas.Provider)
	s.options.Run, s.options.Triggers = []string{"ack/*", "auth/all-triggers", "order/*", "preflight/triggers-known"}, append(all, "message_pinned")
	r := s.run(t)
	for _, id := range []string{"ack/all-triggers", "auth/all-triggers", "order/orphan"} {
		if res := outcome(t, r, id); res.Outcome != conformance.Passed {
			t.Errorf("%s = %s %+v, want pass", id, res.Outcome, res.Findings)
		}
	}
}

// TestABusyMomentIsNoDrift: a receiver, or the machine, that is busy with something else at
// the end of the load is not one that tires.
func TestABusyMomentIsNoDrift(t *testing.T) {
	t.Parallel()
	var began sync.Once
	var first time.Time
	s := newStage(t, fault{instead: func(_ http.ResponseWriter, q *request) bool {
		if under("sustained")(q) {
			began.Do(func() { first = time.Now() })
			if at := time.Since(first); at > 1200*time.Millisecond && at < 3300*time.Millisecond {
				time.Sleep(60 * time.Millisecond)
			}
		}
		return false
	}})
	s.options.Profile, s.options.Run = "load", []string{"load/sustained"}
	for _, res := range s.run(t).Results {
		if res.ID == "load/sustained" && (res.Outcome != conformance.Passed || len(res.Findings) > 0) {
			t.Errorf("load/sustained = %s with %+v, want it passed", res.Outcome, res.Findings)
		}
	}
}
