package fleet

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"hookproof/mockserver/queue"
	"hookproof/mockserver/traffic"
)

// Worker makes parts of runs.
type Worker struct {
	Name string
	// Prepare reads the Spec of a run, and returns what makes the options of its parts:
	// that of number n, which is of so many events at most. It is called once for a run.
	Prepare func(spec []byte) (func(n int, p traffic.Part) (traffic.Options, error), error)
	Log     *slog.Logger // nil discards
}

// Work takes parts of all runs until ctx ends; those that are under way then are
// ended.
func Work(ctx context.Context, q *queue.Queue, w Worker) error {
	s := &worker{w: w, q: q, log: w.Log, runs: map[string]*sharedRun{}}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	defer s.forget(func(*sharedRun) bool { return true })
	return q.Share(ctx, queue.Sharer{Name: w.Name, Ready: s.ready, Do: s.do})
}

// memory is for how long after its end a run is known.
const memory = time.Minute

// worker is a Work under way.
type worker struct {
	w    Worker
	q    *queue.Queue
	log  *slog.Logger
	mu   sync.Mutex
	runs map[string]*sharedRun
}

// sharedRun is a run of which parts are made here.
type sharedRun struct {
	about
	start   time.Time // by this machine's clock
	options func(n int, p traffic.Part) (traffic.Options, error)
	lines   traffic.Lines
}

// run returns the run of an id.
func (w *worker) run(ctx context.Context, id string) (*sharedRun, error) {
	w.mu.Lock()
	if r := w.runs[id]; r != nil {
		w.mu.Unlock()
		return r, nil
	}
	w.mu.Unlock()
	w.forget(func(r *sharedRun) bool { return time.Since(r.start) > r.Duration+memory })
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	text, err := w.q.Spec(ctx, id)
	if err != nil {
		return nil, err
	}
	r := &sharedRun{}
	if err := json.Unmarshal(text, &r.about); err != nil {
		return nil, fmt.Errorf("run %s: %w", id, err)
	}
	offset, err := w.q.ClockOffset(ctx, id)
	if err != nil {
		return nil, err
	}
	r.start = r.Start.Add(-offset)
	if r.options, err = w.w.Prepare(r.Spec); err != nil {
		return nil, fmt.Errorf("run %s: %w", id, err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if before := w.runs[id]; before != nil { // another part was as fast
		return before, nil
	}
	w.log.Info("joins a run of traffic", "run", id, "clock", offset)
	w.runs[id] = r
	return r, nil
}

// forget closes what was kept for runs.
func (w *worker) forget(over func(*sharedRun) bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for id, r := range w.runs {
		if over(r) {
			r.lines.Close()
			delete(w.runs, id)
		}
	}
}

// ready tells when a part is to be begun; at once, if it is late or not understood.
func (w *worker) ready(ctx context.Context, t queue.Task) time.Time {
	one, r, err := w.read(ctx, t)
	if err != nil {
		return time.Time{}
	}
	return r.start.Add(one.Part.From - r.Lead)
}

func (w *worker) read(ctx context.Context, t queue.Task) (one task, r *sharedRun, err error) {
	if err := json.Unmarshal(t.Data, &one); err != nil {
		return one, nil, fmt.Errorf("a part of run %s: %w", t.Run, err)
	}
	r, err = w.run(ctx, t.Run)
	return one, r, err
}

// do makes a part.
func (w *worker) do(ctx context.Context, t queue.Task) ([]byte, error) {
	one, r, err := w.read(ctx, t)
	if err != nil {
		return nil, err
	}
	o, err := r.options(one.N, one.Part)
	if err != nil {
		return nil, err
	}
	o.Part, o.Start, o.Lines = &one.Part, r.start, &r.lines
	o.Connections = max(1, (o.Connections+r.Lanes-1)/r.Lanes)
	res, err := traffic.RunPart(ctx, o)
	if err != nil {
		return nil, err
	}
	res.Worker, res.Again = w.w.Name, t.Again
	return json.Marshal(res)
}
