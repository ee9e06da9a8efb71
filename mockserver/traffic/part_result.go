package traffic

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// PartResult is what a part of a run came to. It can be encoded to JSON and back.
type PartResult struct {
	Part   Part   `json:"part"`
	Worker string `json:"worker"` // that made it
	Again  bool   `json:"again"`  // another may have begun it
	// Late is by how much it began later than it should have, if the run had reached
	// its time already: its events were due that much later, and no other number of
	// the part knows.
	Late time.Duration `json:"late"`

	Totals
	Scheduled   int64         `json:"scheduled"`
	Unsent      int64         `json:"unsent"`
	Starved     time.Duration `json:"starved"`
	Interrupted bool          `json:"interrupted"`
	Points      []PartPoint   `json:"points"`
}

// PartPoint is a part's share of a Point.
type PartPoint struct {
	N         int        `json:"n"` // number of the interval
	Sent      int64      `json:"sent"`
	Scheduled int64      `json:"scheduled"`
	Errors    int64      `json:"errors"`
	Latency   *Histogram `json:"latency"`
}

// soon is how late a part may begin without being late.
const soon = 50 * time.Millisecond

// RunPart is Run for the part that the options have. If its time has passed, it begins
// now and is late.
func RunPart(ctx context.Context, o Options) (*PartResult, error) {
	if o.Part == nil {
		return nil, errors.New("option Part: want a part")
	}
	var late time.Duration
	if passed := time.Since(o.Start.Add(o.Part.From)); !o.Start.IsZero() && passed > soon {
		late = passed
		o.Start = o.Start.Add(late)
	}
	o.shift = late
	r, unsent, err := makeRun(ctx, &o)
	if err != nil {
		return nil, err
	}
	rec := r.recorder
	rec.mu.Lock()
	defer rec.mu.Unlock()
	rec.sum.sort()
	return &PartResult{
		Part: *o.Part, Late: late, Totals: rec.sum, Scheduled: rec.sum.Sent + rec.sum.Skipped + unsent, Unsent: unsent,
		Starved: r.events.starvedFor(), Interrupted: ctx.Err() != nil, Points: rec.series.parts(),
	}, nil
}

// parts are the points that are not empty.
func (s *series) parts() []PartPoint {
	all := []PartPoint{}
	for n, p := range s.Points {
		if p.Sent+p.Scheduled == 0 {
			continue
		}
		one := PartPoint{N: n, Sent: p.Sent, Scheduled: p.Scheduled, Errors: p.Errors, Latency: newCoarse()}
		for _, o := range s.open {
			if o.n == n {
				one.Latency = o.histogram
			}
		}
		all = append(all, one)
	}
	return all
}

// UnmarshalJSON decodes a result that was encoded whole.
func (r *PartResult) UnmarshalJSON(text []byte) error {
	type head struct {
		Part        Part          `json:"part"`
		Worker      string        `json:"worker"`
		Again       bool          `json:"again"`
		Late        time.Duration `json:"late"`
		Scheduled   int64         `json:"scheduled"`
		Unsent      int64         `json:"unsent"`
		Starved     time.Duration `json:"starved"`
		Interrupted bool          `json:"interrupted"`
		Points      []PartPoint   `json:"points"`
	}
	var h head
	if err := json.Unmarshal(text, &h); err != nil {
		return err
	}
	for i, p := range h.Points {
		if p.N < 0 || p.Latency == nil {
			return fmt.Errorf("point %d: want a number and a histogram", i)
		}
	}
	*r = PartResult{
		Part: h.Part, Worker: h.Worker, Again: h.Again, Late: h.Late, Scheduled: h.Scheduled, Unsent: h.Unsent, Starved: h.Starved,
		Interrupted: h.Interrupted, Points: h.Points,
	}
	return json.Unmarshal(text, &r.Totals)
}
