package traffic

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"hookproof/mockserver/delivery"
)

// Condition is something that must not be true of a result, such as p99>500ms.
type Condition struct {
	text  string
	value func(*Result) float64
	above bool
	bound float64
}

// maxConditions bounds the conditions of a text.
const maxConditions = 32

var conditionForm = regexp.MustCompile(`^([a-z]+\.)?([a-z]+[0-9.]*)\s*([<>])\s*([0-9.]+)(%|[a-zµ]+|/[smh])?$`)

// ParseConditions reads conditions between commas: a measure, > or <, and a bound. The
// measures are the latency from when an event was due (p50 to p99.99, mean, max), the
// same from when it was sent (service.p99) and by how much it was sent late
// (deviation.p99), each with a time; errors and timeouts, with a percentage of the
// events or a number; and rate, with a rate such as 1900/s.
func ParseConditions(text string) ([]Condition, error) {
	var all []Condition
	for part := range strings.SplitSeq(text, ",") {
		c, err := parseCondition(strings.TrimSpace(part))
		if err != nil {
			return nil, err
		}
		if all = append(all, c); len(all) > maxConditions {
			return nil, fmt.Errorf("more than %d conditions", maxConditions)
		}
	}
	return all, nil
}

func parseCondition(text string) (Condition, error) {
	m := conditionForm.FindStringSubmatch(text)
	if m == nil {
		return Condition{}, fmt.Errorf("%.40q: want a measure, > or < and a bound, such as p99>500ms, errors>0.1%% or rate<1900/s", text)
	}
	c := Condition{text: text, above: m[3] == ">"}
	measure, number, unit := m[2], m[4], m[5]
	switch {
	case m[1] == "" && (measure == "errors" || measure == "timeouts"):
		return c.counting(measure, number, unit)
	case m[1] == "" && measure == "rate":
		r, err := ParseRate(number + unit)
		if err != nil || r == Max {
			return c, fmt.Errorf("%.40q: rate: want a rate such as 1900/s", text)
		}
		c.value, c.bound = (*Result).Achieved, float64(r)
		return c, nil
	}
	of, ok := histogramOf(strings.TrimSuffix(m[1], "."))
	at, known := quantileOf(measure)
	if !ok || !known {
		return c, fmt.Errorf("%.40q: unknown measure: want p50 to p99.99, mean or max, alone or after service. or deviation., errors, timeouts or rate", text)
	}
	d, err := time.ParseDuration(number + unit)
	if err != nil {
		return c, fmt.Errorf("%.40q: want a time such as 500ms", text)
	}
	c.value, c.bound = func(r *Result) float64 { return float64(at(of(r))) }, float64(d)
	return c, nil
}

// counting is a condition on a number of events or the percentage of them.
func (c Condition) counting(measure, number, unit string) (Condition, error) {
	n, err := strconv.ParseFloat(number, 64)
	if err != nil || unit != "" && unit != "%" {
		return c, fmt.Errorf("%.40q: %s: want a percentage such as 0.1%% or a number of events", c.text, measure)
	}
	count := (*Result).Undelivered
	if measure == "timeouts" {
		count = func(r *Result) int64 { return r.failed(delivery.FailTimeout) }
	}
	c.bound, c.value = n, func(r *Result) float64 { return float64(count(r)) }
	if unit == "%" {
		c.value = func(r *Result) float64 { return percent(count(r), r.Scheduled) }
	}
	return c, nil
}

func percent(n, of int64) float64 {
	if of == 0 {
		return 0
	}
	return 100 * float64(n) / float64(of)
}

func histogramOf(name string) (func(*Result) *Histogram, bool) {
	switch name {
	case "":
		return func(r *Result) *Histogram { return r.Latency }, true
	case "service":
		return func(r *Result) *Histogram { return r.Service }, true
	case "deviation":
		return func(r *Result) *Histogram { return r.Deviation }, true
	}
	return nil, false
}

// quantileOf returns what a name such as p99.9, mean or max reads from a histogram.
func quantileOf(name string) (func(*Histogram) time.Duration, bool) {
	switch name {
	case "mean":
		return (*Histogram).Mean, true
	case "max":
		return (*Histogram).Max, true
	}
	digits, ok := strings.CutPrefix(name, "p")
	q, err := strconv.ParseFloat(digits, 64)
	if !ok || err != nil || q <= 0 || q >= 100 {
		return nil, false
	}
	return func(h *Histogram) time.Duration { return h.Quantile(q) }, true
}

// True reports whether the condition is true of a result, and the value that it has.
func (c Condition) True(r *Result) (is bool, value string) {
	v := c.value(r)
	is = v > c.bound
	if !c.above {
		is = v < c.bound
	}
	shown := strconv.FormatFloat(v, 'g', 5, 64)
	switch measure, _, _ := strings.Cut(strings.ReplaceAll(c.text, "<", ">"), ">"); {
	case strings.HasSuffix(c.text, "%"):
		shown += "%"
	case strings.HasPrefix(measure, "rate"):
		shown += "/s"
	case strings.HasPrefix(measure, "errors"), strings.HasPrefix(measure, "timeouts"):
	default:
		shown = time.Duration(v).Round(time.Microsecond).String()
	}
	return is, shown
}

// String is the condition as it was written.
func (c Condition) String() string { return c.text }

// failed counts the attempts that failed in a way.
func (t *Totals) failed(kind delivery.Failure) int64 {
	for _, f := range t.Failures {
		if f.Failure == kind {
			return f.Count
		}
	}
	return 0
}
