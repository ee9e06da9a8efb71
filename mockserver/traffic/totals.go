package traffic

import (
	"cmp"
	"encoding/json"
	"slices"
	"time"

	"hookproof/mockserver/delivery"
)

// Totals are what all attempts of a run, or of a part of it, amount to. Totals of
// parts can be merged, and nothing is lost.
type Totals struct {
	Sent      int64         `json:"sent"`      // attempts, those that failed included
	Delivered int64         `json:"delivered"` // answered by 2xx in time
	Skipped   int64         `json:"skipped"`   // due, and not sent: see FailSkipped
	Canceled  int64         `json:"canceled"`  // of those sent, under way when the run was interrupted
	Warmup    int64         `json:"warmup"`    // sent before the time that counts; in nothing else
	Waited    int64         `json:"waited"`    // found all connections busy when they were due
	Opened    int64         `json:"opened"`    // connections
	LastSent  time.Duration `json:"lastSent"`  // ns, from the start of the run
	BytesOut  int64         `json:"bytesOut"`
	BytesIn   int64         `json:"bytesIn"`

	// Latency counts from when the event was due, Service from when it was sent: of
	// attempts that were answered or timed out.
	Latency *Histogram `json:"latency"`
	Service *Histogram `json:"service"`
	// Deviation is by how much the others than those that waited were sent after
	// they were due.
	Deviation *Histogram `json:"deviation"`

	Statuses []StatusCount  `json:"statuses"`
	Failures []FailureCount `json:"failures"`
	Triggers []TriggerCount `json:"triggers"`

	byTrigger map[string]int // position in Triggers
}

// StatusCount is how often a status came, and how fast.
type StatusCount struct {
	Status  int        `json:"status"`
	Count   int64      `json:"count"`
	Latency *Histogram `json:"latency"`
}

// FailureCount is how often attempts failed in a way, and after how long.
type FailureCount struct {
	Failure delivery.Failure `json:"failure"`
	Count   int64            `json:"count"`
	Latency *Histogram       `json:"latency"`
}

// TriggerCount is how the events of a trigger fared.
type TriggerCount struct {
	Trigger   string     `json:"trigger"`
	Sent      int64      `json:"sent"`
	Delivered int64      `json:"delivered"`
	Latency   *Histogram `json:"latency"`
}

func newTotals() Totals {
	return Totals{Latency: NewHistogram(), Service: NewHistogram(), Deviation: NewHistogram(), byTrigger: map[string]int{}}
}

// add counts an attempt.
func (t *Totals) add(a *Attempt) {
	latency, timed := a.latency()
	if a.Failure == FailSkipped {
		t.Skipped++
	} else {
		t.Sent++
	}
	if a.Failure == delivery.FailCanceled {
		t.Canceled++
	}
	t.LastSent = max(t.LastSent, a.Sent)
	t.BytesOut += int64(a.out)
	t.BytesIn += int64(a.in)
	if a.opened {
		t.Opened++
	}
	trigger := t.trigger(a.Trigger)
	trigger.Sent++
	if a.ok() {
		t.Delivered++
		trigger.Delivered++
	}
	if timed {
		t.Latency.Add(latency)
		t.Service.Add(a.Done - a.Sent)
		trigger.Latency.Add(latency)
	}
	switch {
	case a.Waited:
		t.Waited++
	case a.Failure != FailSkipped:
		t.Deviation.Add(a.Sent - a.Due)
	}
	if a.Failure == "" {
		s := t.status(a.Status)
		s.Count++
		s.Latency.Add(latency)
		return
	}
	f := t.failure(a.Failure)
	f.Count++
	f.Latency.Add(latency)
}

func (t *Totals) trigger(name string) *TriggerCount {
	i, ok := t.byTrigger[name]
	if !ok {
		i = len(t.Triggers)
		t.Triggers = append(t.Triggers, TriggerCount{Trigger: name, Latency: newCoarse()})
		t.byTrigger[name] = i
	}
	return &t.Triggers[i]
}

