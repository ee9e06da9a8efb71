package conformance

import (
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// Test runs the checks as subtests on a handler, served over plain http on
// loopback. A subtest sends nothing unless go test's -run selects it.
//
//	go test -run 'TestReceiver/auth/' ./...
//
// A failed Must fails its subtest; a warning is logged, and fails it with
// Options.Strict. What is waived is logged, and a waiver that is of no use fails. What
// does not apply, TLS here, is skipped with the reason.
func Test(t *testing.T, h http.Handler, o Options) {
	t.Helper()
	server := httptest.NewServer(h)
	defer server.Close()
	TestURL(t, server.URL+o.Path, o)
}

// TestURL is Test on a receiver that is already listening.
func TestURL(t *testing.T, url string, o Options) {
	t.Helper()
	s, err := newSession(t.Context(), url, o)
	if err != nil {
		t.Fatalf("conformance: %v", err)
	}
	t.Cleanup(s.close)
	if f := flag.Lookup("test.run"); f != nil && strings.Contains(f.Value.String(), "/") {
		// Some subtests will not run, so none may rely on another to speak up.
		s.planned = func(string) bool { return false }
	}
	waivers := map[string]Waiver{}
	for _, w := range s.opts.Waivers {
		if _, ok := lookup(w.Check); !ok {
			t.Errorf("waiver of %.60q: %s", w.Check, noSuchCheck)
		}
		waivers[w.Check] = w
	}
	for _, c := range ordered() {
		if ok, _ := s.opts.selected(c); !ok {
			continue
		}
		t.Run(c.ID, func(t *testing.T) {
			r := s.try(t.Context(), c)
			if w, ok := waivers[c.ID]; ok {
				if problem := s.waive(w, &r); problem != "" {
					t.Errorf("waiver: %s", problem)
				}
			}
			tell(t, r, s.opts.Strict)
		})
	}
}

// tell turns a result into the outcome of a subtest.
func tell(t *testing.T, r Result, strict bool) {
	t.Helper()
	for _, f := range r.Findings {
		if r.Waiver == nil && (f.Outcome == Failed || f.Outcome == Warned && strict && r.Level != May) {
			t.Errorf("%s", findingText(r, f))
		} else {
			t.Logf("%s", findingText(r, f))
		}
	}
	if r.Waiver != nil {
		t.Logf("waived until %s by %s: %s", r.Waiver.Expires, r.Waiver.Owner, r.Waiver.Reason)
	}
	switch {
	case r.Outcome == Skipped:
		t.Skip(r.Reason)
	case r.Outcome == Errored:
		t.Errorf("could not be tried: %s", r.Reason)
	case r.Outcome == Inconclusive && r.Level == Must:
		t.Errorf("inconclusive: %s", r.Reason)
	case r.Outcome == Inconclusive:
		t.Logf("inconclusive: %s", r.Reason)
	}
}

func findingText(r Result, f Finding) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s\n  requirement: %s %s (%s)", f.Outcome, f.Message, r.Level, r.Requirement, r.Source)
	for _, line := range []struct{ name, text string }{{"likely cause", f.Cause}, {"fix", f.Fix}, {"again", f.Curl}} {
		if line.text != "" {
			fmt.Fprintf(&b, "\n  %s: %s", line.name, line.text)
		}
	}
	return b.String()
}
