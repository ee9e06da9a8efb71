package fleet

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"hookproof/mockserver/queue"
	"hookproof/mockserver/traffic"
)

// Bounds of a run.
const (
	// MaxWorkers is how many workers a run can be cut for.
	MaxWorkers = 1000

	shortest   = time.Second // window
	maxWindows = 2000
)

// Options are the choices of a run.
type Options struct {
	// Traffic is the run; its Source, Part, Start, Lines and Log are those of workers
	// and must not be set. Its connections are shared out.
	Traffic traffic.Options
	// Spec tells workers the rest.
	Spec []byte
	// Workers is how many must be there; the run begins when they are. 0 is those that
	// are there now.
	Workers int
	// Patience is how long Workers may take to be there; 0 is 30 s.
	Patience time.Duration
	// Grace is how long after the end of the run parts are waited for: one that was
	// begun again at the end has to be made as well. 0 is 20 s.
	Grace time.Duration
}

// ErrNoWorkers says that there are not as many workers as the run needs.
var ErrNoWorkers = errors.New("not enough workers are there")

// about is what a worker asks for once.
type about struct {
	Start    time.Time       `json:"start"`
	Duration time.Duration   `json:"duration"`
	Lead     time.Duration   `json:"lead"` // how long before it is due a part may be begun
	Lanes    int             `json:"lanes"`
	Window   time.Duration   `json:"window"`
	Spec     json.RawMessage `json:"spec"`
}

// task is a part.
type task struct {
	N    int          `json:"n"` // number of the part
	Part traffic.Part `json:"part"`
}

// Run makes a run with the workers of a queue, and returns what it came to, also if
// ctx ends before.
func Run(ctx context.Context, q *queue.Queue, o Options) (*traffic.Result, error) {
	m, err := traffic.NewMerge(o.Traffic)
	if err != nil {
		return nil, err
	}
	lanes, err := muster(ctx, q, o)
	if err != nil {
		return nil, err
	}
	r := &running{o: o, m: m, parts: cut(o.Traffic.Arrivals.Duration, lanes), seen: map[int]bool{}}
	window := r.parts[0].To - r.parts[0].From
	r.start = time.Now().Add(time.Second + time.Duration(len(r.parts))*time.Millisecond/2)
	id := strings.ToLower(rand.Text())
	spec, err := json.Marshal(about{
		Start: r.start.Round(0), Duration: o.Traffic.Arrivals.Duration, Lead: min(window/2, 500*time.Millisecond),
		Lanes: lanes, Window: window, Spec: o.Spec,
	})
	if err != nil {
		return nil, err
	}
	run, err := q.OpenRun(id, spec)
	if err != nil {
		return nil, err
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		_ = run.Close(ctx) // what stays is dropped in time
	}()
	if err := run.Add(ctx, r.tasks()...); err != nil {
		return nil, err
	}
	if err := r.gather(ctx, run); err != nil {
		return nil, err
	}
	return r.result(ctx.Err() != nil), nil
}

// muster waits for workers, and returns for how many the run is cut.
func muster(ctx context.Context, q *queue.Queue, o Options) (int, error) {
	until := time.Now().Add(cmp.Or(o.Patience, 30*time.Second))
	for {
		names, err := q.Sharing(ctx)
		switch n := len(names); {
		case err != nil:
			return 0, err
		case o.Workers == 0 && n > 0:
			return min(n, MaxWorkers), nil
		case o.Workers > 0 && n >= o.Workers:
			return o.Workers, nil
		case o.Workers == 0 || time.Now().After(until):
			return 0, fmt.Errorf("%w: %d of %d", ErrNoWorkers, n, max(1, o.Workers))
		}
	}
}

// cut returns the parts of a run, in the order in which they are due.
func cut(run time.Duration, lanes int) []traffic.Part {
	windows := time.Duration(min(maxWindows, queue.MaxTasks/lanes))
	window := max(shortest, ((run/windows)/time.Second+1)*time.Second)
	if run <= windows*shortest {
		window = shortest
	}
	var parts []traffic.Part
	for from := time.Duration(0); from < run; from += window {
		for lane := range lanes {
			parts = append(parts, traffic.Part{From: from, To: min(run, from+window), Lane: lane, Lanes: lanes})
		}
	}
	return parts
}

// running is a run under way.
type running struct {
	o     Options
	m     *traffic.Merge
	parts []traffic.Part
	start time.Time
	seen  map[int]bool // parts of which the end is known
	last  traffic.Progress
	told  time.Time // when
}

func (r *running) tasks() [][]byte {
	var all [][]byte
	for n, p := range r.parts {
		text, _ := json.Marshal(task{n, p}) // numbers
		all = append(all, text)
	}
	return all
}

// gather waits for the ends of all parts.
func (r *running) gather(ctx context.Context, run *queue.Run) error {
	t := r.o.Traffic
	longest := r.parts[0].To + t.Arrivals.Duration + cmp.Or(t.Drain, traffic.DefaultDrain) + t.Timeout + cmp.Or(r.o.Grace, 20*time.Second)
	waiting, cancel := context.WithDeadline(context.WithoutCancel(ctx), r.start.Add(longest))
	defer cancel()
	interrupted := context.AfterFunc(ctx, func() {
		stopping, done := context.WithTimeout(context.Background(), time.Second)
		defer done()
		_ = run.Stop(stopping) // the report is made in any case
		time.AfterFunc(700*time.Millisecond, cancel)
	})
	defer interrupted()
	return run.Results(waiting, func(text []byte) bool {
		r.take(text)
		return len(r.seen) < len(r.parts)
	})
}

// take counts a part.
func (r *running) take(text []byte) {
	var one traffic.PartResult
	if err := json.Unmarshal(text, &one); err != nil {
		return // of a hookproof that speaks differently: its part is lost
	}
	n := r.number(one.Part)
	if n < 0 || !r.m.Add(&one) {
		return
	}
	r.seen[n] = true
	if r.o.Traffic.Progress != nil {
		r.progress()
	}
}

// number is that of a part, -1 if it is none of the run.
func (r *running) number(p traffic.Part) int {
	if p.Lanes < 1 || p.Lane < 0 || p.Lane >= p.Lanes {
		return -1
	}
	n := int(p.From/(r.parts[0].To-r.parts[0].From))*p.Lanes + p.Lane
	if n < 0 || n >= len(r.parts) || r.parts[n] != p {
		return -1
	}
	return n
}

func (r *running) progress() {
	sum, now := r.m.Totals(), time.Now()
	p := traffic.Progress{Elapsed: max(0, time.Since(r.start)), Due: sum.Sent + sum.Skipped, Sent: sum.Sent, Errors: sum.Errors(), Rate: r.last.Rate}
	if passed := now.Sub(r.told); passed >= time.Second {
		p.Rate = float64(p.Sent-r.last.Sent) / passed.Seconds()
		r.told, r.last = now, p
	}
	p.P50, p.P99 = sum.Latency.Quantile(50), sum.Latency.Quantile(99)
	r.o.Traffic.Progress(p)
}

// result is what has come. Of an interrupted run nothing is lost: the rest was never
// due.
func (r *running) result(interrupted bool) *traffic.Result {
	for n, p := range r.parts {
		if r.seen[n] || interrupted {
			continue
		}
		events := int64(0)
		if r.o.Traffic.Arrivals.Rate != traffic.Max {
			for range r.o.Traffic.Arrivals.Part(p) {
				events++
			}
		}
		r.m.Lose(events)
	}
	return r.m.Result(r.start, max(0, time.Since(r.start)), len(r.parts), interrupted)
}
