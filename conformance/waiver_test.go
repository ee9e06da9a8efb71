package conformance_test

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"hookproof/conformance"
)

// waiving runs a few checks on a receiver, with waivers.
func waiving(t *testing.T, f fault, w ...conformance.Waiver) *conformance.Report {
	t.Helper()
	s := newStage(t, f)
	s.options.Run = []string{"ack/accept", "ack/body-small", "auth/none"}
	s.options.Waivers = w
	return s.run(t)
}

func waiverOf(check string) conformance.Waiver {
	return conformance.Waiver{Check: check, Reason: "replaced in spring", Owner: "chat team", Expires: time.Now().UTC().Format(time.DateOnly)}
}

// withoutLock is a receiver that takes what has no credentials.
var withoutLock = fault{instead: func(w http.ResponseWriter, q *request) bool {
	if q.Header.Get("Authorization") == "" {
		w.WriteHeader(http.StatusOK)
		return true
	}
	return false
}}

func TestAWaivedFailureIsShownAndDoesNotDecide(t *testing.T) {
	if r := waiving(t, withoutLock); r.Verdict != conformance.DoesNotConform {
		t.Fatalf("without a waiver: Verdict = %q, want %q", r.Verdict, conformance.DoesNotConform)
	}
	w := waiverOf("auth/none")
	r := waiving(t, withoutLock, w)
	res, _ := r.Result("auth/none")
	if r.Verdict != conformance.Conforms || res.Outcome != conformance.Failed || res.Waiver == nil || *res.Waiver != w {
		t.Errorf("Verdict = %q, auth/none = %s waived by %v; want conforms, fail, %v", r.Verdict, res.Outcome, res.Waiver, w)
	}
	if r.Summary.Must.Failed != 1 || len(r.WaiverProblems) != 0 {
		t.Errorf("%d failed, problems %v; want the failure counted, and none", r.Summary.Must.Failed, r.WaiverProblems)
	}
}

func TestAWaiverThatIsOfNoUseFailsTheRun(t *testing.T) {
	old := waiverOf("auth/none")
	old.Expires = "2026-01-31"
	for _, c := range []struct {
		name   string
		fault  fault
		waiver conformance.Waiver
		want   string
	}{
		{"its check passes", fault{}, waiverOf("auth/none"), "passes"},
		{"no such check", fault{}, waiverOf("auth/nonne"), "no check has this id"},
		{"expired, its check fails", withoutLock, old, "expired on 2026-01-31"},
		{"expired, its check passes", fault{}, old, "expired on 2026-01-31"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := waiving(t, c.fault, c.waiver)
			if r.Verdict != conformance.DoesNotConform || len(r.WaiverProblems) != 1 || !strings.Contains(r.WaiverProblems[0].Problem, c.want) {
				t.Errorf("Verdict = %q, problems %v; want %q and one with %q", r.Verdict, r.WaiverProblems, conformance.DoesNotConform, c.want)
			}
			if res, _ := r.Result("auth/none"); res.Waiver != nil {
				t.Errorf("auth/none is waived: %v", res.Waiver)
			}
		})
	}
	r := waiving(t, fault{}, waiverOf("load/burst"))
	if r.Verdict != conformance.Conforms {
		t.Errorf("a waiver of what is not tried: Verdict = %q, %v; want %q", r.Verdict, r.WaiverProblems, conformance.Conforms)
	}
}

func TestAWaiverSaysWhyWhoAndUntilWhen(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*conformance.Waiver)
		want   string
	}{
		"no check":       {func(w *conformance.Waiver) { w.Check = "" }, "names no check"},
		"no reason":      {func(w *conformance.Waiver) { w.Reason = " " }, "has no reason"},
		"no owner":       {func(w *conformance.Waiver) { w.Owner = "" }, "has no owner"},
		"two lines":      {func(w *conformance.Waiver) { w.Reason = "a\nb" }, "in one line"},
		"too long":       {func(w *conformance.Waiver) { w.Owner = strings.Repeat("o", conformance.MaxWaiverText+1) }, "at most"},
		"no day":         {func(w *conformance.Waiver) { w.Expires = "" }, "want a day such as"},
		"no day at all":  {func(w *conformance.Waiver) { w.Expires = "never" }, "want a day such as"},
		"impossible day": {func(w *conformance.Waiver) { w.Expires = "2026-02-30" }, "want a day such as"},
	} {
		w := waiverOf("auth/none")
		c.change(&w)
		_, err := conformance.Run(t.Context(), "http://127.0.0.1:1/", conformance.Options{Waivers: []conformance.Waiver{w}})
		if e, ok := errors.AsType[*conformance.ConfigError](err); !ok || e.Field != "waivers" || !strings.Contains(e.Message, c.want) {
			t.Errorf("%s: Run = %v, want a ConfigError of waivers with %q", name, err, c.want)
		}
	}
	w := waiverOf("auth/none")
	for _, list := range [][]conformance.Waiver{{w, w}, slices.Repeat([]conformance.Waiver{w}, conformance.MaxWaivers+1)} {
		if _, err := conformance.Run(t.Context(), "http://127.0.0.1:1/", conformance.Options{Waivers: list}); err == nil {
			t.Errorf("%d waivers of one check: no error", len(list))
		}
	}
}

