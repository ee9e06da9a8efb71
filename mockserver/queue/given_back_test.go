package queue

import (
	"context"
	"errors"
	"testing"
	"time"
)

// A job whose handler failed rests before it is given out again.
func TestFailedJobRests(t *testing.T) {
	q := testQueue(t, EmbeddedOptions{})
	times := make(chan time.Time, 2)
	inBackground(t, func(ctx context.Context) error {
		return q.Work(ctx, "app.hook", 1, func(context.Context, Job) error {
			times <- time.Now()
			return errors.New("not now")
		})
	})
	enqueue(t, q, testJob("a"))
	first := <-times
	if rest := (<-times).Sub(first); rest < again {
		t.Errorf("it came again after %s, want at least %s", rest, again)
	}
}

// What a worker gives back is given out soon although the server was started
// again in between, and not only when nobody has heard of it for ackWait.
func TestGivenBackIsRemembered(t *testing.T) {
	o := EmbeddedOptions{Dir: t.TempDir(), bounds: bounds{ackWait: time.Hour}}
	const n = 6
	var done seen
	work := func(q *Queue, wait <-chan struct{}) (stop func() error) {
		return inBackground(t, func(ctx context.Context) error {
			return q.Work(ctx, "app.hook", 2, func(ctx context.Context, j Job) error {
				<-wait
				return done.remember(ctx, j)
			})
		})
	}
	q, err := Embedded(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	enqueue(t, q, testJobs("app.hook", n)...)
	release := make(chan struct{})
	stop := work(q, release)
	eventually(t, "some are in its hands", func() bool {
		info, err := q.js.Consumer(t.Context(), q.names.jobs(), consumerName("app.hook"))
		return err == nil && info.CachedInfo().NumAckPending > 2
	})
	time.AfterFunc(100*time.Millisecond, func() { close(release) })
	_ = stop()
	if err := q.Close(); err != nil {
		t.Fatal(err)
	}
	work(testQueue(t, o), release)
	done.await(t, n)
}
