package reports

import (
	"fmt"
	"strings"

	"hookproof/conformance"
)

// summary ends the text: counts by level, what needs action by name, the
// verdict in words, and the line for scripts.
func (p *page) summary(r *conformance.Report) {
	p.rule()
	p.line(p.paint(bold, "Summary"))
	p.blank()
	p.countsTable(r.Summary)
	p.needsAction(r.Results)
	p.waived(r)
	p.blank()
	for i, said := range conclusion(r) {
		st := yellow
		if i == 0 {
			st = verdictStyle(r.Verdict)
		}
		for _, line := range wrap(said, p.width-2) {
			p.line("  " + p.paint(st, line))
		}
	}
	p.blank()
	p.line(verdictLine(r))
}

func (p *page) countsTable(s conformance.Summary) {
	gap := "  "
	if p.width < 84 { // what the table takes with wide gaps
		gap = " "
	}
	head := pad("", 8)
	for _, c := range columns(conformance.Counts{}) {
		head += gap + c.word
	}
	p.line(p.paint(dim, head))
	for _, row := range []struct {
		level  conformance.Level
		counts conformance.Counts
	}{{conformance.Must, s.Must}, {conformance.Should, s.Should}, {conformance.May, s.May}} {
		line := "  " + pad(string(row.level), 6)
		for _, c := range columns(row.counts) {
			line += gap + p.figure(c)
		}
		p.line(line)
	}
}

// figure is one cell of the table: what needs action stands out, zeros recede.
func (p *page) figure(c count) string {
	s := padLeft(fmt.Sprint(c.n), cells(c.word))
	switch {
	case c.n == 0:
		return p.paint(dim, s)
	case c.word == "failed":
		return p.paint(red, s)
	case c.word == "warned":
		return p.paint(yellow, s)
	case c.word == "inconclusive" || c.word == "errors":
		return p.paint(magenta, s)
	}
	return s
}

// needsAction names each check in trouble with the first thing it said, so
// that the end of the text is enough to know what to do next.
func (p *page) needsAction(results []conformance.Result) {
	var rows []conformance.Result
	idWidth := 0
	for _, res := range worth(results) {
		if troubled(res.Outcome) && res.Waiver == nil {
			rows = append(rows, res)
			idWidth = max(idWidth, cells(inline(res.ID)))
		}
	}
	if len(rows) == 0 {
		return
	}
	p.blank()
	idWidth = min(idWidth, p.width/3)
	for _, res := range rows {
		m := markOf(res.Outcome)
		text := pad(cut(inline(res.ID), idWidth), idWidth) + "  " + gist(res)
		p.line("  " + p.paint(m.style, m.sign) + " " + strings.TrimRight(cut(text, p.width-4), " "))
	}
}

// waived names each check whose failure somebody answers for, and what is wrong with
// waivers.
func (p *page) waived(r *conformance.Report) {
	begun := len(r.WaiverProblems) > 0
	for _, res := range r.Results {
		begun = begun || res.Waiver != nil
	}
	if begun {
		p.blank()
	}
	for _, res := range r.Results {
		if res.Waiver != nil {
			p.labelled(2, 2, dim, "~", wrap(inline(res.ID)+": "+waiverText(res.Waiver), p.width-4))
		}
	}
	for _, w := range r.WaiverProblems {
		p.labelled(2, 2, red, "✗", wrap("waiver of "+inline(w.Check)+": "+inline(w.Problem), p.width-4))
	}
}

// gist is the shortest account of what became of a check: its gravest finding,
// or its reason, or its title.
func gist(res conformance.Result) string {
	if res.Outcome == conformance.Inconclusive || res.Outcome == conformance.Errored {
		if said := reason(res); said != "" {
			return said
		}
	}
	if i, alike := gravest(res.Findings); i >= 0 {
		said := inline(res.Findings[i].Message)
		if alike > 1 {
			said = fmt.Sprintf("%d findings, the first: %s", alike, said)
		}
		return said
	}
	if said := reason(res); said != "" {
		return said
	}
	return inline(res.Title)
}

// gravest returns the index of the first finding of the gravest outcome, and
// how many findings have that outcome; -1 if there are none.
func gravest(findings []conformance.Finding) (index, alike int) {
	index = -1
	for i, f := range findings {
		switch {
		case index < 0 || gravity(f.Outcome) < gravity(findings[index].Outcome):
			index, alike = i, 1
		case f.Outcome == findings[index].Outcome:
			alike++
		}
	}
	return index, alike
}

func verdictStyle(v conformance.Verdict) style {
	switch v {
	case conformance.Conforms:
		return "1;32"
	case conformance.DoesNotConform:
		return red
	default:
		return magenta
	}
}

// verdictLine is the last line of the text. Its form is stable: scripts look
// for it.
func verdictLine(r *conformance.Report) string {
	n := func(of func(conformance.Counts) int) int {
		return of(r.Summary.Must) + of(r.Summary.Should) + of(r.Summary.May)
	}
	waivers := ""
	mustFailed, mustWarned := waived(r, conformance.Must)
	shouldFailed, shouldWarned := waived(r, conformance.Should)
	if all := mustFailed + mustWarned + shouldFailed + shouldWarned; all > 0 {
		waivers = fmt.Sprintf(", %d waived", all)
	}
	return fmt.Sprintf("verdict: %s (%d failed, %d inconclusive, %d errors, %d warned, %d passed%s)", inline(string(r.Verdict)),
		n(func(c conformance.Counts) int { return c.Failed }),
		n(func(c conformance.Counts) int { return c.Inconclusive }),
		n(func(c conformance.Counts) int { return c.Errored }),
		n(func(c conformance.Counts) int { return c.Warned }),
		n(func(c conformance.Counts) int { return c.Passed }), waivers)
}