func TestAReportHasTheExchangesOfItsRun(t *testing.T) {
	s := newStage(t, fault{})
	s.options.Profile = "core"
	r := s.run(t)
	of := map[string]int{}
	for _, x := range r.Exchanges {
		of[x.Check]++
		if x.Started.IsZero() || x.Exchange.Method == "" || x.Exchange.Time < 0 {
			t.Fatalf("exchange of %s: started %v, method %q", x.Check, x.Started, x.Exchange.Method)
		}
		for _, h := range x.Exchange.Headers {
			if h.Name == "Authorization" && strings.Contains(h.Value, base64Of(user+":"+pass)) {
				t.Fatalf("exchange of %s shows the credentials", x.Check)
			}
		}
	}
	if len(r.Exchanges)+r.LeftOut != r.Requests || len(r.Exchanges) < 50 {
		t.Errorf("%d exchanges and %d left out of %d requests", len(r.Exchanges), r.LeftOut, r.Requests)
	}
	if of["auth/wrong-pass"] == 0 || of["ack/all-triggers"] < len(r.Triggers) {
		t.Errorf("exchanges by check: %v", of)
	}
	for name, digest := range map[string]string{"catalogue": r.Catalogue, "configuration": r.Configuration} {
		if len(digest) != len("sha256:")+64 {
			t.Errorf("%s = %q, want sha256: and 64 digits", name, digest)
		}
	}
}

func TestTheConfigurationIsIdentifiedWithoutItsSecrets(t *testing.T) {
	s := newStage(t, fault{})
	s.options.Run = []string{"ack/accept"}
	first := s.run(t).Configuration
	if again := s.run(t).Configuration; again != first {
		t.Errorf("the same configuration twice: %s and %s", first, again)
	}
	s.options.Password = "another"
	if again := s.run(t).Configuration; again != first {
		t.Errorf("with another password: %s and %s; a digest of a password can be searched for", first, again)
	}
	s.options.Strict = true
	if again := s.run(t).Configuration; again == first {
		t.Errorf("strict and not strict have the same digest %s", first)
	}
}

func TestAcknowledgingAndDroppingIsBelievedWithAnObserver(t *testing.T) {
	drops := func(anyway bool) *stage {
		s := newStage(t, fault{effectAnyway: anyway})
		s.model.fault.instead = func(w http.ResponseWriter, q *request) bool {
			if q.presents(user, pass) {
				return false
			}
			if anyway {
				s.model.apply(q)
			}
			w.WriteHeader(http.StatusOK)
			return true
		}
		s.options.Run, s.options.AckAndDrop = []string{"auth", "ack/accept"}, true
		return s
	}
	for _, profile := range []string{"core", "recommended", "security"} {
		s := drops(false)
		s.options.Profile = profile
		r := s.run(t)
		for _, res := range r.Results {
			if res.Outcome == conformance.Failed || res.Outcome == conformance.Warned {
				t.Errorf("%s: %s = %s: %v", profile, res.ID, res.Outcome, res.Findings[0].Message)
			}
		}
		if res, _ := r.Result("auth/no-effect"); res.Outcome != conformance.Informed || r.Verdict != conformance.Conforms {
			t.Errorf("%s: Verdict %q, auth/no-effect = %s (%s); want that it informs of what was acknowledged", profile, r.Verdict, res.Outcome, res.Reason)
		}
	}
	if res, _ := drops(true).run(t).Result("auth/no-effect"); res.Outcome != conformance.Failed {
		t.Errorf("what is acknowledged has an effect: auth/no-effect = %s (%s), want fail", res.Outcome, res.Reason)
	}
	undeclared := drops(false)
	undeclared.options.AckAndDrop = false
	if r := undeclared.run(t); r.Verdict != conformance.DoesNotConform {
		t.Errorf("undeclared: Verdict = %q, want %q", r.Verdict, conformance.DoesNotConform)
	}
	unseen := drops(false)
	unseen.options.Observe = nil
	_, err := conformance.Run(t.Context(), unseen.url, unseen.options)
	if e, ok := errors.AsType[*conformance.ConfigError](err); !ok || e.Field != "ack-and-drop" {
		t.Errorf("without an observer: %v, want a ConfigError", err)
	}
}
