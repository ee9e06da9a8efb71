package reports

import (
	"strings"

	"hookproof/conformance"
)

// style is the parameter of an ANSI SGR sequence.
type style string

const (
	plain   style = ""
	bold    style = "1"
	dim     style = "2"
	red     style = "1;31"
	green   style = "32"
	yellow  style = "1;33"
	magenta style = "1;35"
	cyan    style = "36"
)

// mark is the sign of an outcome.
type mark struct {
	sign  string
	style style
}

func markOf(o conformance.Outcome) mark {
	switch o {
	case conformance.Passed:
		return mark{"✓", green}
	case conformance.Failed:
		return mark{"✗", red}
	case conformance.Warned:
		return mark{"!", yellow}
	case conformance.Informed:
		return mark{"i", cyan}
	case conformance.Skipped:
		return mark{"–", dim}
	case conformance.NotSelected:
		return mark{"·", dim}
	case conformance.Errored:
		return mark{"E", magenta}
	default: // Inconclusive, and whatever this version does not know
		return mark{"?", magenta}
	}
}

// page collects the lines of a text report. What it is given is cleaned
// already; colours come from paint alone.
type page struct {
	b       strings.Builder
	width   int
	color   bool
	verbose bool
}

func newPage(o TextOptions) *page {
	width := 100
	if o.Width > 0 {
		width = max(o.Width, 80)
	}
	return &page{width: width, color: o.Color, verbose: o.Verbose}
}

func (p *page) paint(st style, s string) string {
	if !p.color || st == plain || s == "" {
		return s
	}
	return "\x1b[" + string(st) + "m" + s + "\x1b[0m"
}

func (p *page) line(s string) {
	p.b.WriteString(s)
	p.b.WriteByte('\n')
}

func (p *page) blank() { p.b.WriteByte('\n') }

// rule parts the accounts of checks from each other.
func (p *page) rule() {
	p.blank()
	p.line(p.paint(dim, strings.Repeat("─", p.width)))
}

func (p *page) heading(s string) {
	p.blank()
	p.line(p.paint(bold, s))
	p.blank()
}

// labelled writes lines to the right of a label, whose column is labelWidth wide.
func (p *page) labelled(indent, labelWidth int, st style, label string, lines []string) {
	margin := strings.Repeat(" ", indent)
	for i, line := range lines {
		switch {
		case line == "":
			p.blank()
		case i == 0:
			p.line(margin + p.paint(st, label) + strings.Repeat(" ", max(1, labelWidth-cells(label))) + line)
		default:
			p.line(margin + strings.Repeat(" ", labelWidth) + line)
		}
	}
}

// hanging writes lines behind a mark, indented by two.
func (p *page) hanging(m mark, lines []string) {
	p.labelled(2, 2, m.style, m.sign, lines)
}
