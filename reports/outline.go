package reports

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"hookproof/conformance"
)

// group is the results whose ids share the part before the slash.
type group struct {
	name    string
	results []conformance.Result
}

// groups returns the groups in the order in which they first occur.
func groups(results []conformance.Result) []group {
	var all []group
	at := map[string]int{}
	for _, res := range results {
		name := res.Group()
		i, known := at[name]
		if !known {
			i = len(all)
			at[name] = i
			all = append(all, group{name: name})
		}
		all[i].results = append(all[i].results, res)
	}
	return all
}

// duration is the time that the group's checks took together.
func (g group) duration() conformance.Duration {
	var sum conformance.Duration
	for _, res := range g.results {
		sum += res.Duration
	}
	return sum
}

// tally counts outcomes.
func tally(results []conformance.Result) conformance.Counts {
	n := map[conformance.Outcome]int{}
	for _, res := range results {
		n[res.Outcome]++
	}
	return conformance.Counts{
		Passed:       n[conformance.Passed],
		Failed:       n[conformance.Failed],
		Warned:       n[conformance.Warned],
		Informed:     n[conformance.Informed],
		Skipped:      n[conformance.Skipped],
		NotSelected:  n[conformance.NotSelected],
		Inconclusive: n[conformance.Inconclusive],
		Errored:      n[conformance.Errored],
	}
}

// count is one of Counts with the word for it.
type count struct {
	word string
	n    int
}

// String is the count in words: "2 failed".
func (c count) String() string {
	if c.n == 1 {
		return "1 " + strings.TrimSuffix(c.word, "s")
	}
	return fmt.Sprintf("%d %s", c.n, c.word)
}

// columns returns counts in the order in which every format shows them.
func columns(c conformance.Counts) []count {
	return []count{
		{"passed", c.Passed},
		{"failed", c.Failed},
		{"warned", c.Warned},
		{"info", c.Informed},
		{"inconclusive", c.Inconclusive},
		{"errors", c.Errored},
		{"skipped", c.Skipped},
		{"not selected", c.NotSelected},
	}
}

// gravity orders outcomes from what needs action first to what needs none.
func gravity(o conformance.Outcome) int {
	order := []conformance.Outcome{
		conformance.Failed, conformance.Errored, conformance.Inconclusive, conformance.Warned, conformance.Informed,
		conformance.Passed, conformance.Skipped, conformance.NotSelected,
	}
	if i := slices.Index(order, o); i >= 0 {
		return i
	}
	return len(order)
}

// worth returns the results with something to say, gravest first and else in
// the order of the suite.
func worth(results []conformance.Result) []conformance.Result {
	var out []conformance.Result
	for _, res := range results {
		if troubled(res.Outcome) || len(res.Findings) > 0 {
			out = append(out, res)
		}
	}
	slices.SortStableFunc(out, func(a, b conformance.Result) int { return cmp.Compare(gravity(a.Outcome), gravity(b.Outcome)) })
	return out
}

// troubled tells the outcomes that somebody has to look at.
func troubled(o conformance.Outcome) bool { return gravity(o) <= gravity(conformance.Warned) }

// untried is the checks that were left out for one reason.
type untried struct {
	outcome conformance.Outcome // Skipped or NotSelected
	reason  string
	ids     []string
}

// leftOut groups the checks that were not tried by their reason, in the order
// of first occurrence, skipped ones before those that were not selected.
func leftOut(results []conformance.Result) []untried {
	type key struct {
		outcome conformance.Outcome
		reason  string
	}
	var all []untried
	at := map[key]int{}
	for _, res := range results {
		if res.Outcome != conformance.Skipped && res.Outcome != conformance.NotSelected {
			continue
		}
		k := key{res.Outcome, cmp.Or(inline(res.Reason), "no reason given")}
		i, known := at[k]
		if !known {
			i = len(all)
			at[k] = i
			all = append(all, untried{outcome: k.outcome, reason: k.reason})
		}
		all[i].ids = append(all[i].ids, inline(res.ID))
	}
	slices.SortStableFunc(all, func(a, b untried) int { return cmp.Compare(gravity(a.outcome), gravity(b.outcome)) })
	return all
}

// span writes a duration as a person would say it; "" for none.
func span(d conformance.Duration) string {
	t := time.Duration(d)
	switch {
	case t <= 0:
		return ""
	case t < time.Millisecond:
		return "<1ms"
	case t < 10*time.Millisecond:
		return t.Round(100 * time.Microsecond).String()
	case t < time.Second:
		return t.Round(time.Millisecond).String()
	case t < time.Minute:
		return t.Round(10 * time.Millisecond).String()
	default:
		return t.Round(time.Second).String()
	}
}
