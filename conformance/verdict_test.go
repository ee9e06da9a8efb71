package conformance_test

import (
	"context"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"hookproof/conformance"
)

func outcome(t *testing.T, r *conformance.Report, id string) conformance.Result {
	t.Helper()
	res, ok := r.Result(id)
	if !ok {
		t.Fatalf("the report has no %s", id)
	}
	return res
}

// authorisedPost tells whether a request looks like a delivery with the right credentials.
func authorisedPost(r *http.Request) bool {
	u, p, ok := r.BasicAuth()
	return ok && u == user && p == pass && r.Method == http.MethodPost
}

func TestWhatSaysNothingAboutTheReceiverIsInconclusive(t *testing.T) {
	t.Parallel()
	for name, reply := range map[string]func(http.ResponseWriter){
		"a rate limit":  func(w http.ResponseWriter) { w.Header().Set("Retry-After", "0"); w.WriteHeader(429) },
		"a maintenance": func(w http.ResponseWriter) { w.Header().Set("Retry-After", "0"); w.WriteHeader(503) },
		"a reset":       func(w http.ResponseWriter) { reset(w) },
		"a firewall": func(w http.ResponseWriter) {
			w.Header().Set("Content-Type", "text/html")
			w.WriteHeader(403)
			w.Write([]byte("<h1>Request blocked</h1> by the web application firewall"))
		},
		"a managed edge": func(w http.ResponseWriter) { w.Header().Set("Cf-Mitigated", "challenge"); w.WriteHeader(403) },
	} {
		t.Run(name+" at the gate", func(t *testing.T) {
			t.Parallel()
			s := newStage(t, fault{})
			s.watch(func(w http.ResponseWriter, r *http.Request) bool { reply(w); return true })
			r := s.run(t)
			gate := outcome(t, r, "ack/accept")
			if gate.Outcome != conformance.Inconclusive || gate.Retries != 2 || gate.Reason == "" {
				t.Errorf("ack/accept = %s after %d retries (%s), want inconclusive after 2", gate.Outcome, gate.Retries, gate.Reason)
			}
			if r.Verdict != conformance.Undecided || r.Summary.Must.Failed > 0 {
				t.Errorf("Verdict = %q with %d failed, want undecided with none", r.Verdict, r.Summary.Must.Failed)
			}
			if r.Requests > 3 {
				t.Errorf("%d requests were sent to a receiver that said no, want 3", r.Requests)
			}
		})
	}
}

// reset ends a connection with RST.
func reset(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	if c, ok := conn.(*recorded).Conn.(interface{ SetLinger(int) error }); ok {
		c.SetLinger(0)
	}
	conn.Close()
}

func TestAnInconclusiveCheckIsTriedAgainAndCounted(t *testing.T) {
	t.Parallel()
	s := newStage(t, fault{})
	refusals := 0
	s.watch(func(w http.ResponseWriter, r *http.Request) bool {
		if r.Header.Get("Content-Type") != "Application/json" || refusals == 2 {
			return false
		}
		refusals++
		w.Header().Set("Retry-After", "0")
		w.WriteHeader(429)
		return true
	})
	r := s.run(t)
	if res := outcome(t, r, "content/case"); res.Outcome != conformance.Passed || res.Retries != 2 || res.Requests != 3 {
		t.Errorf("content/case = %s, %d retries, %d requests; want pass, 2, 3", res.Outcome, res.Retries, res.Requests)
	}
	if r.Verdict != conformance.Conforms {
		t.Errorf("Verdict = %q, want conforms", r.Verdict)
	}
}

func TestAFailureIsNeverRetriedIntoAPass(t *testing.T) {
	t.Parallel()
	s := newStage(t, fault{})
	s.watch(func(w http.ResponseWriter, r *http.Request) bool {
		if r.Header.Get("Content-Type") != "Application/json" {
			return false
		}
		w.WriteHeader(415)
		return true
	})
	if res := outcome(t, s.run(t), "content/case"); res.Outcome != conformance.Failed || res.Requests != 1 {
		t.Errorf("content/case = %s after %d requests, want fail after 1", res.Outcome, res.Requests)
	}
}

