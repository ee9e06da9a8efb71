package queue

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

const (
	// ackWait is after how long a job that nobody has finished, nor said to be
	// working on, is given to another worker.
	ackWait = 15 * time.Second
	// beats is how often a worker says so meanwhile.
	beats = 3
	// again is after how long a job whose handler failed is tried again.
	again = time.Second
)

// ErrForgotten says that a lane was dropped while it was worked on.
var ErrForgotten = errors.New("the lane was forgotten")

// Work does the jobs of a lane with handle, when they are due, concurrency of
// them at a time, until ctx ends; then it returns when those under way are
// done. A job is done when handle returns nil; otherwise it is given out again
// a second later, as it is at some time after its worker died. So handle may see
// a job twice. Lost connections and servers that come back are waited for.
//
// Any number of processes may work on a lane.
func (q *Queue) Work(ctx context.Context, lane string, concurrency int, handle func(context.Context, Job) error) error {
	if err := checkLane(lane); err != nil {
		return err
	}
	if concurrency < 1 {
		return fmt.Errorf("lane %s: want a concurrency of at least 1, not %d", lane, concurrency)
	}
	if err := q.openLane(ctx, lane); err != nil {
		return fmt.Errorf("lane %s: %w", lane, err)
	}
	w := newWorker(ctx, q, lane, concurrency, handle)
	if err := w.run(ctx); err != nil {
		return fmt.Errorf("lane %s: %w", lane, err)
	}
	return nil
}

// openLane makes the consumer of a lane, if it is not there yet.
func (q *Queue) openLane(ctx context.Context, lane string) error {
	_, err := q.js.CreateOrUpdateConsumer(ctx, q.names.jobs(), jetstream.ConsumerConfig{
		Durable: consumerName(lane), FilterSubject: q.names.subject(q.names.jobs(), lane),
		AckPolicy: jetstream.AckExplicitPolicy, AckWait: q.ackWait, MaxAckPending: MaxLane, MaxDeliver: -1,
		DeliverPolicy: jetstream.DeliverAllPolicy,
	})
	return err
}

// abandonLanes has what workers had that are no more given out at once, not after
// ackWait. Lanes are made again when they are worked on; their jobs stay.
func (q *Queue) abandonLanes(ctx context.Context) error {
	names := q.jobs.ConsumerNames(ctx)
	for name := range names.Name() {
		if err := q.jobs.DeleteConsumer(ctx, name); err != nil {
			return fmt.Errorf("lanes of before: %w", err)
		}
	}
	return names.Err()
}

// consumerName is that of a lane: names of consumers have no dots.
func consumerName(lane string) string {
	sum := sha256.Sum256([]byte(lane))
	return "lane-" + hex.EncodeToString(sum[:10])
}
