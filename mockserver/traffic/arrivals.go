package traffic

import (
	"fmt"
	"iter"
	"math"
	"math/rand/v2"
	"strings"
	"time"
)

// Model is how arrivals are spread over time.
type Model string

// The models of arrivals. The rate is the highest that a run comes to.
const (
	Constant Model = "constant" // at even distances
	Poisson  Model = "poisson"  // at random distances of that mean, as independent senders arrive
	Ramp     Model = "ramp"     // the rate grows evenly from nothing
	Step     Model = "step"     // the rate grows in five equal steps
	Burst    Model = "burst"    // all that arrive in a second arrive at its beginning
	Daily    Model = "daily"    // the rate goes through a day of a chat app in the time of the run
)

// Models returns every model.
func Models() []Model { return []Model{Constant, Poisson, Ramp, Step, Burst, Daily} }

// ParseModel returns the model of a name.
func ParseModel(name string) (Model, error) {
	for _, m := range Models() {
		if string(m) == name {
			return m, nil
		}
	}
	return "", fmt.Errorf("want one of %s", joinModels())
}

func joinModels() string {
	var names []string
	for _, m := range Models() {
		names = append(names, string(m))
	}
	return strings.Join(names, ", ")
}

const steps = 5

// day is how busy a chat app is in each hour of a day, in percent of its busiest,
// at the beginning of the hour; between two the rate changes evenly (assumed: a
// quiet night, a busy evening).
var day = [24]float64{18, 10, 6, 4, 4, 7, 15, 30, 48, 62, 70, 74, 78, 76, 74, 74, 76, 80, 88, 96, 100, 92, 68, 38}

// Arrivals says when events arrive. It is a pure function of its fields, so that
// the same run has the same schedule anywhere.
type Arrivals struct {
	Model    Model // "" is Constant
	Rate     Rate  // above 0
	Duration time.Duration
	Seed     uint64 // of Poisson
}

// segment is a time in which the rate changes evenly.
type segment struct {
	start, length float64 // seconds
	from, to      float64 // events a second
	before        float64 // arrivals before it
}

// curve returns the segments of the run, one after the other.
func (a Arrivals) curve() []segment {
	total, rate := a.Duration.Seconds(), float64(a.Rate)
	var out []segment
	at, before := 0.0, 0.0
	add := func(length, from, to float64) {
		out = append(out, segment{at, length, from, to, before})
		at, before = at+length, before+length*(from+to)/2
	}
	switch a.Model {
	case Ramp:
		add(total, 0, rate)
	case Step:
		for i := range steps {
			r := rate * float64(i+1) / steps
			add(total/steps, r, r)
		}
	case Daily:
		for i, from := range day {
			add(total/24, rate*from/100, rate*day[(i+1)%24]/100)
		}
	default:
		add(total, rate, rate)
	}
	return out
}

// arrivals returns how many arrive in all of the segment.
func (s segment) arrivals() float64 { return s.length * (s.from + s.to) / 2 }

// time returns when n events have arrived since the beginning of the segment.
func (s segment) time(n float64) float64 {
	if n <= 0 {
		return s.start
	}
	growth := (s.to - s.from) / s.length
	under := max(0, s.from*s.from+2*growth*n)
	return s.start + 2*n/(s.from+math.Sqrt(under)) // the root that does not cancel
}

// Expected returns how many events arrive in all; for Poisson, the mean.
func (a Arrivals) Expected() float64 {
	all := a.curve()
	last := all[len(all)-1]
	return last.before + last.arrivals()
}

// Times returns when events arrive, counted from the start of the run, in order,
// each before its end.
func (a Arrivals) Times() iter.Seq[time.Duration] { return a.Part(a.whole()) }

// from is all of the schedule from event number n on.
func (a Arrivals) from(n float64) iter.Seq[time.Duration] {
	return func(yield func(time.Duration) bool) {
		gap := func() float64 { return 1 }
		n := n
		if a.Model == Poisson {
			random := rand.New(rand.NewPCG(a.Seed, 0x7472616666696373))
			gap = random.ExpFloat64
			n = gap()
		}
		for _, s := range a.curve() {
			// The sum of many lengths is not exact: what is due within a
			// billionth of an event is due.
			for ; n-s.before < s.arrivals()-1e-9; n += gap() {
				at := s.time(n - s.before)
				if a.Model == Burst {
					at = math.Floor(at + 1e-9)
				}
				if due := time.Duration(at * 1e9); due < a.Duration && !yield(due) {
					return
				}
			}
		}
	}
}
