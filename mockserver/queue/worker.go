package queue

import (
	"context"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
)

const (
	// maxHeld and maxHeldBytes bound the jobs that a worker holds because they are
	// not due, by lane and in all lanes. What is more waits at the server, which is
	// late by up to 100 ms or, while the lane is busy, more.
	maxHeld      = 20_000
	maxHeldBytes = 128 << 20
)

// worker does the jobs of one lane.
type worker struct {
	q       *Queue
	lane    string
	handle  func(context.Context, Job) error
	limit   int             // of jobs under way
	running context.Context // theirs
	jobs    sync.WaitGroup
	wake    chan struct{} // what comes first is another now

	mu     sync.Mutex
	mine   map[uint64]*heldJob // all that are here, by sequence
	ready  dueHeap             // those that are due and wait for their turn
	held   dueHeap             // those that are not due
	busy   int                 // those under way
	last   string              // reply of the job done last
	beaten time.Time           // when the last step of beat was
	ended  bool                // what comes now is given back
	pull   pull
}

func newWorker(ctx context.Context, q *Queue, lane string, concurrency int, handle func(context.Context, Job) error) *worker {
	return &worker{
		q: q, lane: lane, handle: handle, limit: concurrency,
		// Jobs under way end by themselves.
		running: context.WithoutCancel(ctx),
		wake:    make(chan struct{}, 1), mine: make(map[uint64]*heldJob),
		pull: pull{forgotten: make(chan struct{}), closed: make(chan struct{})},
	}
}

// run works until ctx ends, the lane is forgotten or the Queue is closed.
func (w *worker) run(ctx context.Context) error {
	sub, err := w.subscribe()
	if err != nil {
		return err
	}
	stop := w.q.onReconnect(w.askAnew)
	err = w.loop(ctx)
	stop()

	// What is still on its way is given back as it comes.
	w.giveBack()
	if !w.q.conn.IsConnected() || sub.Drain() != nil {
		_ = sub.Unsubscribe()
	}
	select {
	case <-w.pull.closed:
	case <-time.After(settleTimeout):
	}
	done := make(chan struct{})
	go func() {
		w.jobs.Wait()
		close(done)
	}()
	beat := time.NewTicker(w.q.ackWait / beatSteps)
	defer beat.Stop()
	for {
		select {
		case now := <-beat.C:
			w.mu.Lock()
			w.beat(now)
			w.mu.Unlock()
		case <-done:
			w.settle()
			return err
		}
	}
}

// loop has jobs done when they are due.
func (w *worker) loop(ctx context.Context) error {
	next := time.NewTimer(0)
	defer next.Stop()
	for {
		select {
		case <-next.C:
		case <-w.wake:
		case <-w.pull.forgotten:
			return ErrForgotten
		case <-w.pull.closed:
			return nats.ErrConnectionClosed
		case <-ctx.Done():
			return ctx.Err()
		}
		next.Reset(w.advance(ctx))
	}
}

// advance starts what is due, asks for more if need be, and returns when to do
// so again.
func (w *worker) advance(ctx context.Context) time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := time.Now()
	for len(w.held) > 0 && !w.held[0].Due.After(now) {
		j := w.held.take()
		w.q.held.Add(-int64(len(j.Body)))
		w.start(j)
	}
	wait := w.watch(ctx, now)
	if len(w.mine) > 0 {
		w.beat(now)
		wait = min(wait, w.q.ackWait/beatSteps)
	}
	return w.held.wait(now, wait)
}

// take is given each job that arrives.
func (w *worker) take(j *heldJob) {
	if here := w.mine[j.sequence]; here != nil {
		// The server gave it out again because it did not hear of it in time.
		here.reply, here.told = j.reply, j.told
		w.ask()
		return
	}
	if w.ended {
		w.tell(j, wordReturned)
		return
	}
	wait := time.Until(j.Due)
	switch {
	case wait <= 0:
		w.mine[j.sequence] = j
		w.start(j)
	case len(w.held) >= maxHeld || w.q.held.Load() >= maxHeldBytes:
		w.tell(j, wordLater(wait))
	default:
		w.mine[j.sequence] = j
		w.q.held.Add(int64(len(j.Body)))
		w.held.add(j)
		if w.held[0] == j {
			w.advanceSoon()
		}
	}
	w.ask()
}

// advanceSoon has the loop advance.
func (w *worker) advanceSoon() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// start does a job that is due, or has it wait for its turn.
func (w *worker) start(j *heldJob) {
	if w.busy == w.limit {
		w.ready.add(j)
		return
	}
	w.busy++
	w.jobs.Go(func() {
		for j != nil {
			j = w.finished(j, w.handle(w.running, j.Job))
		}
	})
}

// finished tells what became of a job and returns the next to do, nil if there
// is none.
func (w *worker) finished(j *heldJob, err error) *heldJob {
	if err != nil {
		w.q.log.Warn("a job is to be done again", "lane", w.lane, "error", err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.mine, j.sequence)
	if err != nil {
		w.tell(j, wordLater(again))
	} else {
		// If this is lost, the job is done again.
		w.tell(j, wordDone)
		w.last = j.reply
	}
	if len(w.ready) == 0 {
		w.busy--
		w.ask()
		return nil
	}
	next := w.ready.take()
	w.ask()
	return next
}