func TestARateLimitOnWrongCredentialsStopsThem(t *testing.T) {
	t.Parallel()
	s := newStage(t, fault{})
	wrong := 0
	s.watch(func(w http.ResponseWriter, r *http.Request) bool {
		if authorisedPost(r) || r.Header["Authorization"] == nil {
			return false
		}
		if wrong++; wrong < 4 {
			return false
		}
		w.Header().Set("Retry-After", "0")
		w.WriteHeader(429)
		return true
	})
	r := s.run(t)
	if wrong != 4 {
		t.Errorf("%d wrong credentials were sent, want none after the fourth was rate limited", wrong)
	}
	if got := outcome(t, r, "auth/scheme-bearer").Outcome; got != conformance.Inconclusive {
		t.Errorf("auth/scheme-bearer = %s, want inconclusive", got)
	}
	if got := outcome(t, r, "auth/lockout").Outcome; got != conformance.Passed {
		t.Errorf("auth/lockout = %s, want pass: the right credentials still work", got)
	}
	if r.Verdict != conformance.Undecided {
		t.Errorf("Verdict = %q, want undecided", r.Verdict)
	}
}

func TestAReceiverThatDiesOfAProbeFailsAndStopsTheRun(t *testing.T) {
	t.Parallel()
	s := newStage(t, fault{})
	var dead atomic.Bool
	s.watch(func(w http.ResponseWriter, r *http.Request) bool {
		if r.ContentLength == 4 && string(readAll(t, r)) == "null" {
			dead.Store(true)
		}
		if dead.Load() {
			panic(http.ErrAbortHandler)
		}
		return false
	})
	r := s.run(t)
	res := outcome(t, r, "payload/non-object")
	if res.Outcome != conformance.Failed || res.Findings[len(res.Findings)-1].Code != "receiver-down" {
		t.Errorf("payload/non-object = %s %+v, want fail with receiver-down", res.Outcome, res.Findings)
	}
	if got := outcome(t, r, "http/parallel"); got.Outcome != conformance.Skipped || !strings.Contains(got.Reason, "payload/non-object") {
		t.Errorf("http/parallel = %s (%s), want skipped because of payload/non-object", got.Outcome, got.Reason)
	}
	if r.Verdict != conformance.DoesNotConform {
		t.Errorf("Verdict = %q, want does not conform", r.Verdict)
	}
}

func TestAReceiverThatRecoversFromAProbeOnlyWarns(t *testing.T) {
	t.Parallel()
	s := newStage(t, fault{})
	down := 0
	s.watch(func(w http.ResponseWriter, r *http.Request) bool {
		if r.ContentLength == 4 && string(readAll(t, r)) == "null" {
			down = 1
			return false
		}
		if down == 1 {
			down = 2
			panic(http.ErrAbortHandler)
		}
		return false
	})
	r := s.run(t)
	if res := outcome(t, r, "payload/non-object"); res.Outcome != conformance.Warned {
		t.Errorf("payload/non-object = %s, want warn", res.Outcome)
	}
	if r.Verdict != conformance.Conforms {
		t.Errorf("Verdict = %q, want conforms", r.Verdict)
	}
}

func TestAControlThatFailsOnceIsAMatterOfStability(t *testing.T) {
	t.Parallel()
	s := newStage(t, fault{})
	refused := false
	s.watch(func(w http.ResponseWriter, r *http.Request) bool {
		// The first event that names a negative check is the control before it.
		if refused || !strings.Contains(r.Header.Get("User-Agent"), "check=payload/malformed)") {
			return false
		}
		refused = true
		w.WriteHeader(500)
		return true
	})
	r := s.run(t)
	if res := outcome(t, r, "payload/malformed"); res.Outcome != conformance.Passed {
		t.Errorf("payload/malformed = %s (%s), want pass: the control was accepted in the end", res.Outcome, res.Reason)
	}
	if res := outcome(t, r, "ack/stable"); res.Outcome != conformance.Failed || r.Verdict != conformance.DoesNotConform {
		t.Errorf("ack/stable = %s, Verdict = %q; want fail, does not conform", res.Outcome, r.Verdict)
	}
}

func TestAFailedGateIsOneFailureAndTheRestIsSkipped(t *testing.T) {
	s := newStage(t, fault{instead: on(500, "boom", isEvent)})
	r := s.run(t)
	if r.Summary.Must.Failed != 1 || r.Summary.Must.Inconclusive != 0 {
		t.Errorf("Summary.Must = %+v, want one failed and none inconclusive", r.Summary.Must)
	}
	if res := outcome(t, r, "payload/unicode"); res.Outcome != conformance.Skipped || !strings.Contains(res.Reason, "baseline not accepted") && !strings.Contains(res.Reason, "baseline was not accepted") {
		t.Errorf("payload/unicode = %s (%s), want skipped for the baseline", res.Outcome, res.Reason)
	}
	if r.Requests > 3 {
		t.Errorf("%d requests were sent after the gate failed", r.Requests)
	}
}

