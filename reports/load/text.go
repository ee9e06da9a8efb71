package load

import (
	"bytes"
	"fmt"
	"io"
	"strings"
)

// mostTriggers is how many triggers the formats for reading show.
const mostTriggers = 8

// Text writes a report for people.
func Text(w io.Writer, r, old *Report) error {
	var b bytes.Buffer
	p := func(format string, args ...any) {
		b.WriteString(strings.TrimRight(fmt.Sprintf(format, args...), " ") + "\n")
	}
	res := r.Result
	p("%s: %s", res.Plan.URL, how(res.Plan))
	p("")
	p("events     %d due, %d sent (%.1f/s), %d delivered, %d not", res.Scheduled, res.Sent, res.Achieved(), res.Delivered, res.Undelivered())
	if res.Warmup > 0 {
		p("           %d more to warm up, not counted", res.Warmup)
	}
	for _, a := range answers(res) {
		p("           %s: %d", a.name, a.count)
	}
	for i, t := range timings(res) {
		if i == 0 {
			p("")
			p("%-22s %9s %9s %9s %9s %9s %9s", row("", columns())...)
		}
		p("%-22s %9s %9s %9s %9s %9s %9s", row(t.name, t.cells())...)
	}
	for i, t := range slowest(res) {
		if i == 0 {
			p("")
		}
		if i == mostTriggers {
			p("%-40s …", fmt.Sprintf("%d more triggers", len(res.Triggers)-i))
			break
		}
		p("%-40s %8d sent %8d delivered   p99 %s", t.Trigger, t.Sent, t.Delivered, Short(t.Latency.Quantile(99)))
	}
	p("")
	p("%s out, %s in, %d connections opened", size(res.BytesOut), size(res.BytesIn), res.Opened)
	if res.Shared != nil {
		for _, w := range res.Shared.Workers {
			p("%-40s %8d sent in %d parts", w.Worker, w.Sent, w.Parts)
		}
	}
	for _, note := range notes(res) {
		p("%s", note)
	}
	if old != nil {
		p("")
		p("%-34s %12s %12s %10s", "compared", "older", "now", "change")
		for _, c := range changes(res, old.Result) {
			p("%-34s %12s %12s %10s", c.name, c.old, c.now, c.by)
		}
		if other := otherPlan(res, old.Result); other != "" {
			p("%s", other)
		}
	}
	for i, c := range r.Conditions {
		if i == 0 {
			p("")
		}
		mark := "kept  "
		if c.True {
			mark = "missed"
		}
		p("%s  %s: it is %s", mark, c.Text, c.Value)
	}
	return emit(w, "text", b.Bytes())
}

func row(name string, cells []string) []any {
	out := []any{name}
	for _, c := range cells {
		out = append(out, c)
	}
	return out
}
