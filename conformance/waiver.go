package conformance

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Bounds of waivers.
const (
	// MaxWaivers is how many a run takes.
	MaxWaivers = 1000
	// MaxWaiverText is how long a reason or an owner may be, in bytes.
	MaxWaiverText = 1000
)

// Waiver accepts that a check fails, for a reason and a time. The failure stays in the
// report and is shown as waived; it does not decide the verdict. A waiver that is of no
// use fails the run, so that none outlives what it was made for.
type Waiver struct {
	Check   string `json:"check"`   // an id; what is waived is named, never matched by a pattern
	Reason  string `json:"reason"`  // why the failure is accepted
	Owner   string `json:"owner"`   // who answers for it
	Expires string `json:"expires"` // the last day on which it counts, YYYY-MM-DD in UTC
}

// WaiverProblem is a waiver that fails the run.
type WaiverProblem struct {
	Check   string `json:"check"`
	Problem string `json:"problem"` // what is wrong with it and what to do
}

// checkWaivers refuses waivers that say too little to be answered for.
func checkWaivers(list []Waiver) error {
	if len(list) > MaxWaivers {
		return badConfig("waivers", "%d of them: want at most %d", len(list), MaxWaivers)
	}
	seen := map[string]bool{}
	for _, w := range list {
		if w.Check == "" || len(w.Check) > maxName {
			return badConfig("waivers", "a waiver names no check: want the id of one, such as tls/version-1-2")
		}
		if seen[w.Check] {
			return badConfig("waivers", "%.60q is waived twice: want one waiver for a check", w.Check)
		}
		seen[w.Check] = true
		for _, text := range []struct{ name, value string }{{"reason", w.Reason}, {"owner", w.Owner}} {
			if strings.TrimSpace(text.value) == "" {
				return badConfig("waivers", "%.60q has no %s: a waiver says why, who answers for it and until when", w.Check, text.name)
			}
			if len(text.value) > MaxWaiverText || !utf8.ValidString(text.value) || strings.ContainsFunc(text.value, unicode.IsControl) {
				return badConfig("waivers", "%.60q: %s: want at most %d bytes of UTF-8 in one line", w.Check, text.name, MaxWaiverText)
			}
		}
		if _, err := time.Parse(time.DateOnly, w.Expires); err != nil {
			return badConfig("waivers", "%.60q: expires %.20q: want a day such as 2027-03-31", w.Check, w.Expires)
		}
	}
	return nil
}

// waive marks a result whose failure is waived, and says what is wrong with the waiver.
func (s *session) waive(w Waiver, res *Result) (problem string) {
	w.Reason, w.Owner = s.red.Clean(w.Reason), s.red.Clean(w.Owner)
	if time.Now().UTC().Format(time.DateOnly) > w.Expires {
		return fmt.Sprintf("expired on %s: fix what it waives, or agree on a new day with %s", w.Expires, w.Owner)
	}
	switch res.Outcome {
	case Failed, Warned:
		res.Waiver = &w
	case Passed, Informed:
		return "the check passes: remove the waiver"
	}
	return ""
}

// waiveAll does that for a whole report.
func (s *session) waiveAll(r *Report) {
	for _, w := range s.opts.Waivers {
		problem := noSuchCheck
		if i := slices.IndexFunc(r.Results, func(res Result) bool { return res.ID == w.Check }); i >= 0 {
			problem = s.waive(w, &r.Results[i])
		}
		if problem != "" {
			r.WaiverProblems = append(r.WaiverProblems, WaiverProblem{s.red.Clean(w.Check), problem})
		}
	}
}

const noSuchCheck = "no check has this id: correct the waiver or remove it"