// maxStatuses bounds the statuses that are told apart: a receiver may send any
// three digits. Those that are too many are counted under their first digit.
const maxStatuses = 64

func (t *Totals) status(status int) *StatusCount {
	for i := range t.Statuses {
		if t.Statuses[i].Status == status {
			return &t.Statuses[i]
		}
	}
	if len(t.Statuses) >= maxStatuses && status > 9 {
		return t.status(min(status, 999) / 100)
	}
	t.Statuses = append(t.Statuses, StatusCount{Status: status, Latency: newCoarse()})
	return &t.Statuses[len(t.Statuses)-1]
}

func (t *Totals) failure(kind delivery.Failure) *FailureCount {
	for i := range t.Failures {
		if t.Failures[i].Failure == kind {
			return &t.Failures[i]
		}
	}
	t.Failures = append(t.Failures, FailureCount{Failure: kind, Latency: newCoarse()})
	return &t.Failures[len(t.Failures)-1]
}

// sort puts everything in the order in which it is shown.
func (t *Totals) sort() {
	slices.SortFunc(t.Statuses, func(a, b StatusCount) int { return cmp.Compare(a.Status, b.Status) })
	slices.SortFunc(t.Failures, func(a, b FailureCount) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Failure, b.Failure))
	})
	slices.SortFunc(t.Triggers, func(a, b TriggerCount) int {
		return cmp.Or(cmp.Compare(b.Sent, a.Sent), cmp.Compare(a.Trigger, b.Trigger))
	})
	for i := range t.Triggers {
		t.byTrigger[t.Triggers[i].Trigger] = i
	}
}

// Errors returns how many events that were due were not delivered, but for those
// that the end of the run took.
func (t *Totals) Errors() int64 { return t.Sent + t.Skipped - t.Delivered - t.Canceled }

// Merge adds all of another.
func (t *Totals) Merge(o *Totals) {
	t.Sent += o.Sent
	t.Delivered += o.Delivered
	t.Skipped += o.Skipped
	t.Canceled += o.Canceled
	t.LastSent = max(t.LastSent, o.LastSent)
	t.Warmup += o.Warmup
	t.Waited += o.Waited
	t.Opened += o.Opened
	t.BytesOut += o.BytesOut
	t.BytesIn += o.BytesIn
	t.Latency.Merge(o.Latency)
	t.Service.Merge(o.Service)
	t.Deviation.Merge(o.Deviation)
	for i := range o.Statuses {
		s := t.status(o.Statuses[i].Status)
		s.Count += o.Statuses[i].Count
		s.Latency.Merge(o.Statuses[i].Latency)
	}
	for i := range o.Failures {
		f := t.failure(o.Failures[i].Failure)
		f.Count += o.Failures[i].Count
		f.Latency.Merge(o.Failures[i].Latency)
	}
	for i := range o.Triggers {
		c := t.trigger(o.Triggers[i].Trigger)
		c.Sent += o.Triggers[i].Sent
		c.Delivered += o.Triggers[i].Delivered
		c.Latency.Merge(o.Triggers[i].Latency)
	}
	t.sort()
}

// UnmarshalJSON decodes totals that were encoded whole.
func (t *Totals) UnmarshalJSON(text []byte) error {
	type plain Totals
	in := plain(newTotals())
	if err := json.Unmarshal(text, &in); err != nil {
		return err
	}
	*t = Totals(in)
	t.complete()
	return nil
}

// complete makes up for what was null or absent.
func (t *Totals) complete() {
	for _, h := range []**Histogram{&t.Latency, &t.Service, &t.Deviation} {
		if *h == nil {
			*h = NewHistogram()
		}
	}
	coarse := func(h **Histogram) {
		if *h == nil {
			*h = newCoarse()
		}
	}
	for i := range t.Statuses {
		coarse(&t.Statuses[i].Latency)
	}
	for i := range t.Failures {
		coarse(&t.Failures[i].Latency)
	}
	for i := range t.Triggers {
		coarse(&t.Triggers[i].Latency)
	}
	t.byTrigger = map[string]int{}
	t.sort()
}
