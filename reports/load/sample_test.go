package load_test

import (
	"encoding/json"
	"math"
	"testing"
	"time"

	"hookproof/mockserver/delivery"
	"hookproof/mockserver/traffic"
	"hookproof/reports/load"
)

// sampleResult is a run of 20 s at 100/s, whose latency grows from 2 ms to 400 ms.
func sampleResult(tb testing.TB) *traffic.Result {
	tb.Helper()
	r := &traffic.Result{}
	if err := json.Unmarshal([]byte("{}"), r); err != nil { // with empty histograms
		tb.Fatal(err)
	}
	r.Plan = traffic.Plan{
		URL: "https://receiver.example.com/webhook?token=%5Bsecret%5D", Model: traffic.Constant, Rate: 100,
		Duration: 20 * time.Second, Timeout: 2 * time.Second, Connections: 32,
	}
	r.Start = time.Date(2026, 1, 15, 9, 0, 0, 0, time.UTC)
	r.Elapsed = 20*time.Second + 310*time.Millisecond
	r.Scheduled, r.Sent, r.Delivered, r.Waited, r.Opened = 2000, 2000, 1984, 3, 34
	r.LastSent, r.BytesOut, r.BytesIn = 19990*time.Millisecond, 1_412_000, 238_000
	for i := range 2000 {
		d := time.Duration(2+398*math.Pow(float64(i)/2000, 12)) * time.Millisecond
		r.Latency.Add(d)
		r.Service.Add(d - 90*time.Microsecond)
		r.Deviation.Add(time.Duration(40+i%60) * time.Microsecond)
	}
	r.Statuses = []traffic.StatusCount{{Status: 200, Count: 1984, Latency: r.Latency}, {Status: 503, Count: 12, Latency: times(12, 30*time.Millisecond)}}
	r.Failures = []traffic.FailureCount{{Failure: delivery.FailTimeout, Count: 4, Latency: times(4, 2*time.Second)}}
	r.Triggers = []traffic.TriggerCount{
		{Trigger: "message_sent", Sent: 1200, Delivered: 1190, Latency: times(1200, 5*time.Millisecond)},
		{Trigger: "group_member_added", Sent: 800, Delivered: 794, Latency: times(800, 90*time.Millisecond)},
	}
	r.Series = traffic.Series{Interval: time.Second}
	for i := range 20 {
		p := traffic.Point{Sent: 100, Scheduled: 100, P50: 2, P90: 9 + float64(i), P99: 80 + 10*float64(i), Max: 300}
		if i == 12 {
			p.Errors = 16
		}
		r.Series.Points = append(r.Series.Points, p)
	}
	return r
}

func times(n int, d time.Duration) *traffic.Histogram {
	h := traffic.NewHistogram()
	for range n {
		h.Add(d)
	}
	return h
}

// sample is a report with a name.
type sample struct {
	name   string
	report *load.Report
	old    *load.Report
}

func samples(tb testing.TB) []sample {
	tb.Helper()
	conditions := func(text string) []traffic.Condition {
		all, err := traffic.ParseConditions(text)
		if err != nil {
			tb.Fatal(err)
		}
		return all
	}
	of := func(text string, edit func(*traffic.Result)) *load.Report {
		r := sampleResult(tb)
		edit(r)
		if text == "" {
			return load.New("v1.2.3", r, nil)
		}
		return load.New("v1.2.3", r, conditions(text))
	}
	older := of("", func(r *traffic.Result) {
		r.Start = r.Start.Add(-24 * time.Hour)
		r.Latency.Merge(times(40, 900*time.Millisecond))
		r.Delivered = 2000
	})
	return []sample{
		{"kept", of("p99>500ms,errors>1%", func(*traffic.Result) {}), nil},
		{"compared", of("", func(r *traffic.Result) { r.Plan.Rate = 120 }), older},
		{"missed", of("p99>100ms,errors>0.1%,rate<50/s", func(r *traffic.Result) { r.Waited = 700; r.Plan.Ordered = true }), nil},
		{"slow-sender", of("p99>500ms", func(r *traffic.Result) { r.Deviation.Merge(times(100, 30*time.Millisecond)) }), nil},
		{"unsent", of("", func(r *traffic.Result) { r.Unsent, r.Scheduled = 50, 2050 }), nil},
		{"max", of("rate<50/s", func(r *traffic.Result) { r.Plan.Rate, r.Plan.HTTP2, r.Warmup = traffic.Max, true, 25 }), nil},
		{"interrupted", of("p99>100ms", func(r *traffic.Result) { r.Interrupted, r.Elapsed = true, 3*time.Second }), nil},
		{"shared", of("errors>1", func(r *traffic.Result) {
			r.Shared = &traffic.Shared{
				Parts: 60, Workers: []traffic.SharedCount{{Worker: "node-a/12", Parts: 21, Sent: 700}, {Worker: "node-b/9", Parts: 38, Sent: 1300}},
				Late: 70, LateParts: 2, LatestBy: 4100 * time.Millisecond, Repeated: 2, Lost: 33, LostParts: 1,
			}
			r.Scheduled += 33
		}), nil},
		{"nothing", load.New("dev", empty(tb), nil), nil},
	}
}

// empty is a run in which nothing was due.
func empty(tb testing.TB) *traffic.Result {
	tb.Helper()
	r := &traffic.Result{}
	if err := json.Unmarshal([]byte(`{"plan":{"url":"http://127.0.0.1:1/","arrival":"ramp","rate":"1/h","duration":1000000000,"connections":1},"series":{"interval":1000000000}}`), r); err != nil {
		tb.Fatal(err)
	}
	return r
}
