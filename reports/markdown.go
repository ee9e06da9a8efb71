package reports

import (
	"cmp"
	"fmt"
	"html"
	"io"
	"strings"
	"time"

	"hookproof/conformance"
)

// maxMarkdown keeps a report below 1 MiB, above which GitHub drops the whole
// summary of a job step, with room for what is written after the last check of
// the size.
const maxMarkdown = 900 << 10

// Limits on what is quoted, in bytes; the JSON report has the whole.
const (
	maxQuote = 4 << 10
	maxCell  = 300
)

// Markdown writes a report for the summary of a CI job, in GitHub's dialect:
// the verdict, the counts, a table of what needs action, then the evidence of
// each finding folded away. It is always smaller than 1 MiB; what does not fit
// is counted.
func Markdown(w io.Writer, r *conformance.Report) error {
	var m markdown
	m.head(r)
	m.counts(r.Summary)
	m.action(r.Results)
	m.waivers(r)
	m.evidence(r.Results)
	m.leftOut(r.Results)
	m.timing(r)
	return emit(w, "markdown", []byte(m.b.String()))
}

// markdown collects the blocks of a document.
type markdown struct{ b strings.Builder }

func (m *markdown) printf(format string, args ...any) { fmt.Fprintf(&m.b, format, args...) }

// full tells that no more than the end may be written.
func (m *markdown) full() bool { return m.b.Len() > maxMarkdown }

func (m *markdown) head(r *conformance.Report) {
	said := conclusion(r)
	m.printf("## %s %s\n\n", verdictSign(r.Verdict), prose(said[0]))
	for _, s := range said[1:] {
		m.printf("> [!WARNING]\n> %s\n\n", prose(s))
	}
	m.printf("hookproof on %s · mode %s · profile %s", code(r.Target), prose(string(r.Mode)), prose(r.Profile))
	if r.Strict {
		m.printf(" · strict: warnings count as failures")
	}
	m.printf("\n\n")
}

func (m *markdown) counts(s conformance.Summary) {
	head, rule := "| Level |", "|---|"
	for _, c := range columns(conformance.Counts{}) {
		head += " " + c.word + " |"
		rule += "---:|"
	}
	m.printf("%s\n%s\n", head, rule)
	for _, row := range []struct {
		level  conformance.Level
		counts conformance.Counts
	}{{conformance.Must, s.Must}, {conformance.Should, s.Should}, {conformance.May, s.May}} {
		m.printf("| %s |", row.level)
		for _, c := range columns(row.counts) {
			m.printf(" %d |", c.n)
		}
		m.printf("\n")
	}
	m.printf("\n")
}

// action is the table of what somebody has to look at.
func (m *markdown) action(results []conformance.Result) {
	var rows []conformance.Result
	for _, res := range worth(results) {
		if troubled(res.Outcome) && res.Waiver == nil {
			rows = append(rows, res)
		}
	}
	if len(rows) == 0 {
		return
	}
	m.printf("### Needs action\n\n| | Check | Level | What happened |\n|---|---|---|---|\n")
	for i, res := range rows {
		if m.full() {
			m.printf("\n%d more checks are in the JSON report.\n", len(rows)-i)
			break
		}
		m.printf("| %s | %s | %s | %s |\n", sign(res.Outcome), code(res.ID), prose(string(res.Level)), prose(short(gist(res), maxCell)))
	}
	m.printf("\n")
}

// waivers is what somebody answers for.
func (m *markdown) waivers(r *conformance.Report) {
	begun := false
	line := func(mark, id, text string) {
		if m.full() {
			return // the JSON report has it
		}
		if !begun {
			m.printf("### Waivers\n\n")
			begun = true
		}
		m.printf("- %s %s: %s\n", mark, code(id), prose(short(text, maxCell)))
	}
	for _, w := range r.WaiverProblems {
		line("❌", w.Check, w.Problem)
	}
	for _, res := range r.Results {
		if res.Waiver != nil {
			line(sign(res.Outcome), res.ID, waiverText(res.Waiver))
		}
	}
	if begun {
		m.printf("\n")
	}
}

// leftOut says what was not tried, by reason.
func (m *markdown) leftOut(results []conformance.Result) {
	all := leftOut(results)
	if len(all) == 0 {
		return
	}
	m.printf("### Not tried\n\n")
	for i, u := range all {
		if m.full() {
			m.printf("- and %d more reasons, in the JSON report\n", len(all)-i)
			break
		}
		word := "skipped"
		if u.outcome == conformance.NotSelected {
			word = "not selected"
		}
		m.printf("- %d %s: %s", len(u.ids), word, prose(short(u.reason, maxCell)))
		if most := 20; u.outcome == conformance.Skipped && len(u.ids) <= most {
			ids := make([]string, len(u.ids))
			for i, id := range u.ids {
				ids[i] = code(id)
			}
			m.printf(" (%s)", strings.Join(ids, ", "))
		}
		m.printf("\n")
	}
	m.printf("\n")
}

// timing is the table of groups, and how to repeat the run.
func (m *markdown) timing(r *conformance.Report) {
	all := groups(r.Results)
	m.printf("<details><summary>%s, %s in %s</summary>\n\n",
		plural(len(r.Results), "check"), plural(r.Requests, "request"), html.EscapeString(cmp.Or(span(r.Duration), "no time")))
	m.printf("| Group | Checks | Requests | Time |\n|---|---:|---:|---:|\n")
	for i, g := range all {
		if m.full() {
			m.printf("\n%d more groups are in the JSON report.\n", len(all)-i)
			break
		}
		requests := 0
		for _, res := range g.results {
			requests += res.Requests
		}
		m.printf("| %s | %d | %d | %s |\n", code(g.name), len(g.results), requests, prose(cmp.Or(span(g.duration()), "–")))
	}
	m.printf("\n</details>\n\n<sub>%s, started %s UTC. Events of this run carry %s; seed %d repeats them.</sub>\n",
		prose(short(inline(r.Tool.Name+" "+r.Tool.Version), maxCell)), r.Started.UTC().Format(time.DateTime), code(r.Run), r.Seed)
}

func verdictSign(v conformance.Verdict) string {
	switch v {
	case conformance.Conforms:
		return "✅"
	case conformance.DoesNotConform:
		return "❌"
	default:
		return "❓"
	}
}

// sign is the mark of an outcome where there are no colours but emoji.
func sign(o conformance.Outcome) string {
	switch o {
	case conformance.Passed:
		return "✅"
	case conformance.Failed:
		return "❌"
	case conformance.Warned:
		return "⚠️"
	case conformance.Informed:
		return "ℹ️"
	case conformance.Errored:
		return "💥"
	case conformance.Skipped, conformance.NotSelected:
		return "⏭️"
	default:
		return "❓"
	}
}
