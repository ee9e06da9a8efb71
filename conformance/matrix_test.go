package conformance_test

import (
	"cmp"
	"slices"
	"strings"
	"testing"

	"hookproof/conformance"
	"hookproof/schemas"
)

func allTriggers() []string { return schemas.Names(schemas.Required) }

// together lists checks that must fall with another, and why.
var together = map[string]map[string]string{
	"auth/any-basic": {
		"auth/none":          "one of its receivers answers a missing header with a redirect, which warns",
		"auth/in-query":      "as auth/none",
		"auth/in-body":       "as auth/none",
		"auth/all-triggers":  "as auth/none",
		"auth/every-request": "as auth/none",
		"auth/empty":         "any header will do, an empty one too",
		"auth/scheme-bearer": "any header will do, of another scheme too",
		"auth/other-header":  "as auth/none",
		"auth/duplicate":     "any header will do, one of two as well",
	},
	"auth/csrf-hint": {"ack/accept": "the refusal that it explains"},
	"legacy/before-no-id": {
		"ack/all-triggers":      "that before_message is not accepted",
		"legacy/before-latency": "as ack/all-triggers",
	},
	"ack/catchall":      {"auth/configured": "it is about receivers without credentials"},
	"payload/maps-many": {"ack/variants": "a ban that names the one who acted has two members"},
	"idempotency/duplicate-effect": {
		"idempotency/reserialised-effect": "a receiver that looks for no duplicate finds none in other bytes either",
		"idempotency/concurrent":          "nor at the same time",
		"idempotency/after-timeout":       "nor after a timeout",
		"idempotency/after-5xx":           "nor after a failure",
	},
}

func TestEveryCheckHasAFault(t *testing.T) {
	for _, c := range conformance.Suite() {
		if !slices.ContainsFunc(faults, func(f fault) bool { return f.check == c.ID }) {
			t.Errorf("no fault proves that %s can fail", c.ID)
		}
	}
	for _, f := range faults {
		if f.informs && f.code == "" {
			t.Errorf("fault %q of %s: want the code that informs", f.name, f.check)
		}
		if !slices.ContainsFunc(conformance.Suite(), func(c *conformance.Check) bool { return c.ID == f.check }) {
			t.Errorf("fault %q is for %s, which is no check", f.name, f.check)
		}
	}
}

func TestConformingReceiverConformsInEveryProfileAndMode(t *testing.T) {
	t.Parallel()
	for _, p := range conformance.Profiles() {
		for _, f := range []fault{{name: "dev over http"}, {name: "certify over TLS", overTLS: true}} {
			if testing.Short() && (p.Name != conformance.All && p.Name != conformance.Core || f.overTLS && p.Name != conformance.All) {
				continue // see TestOnlyTheRightCheckNoticesAFault
			}
			t.Run(p.Name+" in "+f.name, func(t *testing.T) {
				t.Parallel()
				s := newStage(t, f)
				s.options.Profile = p.Name
				r := s.run(t)
				if r.Verdict != conformance.Conforms {
					t.Errorf("Verdict = %q, want %q", r.Verdict, conformance.Conforms)
				}
				if r.Certifies || r.WhyNot == "" {
					t.Errorf("Certifies = %v (%q), want a reason why a run on loopback does not", r.Certifies, r.WhyNot)
				}
				for _, res := range r.Results {
					switch res.Outcome {
					case conformance.Passed, conformance.Informed, conformance.NotSelected:
						for _, g := range res.Findings {
							if slices.ContainsFunc(faults, func(f fault) bool { return f.informs && f.check == res.ID && f.code == g.Code }) {
								t.Errorf("%s informs with %s about a conforming receiver, so its fault proves nothing", res.ID, g.Code)
							}
						}
					case conformance.Skipped:
						if (f.overTLS || !strings.HasPrefix(res.ID, "tls/")) && !strings.Contains(res.Reason, "is not subscribed") && (p.Name != conformance.Legacy || res.ID != "auth/no-effect") {
							t.Errorf("%s was skipped: %s", res.ID, res.Reason)
						}
					default:
						t.Errorf("%s = %s: %s %+v", res.ID, res.Outcome, res.Reason, res.Findings)
					}
				}
			})
		}
	}
}

// TestOnlyTheRightCheckNoticesAFault is the diagonal: for each fault of the
// model its check fails or warns, and no other does.
func TestOnlyTheRightCheckNoticesAFault(t *testing.T) {
	t.Parallel()
	for i, f := range faults {
		if testing.Short() && i%24 != 0 {
			continue // -short is for the race detector, which each run shows the same
		}
		t.Run(f.check+" "+f.name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, f)
			s.options.Profile = cmp.Or(f.profile, conformance.All)
			if f.profile == conformance.Legacy && f.options == nil {
				s.options.Triggers = nil
			}
			s.options.Skip = untried(f)
			r := s.run(t)
			for _, res := range r.Results {
				bad := res.Outcome == conformance.Failed || res.Outcome == conformance.Warned
				switch {
				case res.ID == f.check:
					checkNoticed(t, f, res)
				case bad && together[f.check][res.ID] == "":
					t.Errorf("%s = %s as well: %s", res.ID, res.Outcome, res.Findings[0].Message)
				case res.Outcome == conformance.Errored:
					t.Errorf("%s could not be tried: %s", res.ID, res.Reason)
				case res.Outcome == conformance.Inconclusive:
					t.Errorf("%s is inconclusive: %s", res.ID, res.Reason)
				}
			}
			checkVerdict(t, f, r)
		})
	}
}

// untried are checks that take long and are left out where they are not in question.
func untried(f fault) []string {
	var out []string
	for _, c := range conformance.Suite() {
		waits := c.Cost != nil && c.Level != conformance.Must && c.Cost(&conformance.Options{Mode: conformance.Dev, Profile: conformance.All}).Pause > 0
		if (c.Impact == conformance.Hostile || waits || c.ID == "load/sustained") && c.ID != f.check && together[f.check][c.ID] == "" {
			out = append(out, c.ID)
		}
	}
	return out
}

func checkNoticed(t *testing.T, f fault, res conformance.Result) {
	t.Helper()
	want := conformance.Warned
	switch {
	case res.Level == conformance.Must, f.fails:
		want = conformance.Failed
	case f.informs:
		want = conformance.Informed
	}
	if res.Outcome != want {
		t.Fatalf("%s = %s (%s), want %s", res.ID, res.Outcome, res.Reason, want)
	}
	i := slices.IndexFunc(res.Findings, func(g conformance.Finding) bool { return g.Outcome == want })
	if g := res.Findings[i]; !f.informs && g.Cause == "" && g.Fix == "" || f.code != "" && g.Code != f.code {
		t.Errorf("%s: finding %+v, want one with code %q, a cause and a fix", res.ID, g, f.code)
	}
}

func checkVerdict(t *testing.T, f fault, r *conformance.Report) {
	t.Helper()
	res, _ := r.Result(f.check)
	want := conformance.Conforms
	if res.Level == conformance.Must || f.fails || r.Summary.Must.Failed > 0 && len(together[f.check]) > 0 {
		want = conformance.DoesNotConform
	}
	if r.Verdict != want {
		t.Errorf("Verdict = %q, want %q", r.Verdict, want)
	}
}