func TestAFilterThatLeavesTheGateOutCannotPass(t *testing.T) {
	s := newStage(t, fault{instead: on(500, "boom", isEvent)})
	s.options.Run = []string{"payload/unicode"}
	r := s.run(t)
	if res := outcome(t, r, "payload/unicode"); res.Outcome != conformance.Inconclusive || r.Verdict != conformance.Undecided {
		t.Errorf("payload/unicode = %s, Verdict %q; want inconclusive, undecided", res.Outcome, r.Verdict)
	}
}

func TestStrictTurnsWarningsIntoFailure(t *testing.T) {
	t.Parallel()
	s := newStage(t, fault{noChallenge: true})
	s.options.Strict = true
	if r := s.run(t); r.Verdict != conformance.DoesNotConform {
		t.Errorf("Verdict = %q, want does not conform", r.Verdict)
	}
}

func TestMayNeverChangesTheVerdict(t *testing.T) {
	t.Parallel()
	s := newStage(t, fault{instead: on(500, "", func(q *request) bool { return q.Method == http.MethodGet })})
	s.options.Strict = true
	if r := s.run(t); r.Verdict != conformance.Conforms {
		t.Errorf("Verdict = %q, want conforms", r.Verdict)
	}
}

func TestInterruptedRunReportsWhatItHas(t *testing.T) {
	s := newStage(t, fault{})
	ctx, cancel := context.WithCancel(t.Context())
	s.options.OnResult = func(r conformance.Result) {
		if r.ID == "content/case" {
			cancel()
		}
	}
	r, err := conformance.Run(ctx, s.url, s.options)
	if err != nil {
		t.Fatal(err)
	}
	if !r.Interrupted || r.Verdict != conformance.Undecided {
		t.Errorf("Interrupted = %v, Verdict = %q; want true, undecided", r.Interrupted, r.Verdict)
	}
	if got := outcome(t, r, "content/case").Outcome; got != conformance.Passed {
		t.Errorf("content/case = %s, want pass: it was done", got)
	}
	if got := outcome(t, r, "auth/none").Outcome; got != conformance.Inconclusive {
		t.Errorf("auth/none = %s, want inconclusive", got)
	}
}

func TestASlowReceiverIsToldFromADeadOne(t *testing.T) {
	t.Parallel()
	s := newStage(t, fault{})
	s.options.Profile, s.options.Run = "core", []string{"ack/accept"}
	s.watch(func(w http.ResponseWriter, r *http.Request) bool { time.Sleep(5200 * time.Millisecond); return false })
	res := outcome(t, s.run(t), "ack/accept")
	if res.Outcome != conformance.Failed || !strings.Contains(res.Findings[0].Cause, "works before it answers") {
		t.Errorf("ack/accept = %s %+v, want fail for working before answering", res.Outcome, res.Findings)
	}
}

func TestWithoutCredentialsNothingIsClaimedAboutThem(t *testing.T) {
	t.Parallel()
	s := newStage(t, fault{authorises: always})
	s.options.Username, s.options.Password = "", ""
	r := s.run(t)
	if r.Verdict != conformance.Conforms {
		t.Errorf("Verdict = %q, want conforms", r.Verdict)
	}
	for _, res := range r.Results {
		if strings.HasPrefix(res.ID, "auth/") && res.ID != "auth/configured" && res.Outcome != conformance.Skipped && res.Outcome != conformance.NotSelected {
			t.Errorf("%s = %s, want skip", res.ID, res.Outcome)
		}
	}
}

func TestAReceiverThatKeepsAskingForTimeDoesNotGetIt(t *testing.T) {
	s := newStage(t, fault{})
	s.options.Profile = "core"
	n := 0
	s.watch(func(w http.ResponseWriter, _ *http.Request) bool {
		if n++; n <= 12 {
			return false
		}
		w.Header().Set("Retry-After", "3600")
		w.WriteHeader(429)
		return true
	})
	start := time.Now()
	r := s.run(t)
	if took := time.Since(start); took > 9*time.Second || r.Verdict != conformance.Undecided || r.Summary.Must.Failed > 0 {
		t.Errorf("after %s: Verdict = %q with %d failed; want undecided with none within 9 s", took, r.Verdict, r.Summary.Must.Failed)
	}
}
