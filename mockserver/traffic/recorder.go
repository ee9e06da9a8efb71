package traffic

import (
	"sync"
	"time"

	"hookproof/mockserver/delivery"
)

// Attempt is one request of a run. Times count from the start of the run.
type Attempt struct {
	N       int64         // number of the event in the order of the source, from 0
	Due     time.Duration // when it was to be sent
	Sent    time.Duration // when it was
	Done    time.Duration // when the answer was complete or the attempt had failed
	Trigger string
	Status  int              // 0 if no complete answer came
	Failure delivery.Failure // "" if one did
	// Waited tells that all connections were busy when it was due.
	Waited bool

	out, in int
	opened  bool
}

// latency is what the event's receiver cost from when it was due, and timed tells
// whether that says anything: how fast a connection is refused does not.
func (a *Attempt) latency() (d time.Duration, timed bool) {
	return a.Done - a.Due, a.Failure == "" || a.Failure == delivery.FailTimeout
}

// ok tells whether the provider would count it as delivered.
func (a *Attempt) ok() bool { return a.Failure == "" && a.Status/100 == 2 }

// FailSkipped means that an event was not sent, because the receiver could not be
// connected to a moment ago.
const FailSkipped delivery.Failure = "skipped"

// batchSize is how many attempts a worker keeps before it hands them over.
const batchSize = 64

// recorder makes a result of attempts.
type recorder struct {
	from   time.Duration // what was due before is not counted
	series *series
	log    func([]Attempt)

	mu  sync.Mutex // guards what follows
	sum Totals
}

func newRecorder(o *Options) *recorder {
	r := &recorder{from: o.Warmup, series: newSeries(o.Arrivals.Duration), log: o.Log}
	r.series.shift = o.shift
	r.sum = newTotals()
	return r
}

// add counts attempts.
func (r *recorder) add(batch []Attempt) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.log != nil {
		r.log(batch)
	}
	for i := range batch {
		a := &batch[i]
		r.series.add(a)
		if a.Due < r.from {
			r.sum.Warmup++
			continue
		}
		r.sum.add(a)
	}
}
