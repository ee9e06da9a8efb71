package queue

import (
	"context"
	"fmt"
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
	// settleTimeout bounds how long a worker that ends waits for the server.
	settleTimeout = 2 * time.Second
)

// What the server is told of a job.
var (
	wordDone     = []byte("+ACK")
	wordBusy     = []byte("+WPI")
	wordReturned = wordLater(0) // without a delay it is forgotten when the server starts again
	wordDropped  = []byte("+TERM")
)

// wordLater returns a job until wait is over.
func wordLater(wait time.Duration) []byte {
	return fmt.Appendf(nil, `-NAK {"delay":%d}`, max(wait, time.Millisecond).Nanoseconds())
}

// worker does the jobs of one lane.
type worker struct {
	q       *Queue
	lane    string
	handle  func(context.Context, Job) error
	limit   int             // of jobs under way
	running context.Context // theirs
	jobs    sync.WaitGroup
	wake    chan struct{} // what comes first is another now

	mu    sync.Mutex
	mine  map[uint64]*heldJob // all that are here, by sequence
	ready dueHeap             // those that are due and wait for their turn
	held  dueHeap             // those that are not due
	busy  int                 // those under way
	last  string              // reply of the job done last
	ended bool                // what comes now is given back
	pull  pull
}

func newWorker(ctx context.Context, q *Queue, lane string, concurrency int, handle func(context.Context, Job) error) *worker {
	return &worker{
		q: q, lane: lane, handle: handle, limit: concurrency,
		// Jobs under way end by themselves.
		running: context.WithoutCancel(ctx),
		wake:    make(chan struct{}, 1), mine: make(map[uint64]*heldJob),
		pull: pull{forgotten: make(chan struct{})},
	}
}

// run works until ctx ends or the lane is forgotten.
func (w *worker) run(ctx context.Context) error {
	closed := make(chan struct{})
	sub, err := w.subscribe(func() { close(closed) })
	if err != nil {
		return err
	}
	stop := w.q.onReconnect(w.askAnew)
	beat := time.NewTicker(w.q.ackWait / beats)
	defer beat.Stop()
	err = w.loop(ctx, beat.C)
	stop()

	// What is still on its way is given back as it comes.
	w.giveBack()
	if sub.Drain() == nil {
		select {
		case <-closed:
		case <-time.After(settleTimeout):
		}
	}
	done := make(chan struct{})
	go func() {
		w.jobs.Wait()
		close(done)
	}()
	for waiting := true; waiting; {
		select {
		case <-done:
			waiting = false
		case <-beat.C:
			w.beat()
		}
	}
	w.settle()
	return err
}

// loop has jobs done when they are due.
func (w *worker) loop(ctx context.Context, beat <-chan time.Time) error {
	next := time.NewTimer(0)
	defer next.Stop()
	for {
		select {
		case <-next.C:
		case <-w.wake:
		case <-beat:
			w.beat()
		case <-w.pull.forgotten:
			return ErrForgotten
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
	return w.held.wait(now, w.watch(ctx, now))
}

// take is given each job that arrives.
func (w *worker) take(j *heldJob) {
	if w.ended {
		w.tell(j, wordReturned)
		return
	}
	if here := w.mine[j.sequence]; here != nil {
		// The server gave it out again because it did not hear of it in time.
		here.reply = j.reply
		w.ask()
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

// tell fails only if the Queue is closed or the connection lost for long: then
// the job is given out again.
func (w *worker) tell(j *heldJob, word []byte) { _ = w.q.conn.Publish(j.reply, word) }

// beat says of all jobs that are here that they are being worked on.
func (w *worker) beat() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, j := range w.mine {
		w.tell(j, wordBusy)
	}
}

// giveBack returns what is not under way, for other workers to do when it is due.
func (w *worker) giveBack() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ended = true
	for _, j := range w.ready {
		w.tell(j, wordReturned)
		delete(w.mine, j.sequence)
	}
	for _, j := range w.held {
		w.tell(j, wordLater(time.Until(j.Due)))
		w.q.held.Add(-int64(len(j.Body)))
		delete(w.mine, j.sequence)
	}
	w.ready, w.held = nil, nil
}

// settle returns when the server has heard what became of the jobs, so that it
// can be stopped: it answers to what it is told in order.
func (w *worker) settle() {
	if w.last == "" || !w.q.conn.IsConnected() {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), settleTimeout)
	defer cancel()
	_, _ = w.q.conn.RequestMsgWithContext(ctx, &nats.Msg{Subject: w.last, Data: wordDone})
}
