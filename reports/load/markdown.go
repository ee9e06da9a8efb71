package load

import (
	"bytes"
	"fmt"
	"io"
	"strings"
)

// Markdown writes a report in GitHub's dialect of Markdown.
func Markdown(w io.Writer, r, old *Report) error {
	var b bytes.Buffer
	p := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	res := r.Result
	mark := map[string]string{Kept: "✅", Missed: "❌", Undecided: "⚠️"}[r.Verdict]
	p("## %s Traffic %s\n", mark, verdictWords(r))
	p("%s: %s\n", code(res.Plan.URL), how(res.Plan))
	p("**%d** due, **%d** sent (%.1f/s), **%d** delivered, **%d** not (%s)\n",
		res.Scheduled, res.Sent, res.Achieved(), res.Delivered, res.Undelivered(), percent(res.Undelivered(), res.Scheduled))
	if len(r.Conditions) > 0 {
		p("| condition | measured | |\n| --- | ---: | --- |")
		for _, c := range r.Conditions {
			p("| %s | %s | %s |", code(c.Text), c.Value, map[bool]string{true: "❌ missed", false: "✅ kept"}[c.True])
		}
		p("")
	}
	p("| | %s |\n| --- |%s", strings.Join(columns(), " | "), strings.Repeat(" ---: |", len(columns())))
	for _, t := range timings(res) {
		p("| %s | %s |", t.name, strings.Join(t.cells(), " | "))
	}
	p("\n| answer | events | p99 |\n| --- | ---: | ---: |")
	for _, a := range answers(res) {
		p("| %s | %d | %s |", a.name, a.count, Short(a.p99))
	}
	p("\n<details><summary>Triggers, the slowest first</summary>\n\n| trigger | sent | delivered | p50 | p99 |\n| --- | ---: | ---: | ---: | ---: |")
	for _, t := range slowest(res) {
		p("| %s | %d | %d | %s | %s |", code(t.Trigger), t.Sent, t.Delivered, Short(t.Latency.Quantile(50)), Short(t.Latency.Quantile(99)))
	}
	p("\n</details>")
	if res.Shared != nil {
		p("\n| worker | sent | parts |\n| --- | ---: | ---: |")
		for _, w := range res.Shared.Workers {
			p("| %s | %d | %d |", code(w.Worker), w.Sent, w.Parts)
		}
	}
	if old != nil {
		p("\n| compared | older | now | change |\n| --- | ---: | ---: | ---: |")
		for _, c := range changes(res, old.Result) {
			p("| %s | %s | %s | %s |", c.name, c.old, c.now, c.by)
		}
		if other := otherPlan(res, old.Result); other != "" {
			p("\n%s", other)
		}
	}
	for _, note := range notes(res) {
		p("\n> %s", note)
	}
	return emit(w, "markdown", b.Bytes())
}

// code is a text as a code span: of a URL or a condition, which are on one line.
func code(s string) string {
	if s == "" {
		return "—"
	}
	fence := "`"
	for strings.Contains(s, fence) {
		fence += "`"
	}
	if len(fence) > 1 {
		s = " " + s + " "
	}
	return fence + strings.ReplaceAll(s, "|", `\|`) + fence
}
