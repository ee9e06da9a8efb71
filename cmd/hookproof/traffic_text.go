package main

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"time"

	"hookproof/mockserver/traffic"
)

// writeTraffic writes a result for people.
func writeTraffic(w io.Writer, r *traffic.Result) error {
	var b bytes.Buffer
	p := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	closed := r.Plan.Rate == traffic.Max
	how := fmt.Sprintf("%s %s", r.Plan.Rate, r.Plan.Model)
	if closed {
		how = "as fast as answers come"
	}
	p("%s: %s for %s, %d connections over %s", r.Plan.URL, how, r.Plan.Duration, r.Plan.Connections, map[bool]string{false: "HTTP/1.1", true: "HTTP/2"}[r.Plan.HTTP2])
	p("")
	p("events     %d due, %d sent (%.1f/s), %d delivered, %d not", r.Scheduled, r.Sent, r.Achieved(), r.Delivered, r.Errors()+r.Unsent)
	if r.Warmup > 0 {
		p("           %d more to warm up, not counted", r.Warmup)
	}
	for _, s := range r.Statuses {
		p("           %d: %d", s.Status, s.Count)
	}
	for _, f := range r.Failures {
		p("           %s: %d", f.Failure, f.Count)
	}
	if r.Unsent > 0 {
		p("           %d never sent: all connections were busy until the run was over", r.Unsent)
	}
	p("")
	p("%-22s %9s %9s %9s %9s %9s %9s", "", "mean", "p50", "p90", "p99", "p99.9", "max")
	row := func(name string, h *traffic.Histogram) {
		if h.Count() > 0 {
			p("%-22s %9s %9s %9s %9s %9s %9s", name, short(h.Mean()), short(h.Quantile(50)), short(h.Quantile(90)), short(h.Quantile(99)), short(h.Quantile(99.9)), short(h.Max()))
		}
	}
	if !closed {
		row("latency, from due", r.Latency)
		row("sent late by", r.Deviation)
	}
	row("latency, from sent", r.Service)
	p("")
	slowest := r.Triggers
	const most = 8
	for i, t := range slowest {
		if i == most {
			p("%-40s …", fmt.Sprintf("%d more triggers", len(slowest)-most))
			break
		}
		p("%-40s %8d sent %8d delivered   p99 %s", t.Trigger, t.Sent, t.Delivered, short(t.Latency.Quantile(99)))
	}
	p("")
	p("%s out, %s in, %d connections opened", size(r.BytesOut), size(r.BytesIn), r.Opened)
	if r.Waited > r.Sent/1000 {
		why := fmt.Sprintf("found all %d connections busy", r.Plan.Connections)
		if r.Plan.Ordered {
			why += ", or the event before them not answered,"
		}
		p("%d events (%.1f %%) %s when they were due; their latency counts from then", r.Waited, 100*float64(r.Waited)/float64(max(r.Sent, 1)), why)
	}
	if closed {
		p("the rate was as fast as answers came: what a slow answer held back is in no latency")
	}
	if words := bottleneckWords(r.Bottleneck()); words != "" {
		p("%s", words)
	}
	if r.Interrupted {
		p("interrupted after %s", r.Elapsed.Round(time.Millisecond))
	}
	_, err := io.WriteString(w, strings.ReplaceAll(b.String(), " \n", "\n"))
	return err
}

func bottleneckWords(b traffic.Bottleneck) string {
	switch b {
	case traffic.SlowSender:
		return "this machine could not send as fast: a hundredth of the events or more went out over 10 ms late, and the numbers are its own as well"
	case traffic.SlowGeneration:
		return "this machine could not make events as fast: they were waited for, and the numbers are its own as well"
	case traffic.TooFewConnection:
		return "events were left when the run was over: more --connections, or a lower --rate, would tell more"
	}
	return ""
}

// short is a time with three digits or so.
func short(d time.Duration) string {
	switch {
	case d < time.Millisecond:
		return fmt.Sprintf("%dµs", d.Microseconds())
	case d < 100*time.Millisecond:
		return fmt.Sprintf("%.2fms", float64(d)/1e6)
	case d < time.Second:
		return fmt.Sprintf("%.0fms", float64(d)/1e6)
	}
	return fmt.Sprintf("%.2fs", d.Seconds())
}

// size is a number of bytes.
func size(n int64) string {
	units := []string{"B", "kB", "MB", "GB", "TB"}
	f, i := float64(n), 0
	for f >= 1000 && i < len(units)-1 {
		f, i = f/1000, i+1
	}
	if i == 0 {
		return fmt.Sprintf("%d B", n)
	}
	return fmt.Sprintf("%.1f %s", f, units[i])
}

// trafficProgress is a line about a run under way.
func trafficProgress(s traffic.Progress, o traffic.Options) string {
	const width = 20
	done := int(width * min(s.Elapsed, o.Arrivals.Duration) / o.Arrivals.Duration)
	return fmt.Sprintf("[%s%s] %s  %.0f/s  %d sent  %d under way  %d errors  p50 %s  p99 %s", strings.Repeat("#", done), strings.Repeat(".", width-done),
		s.Elapsed.Round(100*time.Millisecond), s.Rate, s.Sent, s.InFlight, s.Errors, short(s.P50), short(s.P99))
}
