package traffic

import (
	"encoding/json"
	"time"

	"hookproof/mockserver/delivery"
)

// Result is what a run came to. It can be encoded to JSON and back.
type Result struct {
	Plan        Plan          `json:"plan"`
	Start       time.Time     `json:"start"`
	Elapsed     time.Duration `json:"elapsed"` // ns, until the last answer
	Interrupted bool          `json:"interrupted"`

	Totals
	// Scheduled is how many were due, those of the warm-up not included; Unsent how
	// many of all were not sent, as no connection was free until the run was over.
	Scheduled int64 `json:"scheduled"`
	Unsent    int64 `json:"unsent"`
	// Starved is for how long events were waited for that were not yet made.
	Starved time.Duration `json:"starved"`
	Series  Series        `json:"series"`
	Shared  *Shared       `json:"shared,omitempty"` // nil: by nobody
}

// Plan is what was asked for.
type Plan struct {
	URL         string        `json:"url"` // without secrets
	Model       Model         `json:"arrival"`
	Rate        Rate          `json:"rate"`
	Duration    time.Duration `json:"duration"` // ns, as the next two
	Warmup      time.Duration `json:"warmup"`
	Timeout     time.Duration `json:"timeout"`
	Connections int           `json:"connections"`
	HTTP2       bool          `json:"http2"`
	Ordered     bool          `json:"ordered"`
}

// plan returns what was asked for.
func (o *Options) plan() Plan {
	red := delivery.NewRedactor(o.Endpoint.Username, o.Endpoint.Password, nil)
	return Plan{
		URL: shownURL(o.Endpoint.URL, red), Model: o.Arrivals.Model, Rate: o.Arrivals.Rate, Duration: o.Arrivals.Duration,
		Warmup: o.Warmup, Timeout: o.Timeout, Connections: o.Connections, HTTP2: o.HTTP2, Ordered: o.Conversation != nil,
	}
}

func (r *run) result(unsent int64, interrupted bool) *Result {
	elapsed := max(0, r.now())
	rec := r.recorder
	rec.mu.Lock()
	defer rec.mu.Unlock()
	rec.sum.sort()
	return &Result{
		Plan: r.o.plan(), Start: r.start.UTC().Round(0), Elapsed: elapsed, Interrupted: interrupted,
		Totals: rec.sum, Scheduled: rec.sum.Sent + rec.sum.Skipped + unsent, Unsent: unsent,
		Starved: r.events.starvedFor(), Series: rec.series.finish(),
	}
}

// Achieved is how many events were sent in a second, of the time that counts: until
// the end of the schedule, or the last event if that was later.
func (r *Result) Achieved() float64 {
	counted := max(r.LastSent, min(r.Elapsed, r.Plan.Duration)) - r.Plan.Warmup
	if counted <= 0 {
		return 0
	}
	return float64(r.Sent) / counted.Seconds()
}

// Undelivered is how many of the events that were due were not delivered, for whatever
// reason.
func (r *Result) Undelivered() int64 {
	n := r.Errors() + r.Unsent
	if r.Shared != nil {
		n += r.Shared.Lost
	}
	return n
}

// Bottleneck says what kept events from being sent when they were due.
type Bottleneck string

// The bottlenecks of a sender.
const (
	NoBottleneck     Bottleneck = ""
	SlowSender       Bottleneck = "sender"      // this machine could not send as fast
	SlowGeneration   Bottleneck = "generation"  // nor make events as fast
	TooFewConnection Bottleneck = "connections" // all were busy, and events were left when the run was over
	TooFewWorkers    Bottleneck = "workers"     // of those who share a run: parts were lost, or many of them late
)

// slowSend is by how much a hundredth of the events may be sent late for the sender
// to have kept the schedule.
const slowSend = 10 * time.Millisecond

// Bottleneck returns what of the sender falsified the numbers, if anything did.
func (r *Result) Bottleneck() Bottleneck {
	switch {
	case r.Shared != nil && (r.Shared.Lost > 0 || r.Shared.Behind > r.Scheduled/20) && !r.Interrupted:
		return TooFewWorkers
	case r.Plan.Rate == Max:
		return NoBottleneck // it sends as fast as it can
	case r.Starved > max(slowSend, r.Elapsed/100):
		return SlowGeneration
	case r.Deviation.Count() > 0 && r.Deviation.Quantile(99) > slowSend:
		return SlowSender
	case r.Unsent > 0 && !r.Interrupted:
		return TooFewConnection
	}
	return NoBottleneck
}

// UnmarshalJSON decodes a result that was encoded whole.
func (r *Result) UnmarshalJSON(text []byte) error {
	var rest struct {
		Plan        Plan          `json:"plan"`
		Start       time.Time     `json:"start"`
		Elapsed     time.Duration `json:"elapsed"`
		Interrupted bool          `json:"interrupted"`
		Scheduled   int64         `json:"scheduled"`
		Unsent      int64         `json:"unsent"`
		Starved     time.Duration `json:"starved"`
		Series      Series        `json:"series"`
		Shared      *Shared       `json:"shared"`
	}
	if err := json.Unmarshal(text, &rest); err != nil {
		return err
	}
	*r = Result{
		Plan: rest.Plan, Start: rest.Start, Elapsed: rest.Elapsed, Interrupted: rest.Interrupted,
		Scheduled: rest.Scheduled, Unsent: rest.Unsent, Starved: rest.Starved, Series: rest.Series, Shared: rest.Shared,
	}
	return json.Unmarshal(text, &r.Totals)
}
