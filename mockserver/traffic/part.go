package traffic

import (
	"errors"
	"fmt"
	"iter"
	"math"
	"math/rand/v2"
	"time"
)

// Part is a share of a run: of the events that are due from From to before To, every
// Lanes-th, beginning with number Lane, from 0. The parts of all windows and lanes
// are the run, exactly; but with Poisson arrivals, which are random, they are so in
// their numbers only.
type Part struct {
	From  time.Duration `json:"from"`
	To    time.Duration `json:"to"`
	Lane  int           `json:"lane"`
	Lanes int           `json:"lanes"`
}

// MaxLanes bounds the lanes of a run.
const MaxLanes = 1000

// whole is the part that is all of a run.
func (a Arrivals) whole() Part { return Part{To: a.Duration, Lanes: 1} }

// check tells what is wrong with a part.
func (p Part) check(a Arrivals) error {
	switch {
	case p.From < 0 || p.To <= p.From || p.To > a.Duration:
		return errors.New("option Part: want times within the run")
	case p.Lanes < 1 || p.Lanes > MaxLanes || p.Lane < 0 || p.Lane >= p.Lanes:
		return fmt.Errorf("option Part: want 1 to %d lanes and one of them", MaxLanes)
	}
	return nil
}

// Part returns when the events of a part arrive, counted from the start of the run,
// in order. To skip what comes before costs nothing.
func (a Arrivals) Part(p Part) iter.Seq[time.Duration] {
	if a.Model == Poisson && p != a.whole() {
		return a.randomPart(p)
	}
	return func(yield func(time.Duration) bool) {
		first := 0.0
		if p.From > 0 && a.Model != Poisson {
			// What is counted before is rounded, and bursts arrive before their time.
			first = max(0, math.Floor(a.before(p.From-time.Second))-2)
		}
		n := int64(first)
		for due := range a.from(first) {
			switch {
			case due >= p.To:
				return
			case due >= p.From && n%int64(p.Lanes) == int64(p.Lane) && !yield(due):
				return
			}
			n++
		}
	}
}

// randomPart is a Poisson process of its own, with a share of the rate: together they
// are one of the whole rate.
func (a Arrivals) randomPart(p Part) iter.Seq[time.Duration] {
	return func(yield func(time.Duration) bool) {
		random := rand.New(rand.NewPCG(a.Seed^uint64(p.From), 0x7472616666696373+uint64(p.Lane)))
		mean := float64(p.Lanes) / float64(a.Rate)
		for at := p.From.Seconds() + mean*random.ExpFloat64(); ; at += mean * random.ExpFloat64() {
			if due := time.Duration(at * 1e9); due >= p.To || !yield(due) {
				return
			}
		}
	}
}

// before returns how many arrive before a time.
func (a Arrivals) before(at time.Duration) float64 {
	t, n := at.Seconds(), 0.0
	for _, s := range a.curve() {
		if t < s.start {
			break
		}
		d := min(t-s.start, s.length)
		n = s.before + d*s.from + d*d*(s.to-s.from)/s.length/2
	}
	return max(0, n)
}
