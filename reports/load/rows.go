package load

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"hookproof/mockserver/traffic"
)

// timing is a histogram as a row of a table.
type timing struct {
	name string
	h    *traffic.Histogram
}

// timings are the histograms that a reader wants, in order.
func timings(r *traffic.Result) []timing {
	all := []timing{{"latency, from due", r.Latency}, {"sent late by", r.Deviation}, {"latency, from sent", r.Service}}
	if r.Plan.Rate == traffic.Max {
		all = all[2:] // nothing was due
	}
	return slices.DeleteFunc(all, func(t timing) bool { return t.h.Count() == 0 })
}

// columns are the measures of a timing, in order.
func columns() []string { return []string{"mean", "p50", "p90", "p99", "p99.9", "max"} }

func (t timing) cells() []string {
	h := t.h
	var cells []string
	for _, d := range []time.Duration{h.Mean(), h.Quantile(50), h.Quantile(90), h.Quantile(99), h.Quantile(99.9), h.Max()} {
		cells = append(cells, Short(d))
	}
	return cells
}

// answer is a status or a failure as a row of a table.
type answer struct {
	name  string
	count int64
	bad   bool
	p99   time.Duration
}

// answers are what came back.
func answers(r *traffic.Result) []answer {
	var all []answer
	for _, s := range r.Statuses {
		name := fmt.Sprint(s.Status)
		if s.Status < 10 { // see traffic.Totals
			name += "xx"
		}
		all = append(all, answer{name: name, count: s.Count, bad: s.Status/100 != 2 && s.Status != 2, p99: s.Latency.Quantile(99)})
	}
	for _, f := range r.Failures {
		all = append(all, answer{name: string(f.Failure), count: f.Count, bad: true, p99: f.Latency.Quantile(99)})
	}
	return all
}

// slowest returns the triggers, those with the highest p99 first.
func slowest(r *traffic.Result) []traffic.TriggerCount {
	all := slices.Clone(r.Triggers)
	slices.SortStableFunc(all, func(a, b traffic.TriggerCount) int {
		return cmp.Compare(b.Latency.Quantile(99), a.Latency.Quantile(99))
	})
	return all
}

// change is a measure of two runs side by side.
type change struct{ name, old, now, by string }

// changes compares two runs.
func changes(now, old *traffic.Result) []change {
	var all []change
	add := func(name string, a, b float64, show func(float64) string) {
		by := "same"
		switch {
		case a == 0 && b != 0:
			by = "new"
		case a != b:
			by = fmt.Sprintf("%+.1f %%", 100*(b-a)/a)
		}
		all = append(all, change{name, show(a), show(b), by})
	}
	number := func(f float64) string { return fmt.Sprintf("%.0f", f) }
	add("sent a second", old.Achieved(), now.Achieved(), func(f float64) string { return fmt.Sprintf("%.1f", f) })
	add("due", float64(old.Scheduled), float64(now.Scheduled), number)
	add("delivered", float64(old.Delivered), float64(now.Delivered), number)
	add("not delivered", float64(old.Undelivered()), float64(now.Undelivered()), number)
	add("waited for a connection", float64(old.Waited), float64(now.Waited), number)
	before := map[string]timing{}
	for _, t := range timings(old) {
		before[t.name] = t
	}
	for _, t := range timings(now) {
		b, ok := before[t.name]
		if !ok {
			continue
		}
		for i, f := range []func(*traffic.Histogram) time.Duration{
			(*traffic.Histogram).Mean, quantile(50), quantile(90), quantile(99), quantile(99.9), (*traffic.Histogram).Max,
		} {
			add(t.name+", "+columns()[i], float64(f(b.h)), float64(f(t.h)), func(f float64) string { return Short(time.Duration(f)) })
		}
	}
	return all
}

func quantile(q float64) func(*traffic.Histogram) time.Duration {
	return func(h *traffic.Histogram) time.Duration { return h.Quantile(q) }
}

// otherPlan says that two runs were not asked for the same, "" if they were.
func otherPlan(now, old *traffic.Result) string {
	a, b := old.Plan, now.Plan
	a.URL, b.URL = "", ""
	if a == b {
		return ""
	}
	return fmt.Sprintf("not the same was asked for: the older run was %s", how(old.Plan))
}
