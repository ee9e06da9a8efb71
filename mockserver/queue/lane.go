package queue

import (
	"container/heap"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

const (
	// ackWait is after how long a job that nobody has finished, nor said to be
	// working on, is given to another worker.
	ackWait = 30 * time.Second
	// heartbeat is how often a worker says so of the jobs that it holds.
	heartbeat = ackWait / 3
	// maxHeld bounds the jobs of a lane that a worker holds because they are not
	// due. What is more waits at the server, which is late by up to 100 ms or,
	// while the lane is busy, more.
	maxHeld = 20_000
	// again is after how long a job whose handler failed is tried again.
	again = time.Second
)

// Work does the jobs of a lane with handle, when they are due, concurrency of
// them at a time, until ctx ends; then it returns when those under way are
// done. A job is done when handle returns nil; otherwise it is given out again
// a second later, as it is at some time after its worker died. So handle may see
// a job twice.
//
// Any number of processes may work on a lane.
func (q *Queue) Work(ctx context.Context, lane string, concurrency int, handle func(context.Context, Job) error) error {
	c, err := q.js.CreateOrUpdateConsumer(ctx, q.names.jobs(), jetstream.ConsumerConfig{
		Durable: consumerName(lane), FilterSubject: q.names.subject(q.names.jobs(), lane),
		AckPolicy: jetstream.AckExplicitPolicy, AckWait: ackWait, MaxAckPending: MaxLane, MaxDeliver: -1,
		DeliverPolicy: jetstream.DeliverAllPolicy,
	})
	if err != nil {
		return fmt.Errorf("lane %s: %w", lane, err)
	}
	messages, err := c.Messages(jetstream.PullMaxMessages(2*concurrency), jetstream.WithMessagesErrOnMissingHeartbeat(false))
	if err != nil {
		return fmt.Errorf("lane %s: %w", lane, err)
	}
	w := &worker{
		q: q, lane: lane, handle: handle, slots: make(chan struct{}, concurrency), earlier: make(chan struct{}, 1),
		// Jobs under way end by themselves.
		running: context.WithoutCancel(ctx),
	}
	holding, stop := context.WithCancel(ctx)
	var held sync.WaitGroup
	held.Go(func() { w.hold(holding) })
	err = w.pull(ctx, messages)
	messages.Stop()
	stop()
	held.Wait()
	w.release()
	w.jobs.Wait()
	return err
}

// consumerName is that of a lane: names of consumers have no dots.
func consumerName(lane string) string {
	sum := sha256.Sum256([]byte(lane))
	return "lane-" + hex.EncodeToString(sum[:10])
}

// worker does the jobs of one lane.
type worker struct {
	q       *Queue
	lane    string
	handle  func(context.Context, Job) error
	slots   chan struct{} // one for each job under way
	earlier chan struct{} // a job is held that is due before the others
	running context.Context
	jobs    sync.WaitGroup

	mu   sync.Mutex
	held dueHeap
}

// heldJob is a job with the message that it came in.
type heldJob struct {
	Job
	message jetstream.Msg
}

// pull takes jobs from the server until ctx ends or the lane is gone.
func (w *worker) pull(ctx context.Context, messages jetstream.MessagesContext) error {
	for {
		m, err := messages.Next(jetstream.NextContext(ctx))
		switch {
		case ctx.Err() != nil:
			if err == nil {
				_ = m.Nak()
			}
			return ctx.Err()
		case errors.Is(err, jetstream.ErrConsumerDeleted), errors.Is(err, jetstream.ErrMsgIteratorClosed):
			return fmt.Errorf("lane %s: %w", w.lane, err)
		case err != nil:
			w.q.log.Warn("lane", "lane", w.lane, "error", err)
			continue
		}
		j, err := decodeJob(m.Headers().Get(header))
		if err != nil {
			w.q.log.Error("lane: a message that is no job is dropped", "lane", w.lane)
			_ = m.Term()
			continue
		}
		j.Lane, j.Body = w.lane, m.Data()
		if wait := time.Until(j.Due); wait > 0 {
			w.keep(heldJob{j, m}, wait)
			continue
		}
		select {
		case w.slots <- struct{}{}:
			w.do(heldJob{j, m})
		case <-ctx.Done():
			_ = m.Nak()
			return ctx.Err()
		}
	}
}

// do does a job in the slot that the caller has taken.
func (w *worker) do(j heldJob) {
	w.jobs.Go(func() {
		defer func() { <-w.slots }()
		if err := w.handle(w.running, j.Job); err != nil {
			w.q.log.Warn("a job is to be done again", "lane", w.lane, "error", err)
			_ = j.message.NakWithDelay(again)
			return
		}
		// If this is lost, the job is done again.
		_ = j.message.Ack()
	})
}

// keep holds a job until it is due, here if possible.
func (w *worker) keep(j heldJob, wait time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.held) >= maxHeld {
		_ = j.message.NakWithDelay(wait)
		return
	}
	heap.Push(&w.held, j)
	if w.held[0].message == j.message {
		select {
		case w.earlier <- struct{}{}:
		default:
		}
	}
}

// hold does the held jobs when they are due, and says of those that are not
// that they are being worked on.
func (w *worker) hold(ctx context.Context) {
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	due := time.NewTimer(time.Hour)
	defer due.Stop()
	for {
		wait := w.next()
		slots := w.slots
		if wait > 0 {
			slots = nil // nothing is due
			due.Reset(wait)
		} else {
			due.Stop()
		}
		select {
		case slots <- struct{}{}:
			w.do(w.pop())
		case <-due.C:
		case <-w.earlier:
		case <-beat.C:
			w.beat()
		case <-ctx.Done():
			return
		}
	}
}

// next is in how long the first held job is due, 0 if it is.
func (w *worker) next() time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.held) == 0 {
		return time.Hour
	}
	return max(time.Until(w.held[0].Due), 0)
}

func (w *worker) pop() heldJob {
	w.mu.Lock()
	defer w.mu.Unlock()
	return heap.Pop(&w.held).(heldJob)
}

func (w *worker) beat() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, j := range w.held {
		_ = j.message.InProgress()
	}
}

// release gives back what is held, for other workers to do when it is due.
func (w *worker) release() {
	for _, j := range w.held {
		_ = j.message.NakWithDelay(max(time.Until(j.Due), time.Millisecond))
	}
}

// dueHeap has the job that is due first at its top.
type dueHeap []heldJob

func (h dueHeap) Len() int           { return len(h) }
func (h dueHeap) Less(i, j int) bool { return h[i].Due.Before(h[j].Due) }
func (h dueHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *dueHeap) Push(x any)        { *h = append(*h, x.(heldJob)) }
func (h *dueHeap) Pop() any {
	old := *h
	last := len(old) - 1
	j := old[last]
	old[last] = heldJob{}
	*h = old[:last]
	return j
}
