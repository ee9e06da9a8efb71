package mockserver

import (
	"cmp"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"hookproof/mockserver/delivery"
	"hookproof/mockserver/queue"
)

// Bounds of a worker's concurrency.
const (
	// DefaultConcurrency is how many attempts a worker makes at a time to one webhook.
	DefaultConcurrency = 64
	// MaxConcurrency bounds it.
	MaxConcurrency = 1024
)

// WorkerOptions are the choices of a worker; the zero value delivers as the
// provider does.
type WorkerOptions struct {
	// Name tells the worker from others in the records of attempts, in at most 40
	// bytes of ASCII; "" is the machine's name and the process's number.
	Name string
	// Concurrency is how many attempts are made at a time to one webhook, so that
	// a slow one delays no other; 0 is DefaultConcurrency.
	Concurrency int
	// TimeScale multiplies the waits before retries, see delivery.Policy.
	TimeScale float64
	// Documented delivers as the provider documents it, and not with the content
	// type that its live deliveries have.
	Documented bool
	// UserAgent of deliveries, "" is delivery.DefaultUserAgent.
	UserAgent string
	// Timeout of an attempt; 0 is delivery.DefaultTimeout.
	Timeout time.Duration
	RootCAs *x509.CertPool // to verify receivers with; nil is the system's
	Log     *slog.Logger   // nil discards
}

// Worker makes the attempts of deliveries. Any number of them, in any number
// of processes, share the work of a queue.
type Worker struct {
	q     *queue.Queue
	store *store
	o     WorkerOptions

	transports *transports
	redactors  *redactors
	sender     delivery.Sender
}

// NewWorker returns a worker for what is in the queue. It does nothing before Run.
func NewWorker(q *queue.Queue, o WorkerOptions) *Worker {
	return newWorker(q, newStore(q), o)
}

func newWorker(q *queue.Queue, s *store, o WorkerOptions) *Worker {
	o.Log = cmp.Or(o.Log, slog.New(slog.DiscardHandler))
	o.Concurrency = min(cmp.Or(max(o.Concurrency, 0), DefaultConcurrency), MaxConcurrency)
	if o.Name == "" {
		host, _ := os.Hostname()
		o.Name = fmt.Sprintf("%.30s-%d", cmp.Or(host, "worker"), os.Getpid())
	}
	o.Name = strings.Map(nameRune, o.Name[:min(len(o.Name), maxWorkerName)])
	t := newTransports(o)
	return &Worker{
		q: q, store: s, o: o,
		transports: t, redactors: newRedactors(),
		sender: delivery.Sender{Transport: t.plain, Timeout: o.Timeout, MaxAnswer: MaxAnswerText},
	}
}

// Name is how the records of attempts call the worker.
func (w *Worker) Name() string { return w.o.Name }

// maxWorkerName bounds a worker's name, in bytes.
const maxWorkerName = 40

// nameRune keeps a worker's name one plain word.
func nameRune(r rune) rune {
	if r <= ' ' || r > '~' {
		return '_'
	}
	return r
}

// Run delivers until ctx ends, then finishes the attempts under way and gives
// back what it has not begun. That takes a second longer than an attempt may.
func (w *Worker) Run(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return w.store.run(ctx) })
	g.Go(func() error { return w.run(ctx) })
	err := g.Wait()
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// run is Run with a store that another runs.
func (w *Worker) run(ctx context.Context) error {
	defer w.transports.close()
	changes, stop := w.store.changes()
	defer stop()
	// Attempts under way are finished, but not those that are held up, nor is a
	// queue that is gone waited for: they are made again.
	jobs, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(w.grace(), cancel) })()
	lanes := map[string]context.CancelFunc{}
	var working sync.WaitGroup
	defer working.Wait()
	for {
		wanted := w.lanes()
		for name, cancel := range lanes {
			if _, ok := wanted[name]; !ok {
				cancel()
				delete(lanes, name)
			}
		}
		for name, of := range maps.All(wanted) {
			if _, ok := lanes[name]; !ok {
				laneCtx, cancel := context.WithCancel(ctx)
				lanes[name] = cancel
				working.Go(func() { w.work(laneCtx, jobs, name, of) })
			}
		}
		select {
		case <-changes:
		case <-ctx.Done():
			for _, cancel := range lanes {
				cancel()
			}
			return ctx.Err()
		}
	}
}

// target is a webhook of an app.
type target struct{ app, webhook string }

// targetOf is the target of a lane: neither name has a dot.
func targetOf(lane string) target {
	app, webhook, _ := strings.Cut(lane, ".")
	return target{app, webhook}
}

func (w *Worker) lanes() map[string]target {
	lanes := map[string]target{}
	for app, c := range w.store.all() {
		for _, hook := range c.Webhooks {
			lanes[lane(app, hook.ID)] = target{app, hook.ID}
		}
	}
	return lanes
}

// laneRest is the pause before a lane that ended is begun again. It ends when
// its webhook is deleted, or when the queue cannot be reached.
const laneRest = 200 * time.Millisecond

// grace is how long jobs may take after the worker was asked to end: an attempt
// and its record.
func (w *Worker) grace() time.Duration {
	return cmp.Or(max(w.o.Timeout, 0), delivery.DefaultTimeout) + time.Second
}

// work does the jobs of a lane until ctx ends, each in the context of jobs.
func (w *Worker) work(ctx, jobs context.Context, name string, of target) {
	for {
		err := w.q.Work(ctx, name, w.o.Concurrency, func(_ context.Context, j queue.Job) error { return w.do(jobs, of, j) })
		if ctx.Err() != nil {
			return
		}
		w.o.Log.Debug("a lane begins again", "lane", name, "error", err)
		select {
		case <-time.After(laneRest):
		case <-ctx.Done():
			return
		}
	}
}

// do makes the attempt of a job, records it and sees to the next one.
func (w *Worker) do(ctx context.Context, of target, j queue.Job) error {
	if w.store.void(j.Accepted) {
		return nil
	}
	c := w.store.read(of.app)
	hook := c.webhook(of.webhook)
	switch {
	case hook == nil, j.Accepted.Unix() < hook.CreatedAt:
		return w.discard(ctx, of, j, "deleted")
	case !hook.Enabled:
		return w.discard(ctx, of, j, "disabled")
	}
	a := w.attempt(ctx, hook, &j)
	if err := ctx.Err(); err != nil && a.Failure == delivery.FailCanceled {
		return err
	}
	return w.settle(ctx, of, hook, &j, a)
}

func (w *Worker) discard(ctx context.Context, of target, j queue.Job, why string) error {
	n := of.note(noteDiscard, &j)
	n.state, n.last, n.at = Discarded, why, time.Now()
	_, err := w.q.Attempts().Append(ctx, queue.Entry{Summary: n.encode(), Data: entryData(nil, j.Body)})
	return err
}

// note is about a job.
func (t target) note(kind noteKind, j *queue.Job) note {
	return note{
		kind: kind, id: j.ID, app: t.app, webhook: t.webhook, trigger: j.Trigger,
		attempt: j.Attempt, accepted: j.Accepted,
	}
}
