package mockserver

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"hookproof/mockserver/delivery"
)

// metrics count deliveries and attempts. Its methods are safe for concurrent
// use and allocate nothing: every label is resolved beforehand.
type metrics struct {
	deliveries   *prometheus.CounterVec
	attempts     *prometheus.CounterVec
	duration     prometheus.Histogram
	redeliveries prometheus.Counter

	byState   map[State]prometheus.Counter
	byStatus  [6]prometheus.Counter // by the first digit; 0 is any other
	byFailure map[delivery.Failure]prometheus.Counter
}

func newMetrics() *metrics {
	m := &metrics{
		deliveries: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "hookproof_deliveries_total", Help: "Deliveries that came to an end, by outcome.",
		}, []string{"outcome"}),
		attempts: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "hookproof_attempts_total", Help: "Attempts, by class of status or kind of failure.",
		}, []string{"outcome"}),
		duration: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "hookproof_attempt_duration_seconds", Help: "How long attempts took, connecting included.",
			// Fine around 2 s, within which a receiver must answer (documented).
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 1.5, 2, 2.5, 5, 10},
		}),
		redeliveries: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "hookproof_redeliveries_total", Help: "Deliveries that were queued again on demand.",
		}),
		byState:   map[State]prometheus.Counter{},
		byFailure: map[delivery.Failure]prometheus.Counter{},
	}
	for _, s := range []State{Delivered, Dead, Discarded} {
		m.byState[s] = m.deliveries.WithLabelValues(string(s))
	}
	for i, class := range []string{"other status", "1xx", "2xx", "3xx", "4xx", "5xx"} {
		m.byStatus[i] = m.attempts.WithLabelValues(class)
	}
	for _, f := range []delivery.Failure{
		delivery.FailDNS, delivery.FailRefused, delivery.FailConnect, delivery.FailTLS, delivery.FailTimeout, delivery.FailReset,
		delivery.FailClosed, delivery.FailProtocol, delivery.FailOversize, delivery.FailCanceled, delivery.FailOther,
	} {
		m.byFailure[f] = m.attempts.WithLabelValues(string(f))
	}
	return m
}

// attempted counts an attempt: its status, or its failure if it has one.
func (m *metrics) attempted(status int, failure delivery.Failure, took time.Duration) {
	m.duration.Observe(took.Seconds())
	if failure != "" {
		counter, ok := m.byFailure[failure]
		if !ok {
			counter = m.byFailure[delivery.FailOther]
		}
		counter.Inc()
		return
	}
	class := status / 100
	if class < 1 || class > 5 {
		class = 0
	}
	m.byStatus[class].Inc()
}

// finished counts a delivery that has come to an end. States that are none are
// not counted.
func (m *metrics) finished(s State) {
	if counter, ok := m.byState[s]; ok {
		counter.Inc()
	}
}

// redelivered counts deliveries that are queued again on demand.
func (m *metrics) redelivered(n int) { m.redeliveries.Add(float64(n)) }

// newRegistry returns a registry of its own with m, the depths of c's queue,
// and what the process and the runtime tell of themselves.
func newRegistry(m *metrics, c controlled) (*prometheus.Registry, error) {
	registry := prometheus.NewRegistry()
	for _, collector := range []prometheus.Collector{
		m.deliveries, m.attempts, m.duration, m.redeliveries, newDepths(c),
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	} {
		if err := registry.Register(collector); err != nil {
			return nil, err
		}
	}
	return registry, nil
}

// depths are gauges that are asked of the server at each scrape.
type depths struct {
	controlled
	queue, dead, workers *prometheus.Desc
}

func newDepths(c controlled) *depths {
	return &depths{
		controlled: c,
		queue:      prometheus.NewDesc("hookproof_queue_depth", "Deliveries that wait for an attempt, by state.", []string{"state"}, nil),
		dead:       prometheus.NewDesc("hookproof_dead_deliveries", "Dead deliveries that are kept.", nil, nil),
		workers:    prometheus.NewDesc("hookproof_workers", "Workers that make attempts.", nil, nil),
	}
}

// Describe implements prometheus.Collector.
func (d *depths) Describe(out chan<- *prometheus.Desc) {
	out <- d.queue
	out <- d.dead
	out <- d.workers
}

// Collect implements prometheus.Collector. Without the store there are no
// depths, but there is all the rest.
func (d *depths) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), probePatience)
	defer cancel()
	stats, err := d.Stats(ctx)
	if err != nil {
		return
	}
	gauge := func(desc *prometheus.Desc, n int, labels ...string) {
		out <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, float64(n), labels...)
	}
	gauge(d.queue, stats.Queued, string(Queued))
	gauge(d.queue, stats.Retrying, string(Retrying))
	gauge(d.dead, stats.Dead)
	gauge(d.workers, stats.Workers)
}
