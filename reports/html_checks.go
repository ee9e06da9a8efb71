package reports

import (
	"cmp"
	"html/template"
	"slices"
	"strings"

	"hookproof/conformance"
)

// Bounds of what the page shows, in bytes and pieces; the JSON report has the whole.
const (
	maxPage     = 2 << 20 // of texts, as HTML
	maxFindings = 12      // of a check
	maxExamples = 2       // exchanges of a check beside those of its findings
)

type shownCheck struct {
	ID, Title, Outcome, Class, Sign, Level, Group, Time string
	Open                                                bool
	Requirement, Basis, Reason, Measured, Waiver        string
	Findings                                            []shownFinding
	Examples                                            []shownExchange
	More                                                string
}

type shownFinding struct {
	Class, Outcome, Code, Message, Cause, Fix, Curl string
	Exchange                                        *shownExchange
}

type shownExchange struct {
	Name, Sent, Received, SentNote, ReceivedNote string
	Open                                         bool
}

// checksOf returns the checks, those in trouble first.
func checksOf(r *conformance.Report) []shownCheck {
	of := map[string][]conformance.Recorded{}
	for _, x := range r.Exchanges {
		if !x.Control && len(of[x.Check]) < maxExamples {
			of[x.Check] = append(of[x.Check], x)
		}
	}
	results := slices.Clone(r.Results)
	slices.SortStableFunc(results, func(a, b conformance.Result) int { return cmp.Compare(gravity(a.Outcome), gravity(b.Outcome)) })
	l := ledger{room: maxPage}
	all := make([]shownCheck, 0, len(results))
	for _, res := range results {
		all = append(all, l.check(res, of[res.ID]))
	}
	return all
}

// ledger counts what is left of the room for evidence.
type ledger struct{ room int }

// take returns a text that is shown as it is, as long as there is room.
func (l *ledger) take(s string) string {
	s = short(s, maxQuote)
	size := len(template.HTMLEscapeString(s))
	if size > l.room {
		l.room = 0
		return ""
	}
	l.room -= size
	return s
}

func (l *ledger) check(res conformance.Result, recorded []conformance.Recorded) shownCheck {
	id := short(inline(res.ID), maxCell)
	c := shownCheck{
		ID: id, Title: short(inline(res.Title), maxCell), Outcome: short(outcome(res.Outcome), maxCell), Class: outcomeClass(res.Outcome), Sign: markOf(res.Outcome).sign,
		Level: short(inline(string(res.Level)), maxCell), Group: short(inline(res.Group()), maxCell), Time: span(res.Duration), Open: troubled(res.Outcome) && res.Waiver == nil,
		Requirement: l.take(inline(res.Requirement)), Basis: l.take(basis(res)), Reason: l.take(reason(res)), Measured: l.take(measures(res.Measures)),
	}
	if res.Waiver != nil {
		c.Waiver = short(waiverText(res.Waiver), maxCell)
	}
	for i, f := range res.Findings {
		if i == maxFindings || l.room == 0 {
			c.More = plural(len(res.Findings)-i, "more finding") + " in the JSON report"
			break
		}
		c.Findings = append(c.Findings, l.finding(f))
		if x := c.Findings[i].Exchange; x != nil {
			x.Open = i == 0 && c.Open
		}
	}
	for _, x := range recorded {
		if l.room == 0 || len(c.Findings) > 0 && c.Findings[0].Exchange != nil {
			break // the findings have theirs
		}
		c.Examples = append(c.Examples, l.exchange(cmp.Or(triggerOf(x.Exchange.Body), "request")+", "+answerOf(&x.Exchange), &x.Exchange))
	}
	return c
}

func (l *ledger) finding(f conformance.Finding) shownFinding {
	one := shownFinding{
		Class: outcomeClass(f.Outcome), Outcome: outcome(f.Outcome), Code: short(inline(f.Code), maxCell), Message: l.take(inline(f.Message)),
		Cause: l.take(inline(f.Cause)), Fix: l.take(inline(f.Fix)),
	}
	if f.Exchange != nil {
		x := l.exchange("Sent and received: "+answerOf(f.Exchange), f.Exchange)
		one.Exchange = &x
	}
	if f.Curl != "" && len(f.Curl) < l.room && len(f.Curl) <= maxQuote { // half a command could not be run
		one.Curl = l.take(strings.Join(command(f.Curl), "\n"))
	}
	return one
}

func (l *ledger) exchange(name string, x *conformance.Exchange) shownExchange {
	s, r := sent(x), received(x)
	return shownExchange{short(name, maxCell), l.take(s.text()), l.take(r.text()), s.note, r.note, false}
}

func answerOf(x *conformance.Exchange) string {
	if x.Status == 0 {
		return "no answer"
	}
	return status(x.Status)
}

func outcomeClass(o conformance.Outcome) string {
	switch o {
	case conformance.Passed:
		return "good"
	case conformance.Failed:
		return "bad"
	case conformance.Warned:
		return "warn"
	case conformance.Informed:
		return "info"
	case conformance.Skipped, conformance.NotSelected:
		return "none"
	default:
		return "open"
	}
}
