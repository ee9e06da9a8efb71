package mockserver

import (
	"strings"
	"testing"
	"time"

	"hookproof/mockserver/delivery"
)

func TestMetrics(t *testing.T) {
	m := newMetrics()
	c := newCaller(t, lively(t), controlOptions{Metrics: m})
	for status, failure := range map[int]delivery.Failure{
		100: "", 200: "", 204: "", 301: "", 404: "", 503: "", 999: "", -1: "", 0: delivery.FailTimeout, 201: delivery.FailClosed, 202: "unheard-of",
	} {
		m.attempted(status, failure, 40*time.Millisecond)
	}
	m.attempted(200, "", 1800*time.Millisecond)
	m.finished(Delivered)
	m.finished(Delivered)
	m.finished(Dead)
	m.finished(Discarded)
	m.finished(Queued)
	m.redelivered(3)
	w := c.do(t, ask("GET", "/metrics", ""))
	for _, want := range []string{
		`hookproof_attempts_total{outcome="1xx"} 1`,
		`hookproof_attempts_total{outcome="2xx"} 3`,
		`hookproof_attempts_total{outcome="3xx"} 1`,
		`hookproof_attempts_total{outcome="4xx"} 1`,
		`hookproof_attempts_total{outcome="5xx"} 1`,
		`hookproof_attempts_total{outcome="other status"} 2`,
		`hookproof_attempts_total{outcome="timeout"} 1`,
		`hookproof_attempts_total{outcome="closed"} 1`,
		`hookproof_attempts_total{outcome="other"} 1`,
		`hookproof_attempts_total{outcome="dns"} 0`,
		`hookproof_attempt_duration_seconds_bucket{le="0.05"} 11`,
		`hookproof_attempt_duration_seconds_bucket{le="1.5"} 11`,
		`hookproof_attempt_duration_seconds_bucket{le="2"} 12`,
		`hookproof_attempt_duration_seconds_count 12`,
		`hookproof_deliveries_total{outcome="delivered"} 2`,
		`hookproof_deliveries_total{outcome="dead"} 1`,
		`hookproof_deliveries_total{outcome="discarded"} 1`,
		`hookproof_redeliveries_total 3`,
		`hookproof_queue_depth{state="queued"} 1`,
		`hookproof_queue_depth{state="retrying"} 1`,
		`hookproof_dead_deliveries 1`,
		`hookproof_workers 1`,
	} {
		if !strings.Contains(w.Body.String(), want+"\n") {
			t.Errorf("no %s", want)
		}
	}
	for _, family := range []string{"go_goroutines", "process_start_time_seconds"} {
		if !strings.Contains(w.Body.String(), family) {
			t.Errorf("no %s", family)
		}
	}
}

func TestMetricsAllocateNothing(t *testing.T) {
	m := newMetrics()
	got := testing.AllocsPerRun(100, func() {
		m.attempted(200, "", time.Millisecond)
		m.attempted(0, delivery.FailTimeout, 2*time.Second)
		m.finished(Delivered)
		m.redelivered(1)
	})
	if got != 0 {
		t.Errorf("got %v allocations, want none", got)
	}
}

func BenchmarkMetrics(b *testing.B) {
	m := newMetrics()
	b.ReportAllocs()
	for b.Loop() {
		m.attempted(200, "", 40*time.Millisecond)
		m.finished(Delivered)
	}
}
