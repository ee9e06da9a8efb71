package reports

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"time"

	"hookproof/conformance"
)

// TextOptions says how to lay a text report out.
type TextOptions struct {
	Color   bool // colour with ANSI sequences
	Verbose bool // a line for every check and the evidence of every finding; else what needs attention
	Width   int  // columns of the terminal; 0 is 100, less than 80 is taken as 80
}

// Text writes a report for a person at a terminal: what was run, the checks by
// group, then each check in trouble with its findings, their likely cause, the
// fix, the requirement and the evidence, then what is only worth knowing, and
// the counts and the verdict at the end, where the cursor is.
//
// Marks are ✓ passed, ✗ failed, ! warning, i information, ? inconclusive,
// E error of hookproof itself, – skipped, · not selected. No line is longer
// than the width but a curl command, which has to stay whole to be copied, and
// the last line, which is for scripts: it begins with "verdict: " and the
// verdict, and is never coloured. What a receiver said is always indented, so
// it cannot pass for that line.
func Text(w io.Writer, r *conformance.Report, o TextOptions) error {
	p := newPage(o)
	p.header(r)
	p.checks(r)
	p.leftOut(r)
	var notes []conformance.Result
	for _, res := range worth(r.Results) {
		if !p.verbose && !troubled(res.Outcome) {
			notes = append(notes, res)
			continue
		}
		p.rule()
		p.details(res)
	}
	p.notes(notes)
	p.summary(r)
	return emit(w, "text", []byte(p.b.String()))
}

func (p *page) header(r *conformance.Report) {
	p.line(p.paint(bold, cut(inline("CometChat webhook receiver, tried by "+r.Tool.Name+" "+r.Tool.Version), p.width)))
	p.blank()
	profile := inline(r.Profile)
	if r.Strict {
		profile += ", strict: warnings count as failures"
	}
	run := fmt.Sprintf("%s, seed %d", cmp.Or(inline(r.Run), "unmarked"), r.Seed)
	when := r.Started.UTC().Format(time.DateTime) + " UTC"
	if took := span(r.Duration); took != "" {
		when += ", took " + took
	}
	did := fmt.Sprintf("%s, %s, %s", plural(r.Requests, "request"), plural(r.Events, "event"), plural(len(r.Triggers), "trigger"))
	if t := span(r.RoundTrip); t != "" {
		did += "; " + t + " to connect (median)"
	}
	for _, row := range [][2]string{
		{"Target", inline(r.Target)}, {"Mode", inline(string(r.Mode))}, {"Profile", profile},
		{"Run", run}, {"Started", when}, {"Sent", did},
	} {
		p.labelled(2, 10, plain, row[0], wrap(row[1], p.width-12))
	}
	if r.Interrupted {
		p.labelled(2, 10, yellow, "!", wrap("The run was interrupted.", p.width-12))
	}
	if !r.Certifies {
		p.labelled(2, 10, yellow, "!", wrap(cannotCertify(r), p.width-12))
	}
}

// checks writes a line per group, and below it a line per check: every one in
// a verbose report, else those in trouble.
func (p *page) checks(r *conformance.Report) {
	p.heading("Checks")
	idWidth, nameWidth := 0, 0
	for _, res := range r.Results {
		if p.verbose || troubled(res.Outcome) {
			idWidth = max(idWidth, cells(inline(res.ID)))
		}
		nameWidth = max(nameWidth, cells(inline(res.Group())))
	}
	idWidth, nameWidth = min(idWidth, p.width/3), min(nameWidth, p.width/4)
	for i, g := range groups(r.Results) {
		if p.verbose && i > 0 {
			p.blank()
		}
		var said []string
		for _, c := range columns(tally(g.results)) {
			if c.n > 0 {
				said = append(said, c.String())
			}
		}
		worst := worstOf(g.results)
		p.timed("", markOf(worst), bold, pad(cut(inline(g.name), nameWidth), nameWidth)+"  "+strings.Join(said, ", "), g.duration())
		for _, res := range g.results {
			if p.verbose || troubled(res.Outcome) {
				p.check(res, idWidth)
			}
		}
	}
}

func (p *page) check(res conformance.Result, idWidth int) {
	id := pad(cut(inline(res.ID), idWidth), idWidth)
	level := pad(cut(inline(string(res.Level)), 6), 6)
	p.timed("    ", markOf(res.Outcome), plain, level+"  "+id+"  "+inline(res.Title), res.Duration)
	if figures := measures(res.Measures); p.verbose && figures != "" {
		for _, line := range wrap(figures, p.width-14) {
			p.line(strings.Repeat(" ", 14) + p.paint(dim, line))
		}
	}
}

// timed writes a row with a mark at its start and a time at its end.
func (p *page) timed(indent string, m mark, st style, text string, d conformance.Duration) {
	const timeWidth = 10
	time := span(d)
	room := p.width - cells(indent) - 2
	if time != "" {
		text = pad(cut(text, room-timeWidth), room-timeWidth) + padLeft(time, timeWidth)
	}
	text = strings.TrimRight(cut(text, room), " ")
	p.line(indent + p.paint(m.style, m.sign) + " " + p.paint(st, text))
}

// worstOf is the outcome to show for a group.
func worstOf(results []conformance.Result) conformance.Outcome {
	worst := conformance.NotSelected
	for _, res := range results {
		if gravity(res.Outcome) < gravity(worst) {
			worst = res.Outcome
		}
	}
	if worst == conformance.Informed {
		return conformance.Passed
	}
	return worst
}

// leftOut says what was not tried, by reason.
func (p *page) leftOut(r *conformance.Report) {
	all := leftOut(r.Results)
	if len(all) == 0 {
		return
	}
	p.heading("Not tried")
	for _, u := range all {
		m := markOf(u.outcome)
		word := "skipped"
		if u.outcome == conformance.NotSelected {
			word = "not selected"
		}
		p.hanging(m, wrap(fmt.Sprintf("%d %s: %s", len(u.ids), word, u.reason), p.width-4))
		if u.outcome == conformance.NotSelected && !p.verbose {
			continue
		}
		ids := u.ids
		if most := 8; !p.verbose && len(ids) > most {
			ids = append(ids[:most:most], fmt.Sprintf("and %d more", len(ids)-most))
		}
		for _, line := range wrap(strings.Join(ids, ", "), p.width-4) {
			p.line("    " + p.paint(dim, line))
		}
	}
}
