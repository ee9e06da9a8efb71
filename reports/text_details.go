package reports

import (
	"fmt"
	"strconv"
	"strings"

	"hookproof/conformance"
)

// The layout of a check's details: labels from the second column on, texts
// behind them.
const (
	detailIndent = 2
	labelWidth   = 13
)

// Limits on quoted evidence in the text report, in lines; the JSON report has all of it.
const (
	maxHeaderLines = 14
	maxBodyLines   = 12
)

// details writes all there is to say about one check.
func (p *page) details(res conformance.Result) {
	m := markOf(res.Outcome)
	head := fmt.Sprintf("%s · %s · %s", inline(res.ID), inline(string(res.Level)), outcome(res.Outcome))
	p.line(p.paint(m.style, m.sign) + " " + p.paint(bold, strings.TrimSpace(cut(head, p.width-2))))
	for _, line := range wrap(inline(res.Title), p.width-2) {
		p.line("  " + line)
	}
	p.blank()
	if res.Outcome == conformance.Inconclusive || res.Outcome == conformance.Errored {
		p.prose("Reason", reason(res))
	}
	if res.Waiver != nil {
		p.prose("Waiver", waiverText(res.Waiver))
	}
	p.prose("Requirement", res.Requirement)
	p.prose("Source", basis(res))
	p.prose("Measured", measures(res.Measures))

	p.findings(res.Findings)
}

// findings writes findings in full. Unless the report is verbose, those that a
// rule makes after its first are a line each: a receiver that refuses all
// triggers makes dozens.
func (p *page) findings(all []conformance.Finding) {
	var order []string
	byCode := map[string][]conformance.Finding{}
	for i, f := range all {
		code := f.Code
		if p.verbose {
			code = strconv.Itoa(i)
		}
		if byCode[code] == nil {
			order = append(order, code)
		}
		byCode[code] = append(byCode[code], f)
	}
	withheld := false
	for _, code := range order {
		first, more := byCode[code][0], byCode[code][1:]
		p.blank()
		p.finding(first)
		if len(more) > 0 {
			p.blank()
		}
		for i := 0; i < len(more); {
			times := 1
			for i+times < len(more) && alike(more[i], more[i+times]) {
				times++
			}
			p.brief(more[i], first, times)
			withheld = withheld || more[i].Exchange != nil
			i += times
		}
	}
	if withheld {
		p.blank()
		p.line("  " + p.paint(dim, "More such evidence is in a verbose text report and in the JSON report."))
	}
}

func alike(a, b conformance.Finding) bool {
	return a.Outcome == b.Outcome && a.Message == b.Message && a.Cause == b.Cause && a.Fix == b.Fix
}

// finding writes all that there is to say of one finding.
func (p *page) finding(f conformance.Finding) {
	p.message(f)
	p.prose("Cause", f.Cause)
	p.prose("Fix", f.Fix)
	if x := f.Exchange; x != nil {
		p.part("Sent", sent(x))
		p.part("Received", received(x))
	}
	if f.Curl != "" {
		p.labelled(detailIndent, labelWidth, dim, "Repeat", command(f.Curl))
	}
}

// brief writes what one or more findings that are alike add to the first of
// their rule, which has the evidence.
func (p *page) brief(f, first conformance.Finding, times int) {
	if times > 1 {
		f.Message = fmt.Sprintf("%s (%d times)", strings.TrimSpace(f.Message), times)
	}
	f.Code = ""
	p.message(f)
	if f.Cause != first.Cause {
		p.prose("Cause", f.Cause)
	}
	if f.Fix != first.Fix {
		p.prose("Fix", f.Fix)
	}
}

func (p *page) message(f conformance.Finding) {
	message := inline(f.Message)
	if code := inline(f.Code); code != "" {
		message += " [" + code + "]"
	}
	p.hanging(markOf(f.Outcome), wrap(message, p.width-4))
}

// notes writes what is worth knowing of checks that are in no trouble: a line a finding.
func (p *page) notes(results []conformance.Result) {
	if len(results) == 0 {
		return
	}
	p.rule()
	p.line(p.paint(bold, "Worth knowing"))
	p.blank()
	idWidth := 0
	for _, res := range results {
		idWidth = max(idWidth, cells(inline(res.ID)))
	}
	idWidth = min(idWidth, p.width/3)
	for _, res := range results {
		id := cut(inline(res.ID), idWidth)
		for _, f := range res.Findings {
			said := strings.Join([]string{inline(f.Message), inline(f.Cause), inline(f.Fix)}, " ")
			for _, line := range wrap(said, p.width-idWidth-6) {
				p.line(strings.TrimRight("  "+p.paint(markOf(f.Outcome).style, pad(id, idWidth))+"  "+line, " "))
				id = ""
			}
		}
	}
}

// prose writes a labelled text, wrapped; nothing if there is none.
func (p *page) prose(label, text string) {
	p.labelled(detailIndent, labelWidth, dim, label, wrap(inline(text), p.room()))
}

func (p *page) room() int { return p.width - detailIndent - labelWidth }

// part quotes one direction of an exchange.
func (p *page) part(label string, q part) {
	lines := wrap(q.first, p.room())
	var headers []string
	for _, h := range q.headers {
		headers = append(headers, fold(h, p.room())...)
	}
	lines = append(lines, few(headers, maxHeaderLines, "header lines")...)
	if q.body != "" {
		lines = append(lines, "")
		lines = append(lines, few(fold(q.body, p.room()), maxBodyLines, "lines")...)
	}
	lines = append(lines, "("+q.note+")")
	p.labelled(detailIndent, labelWidth, dim, label, lines)
}

// few returns the first lines and says how many are missing.
func few(lines []string, most int, what string) []string {
	if len(lines) <= most {
		return lines
	}
	return append(lines[:most-1:most-1], fmt.Sprintf("… %d more %s", len(lines)-most+1, what))
}
