package queue

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"golang.org/x/sync/errgroup"
)

// Sharer does tasks.
type Sharer struct {
	Name string // which Sharing tells
	// Ready returns when to begin a task, at which no other is taken before.
	Ready func(ctx context.Context, t Task) time.Time
	// Do does a task, and returns its result; nil is none. ctx ends when the run was
	// stopped. An error gives the task to another.
	Do func(ctx context.Context, t Task) ([]byte, error)
}

// Share takes tasks of all runs until ctx ends, and returns when those under way are
// done. Lost connections are waited for.
func (q *Queue) Share(ctx context.Context, s Sharer) error {
	c, err := q.js.CreateOrUpdateConsumer(ctx, q.names.shares(), jetstream.ConsumerConfig{
		Durable: "sharers", AckPolicy: jetstream.AckExplicitPolicy, AckWait: shareWait, MaxAckPending: -1, MaxDeliver: shareTries,
	})
	if err != nil {
		return fmt.Errorf("shares: %w", err)
	}
	w := &sharing{q: q, s: s, runs: map[string]*sharedRun{}}
	who, err := q.conn.Subscribe(q.names.signal("who", "all"), func(m *nats.Msg) { _ = m.Respond([]byte(s.Name)) })
	if err != nil {
		return err
	}
	defer func() { _ = who.Unsubscribe() }()
	stop, err := q.conn.Subscribe(q.names.signal("stop", "*"), w.stop)
	if err != nil {
		return err
	}
	defer func() { _ = stop.Unsubscribe() }()
	var tasks errgroup.Group
	for ctx.Err() == nil {
		m, err := next(ctx, c)
		switch {
		case err != nil && ctx.Err() == nil:
			q.log.Debug("shares: no task", "error", err)
			sleep(ctx, pullPause)
			continue
		case m == nil:
			continue
		}
		t := taskOf(m)
		run, done := w.enter(t.Run)
		beat := keep(run, m)
		if !w.hold(ctx, run, t) {
			// Of a run that was stopped nobody wants it; otherwise another may.
			if run.Err() != nil {
				_ = m.Term()
			} else {
				_ = m.Nak()
			}
			beat()
			done()
			continue
		}
		tasks.Go(func() error {
			defer done()
			defer beat()
			w.do(run, m, t)
			return nil
		})
	}
	return tasks.Wait()
}

// next waits for a task, nil if none came for a while.
func next(ctx context.Context, c jetstream.Consumer) (jetstream.Msg, error) {
	batch, err := c.Fetch(1, jetstream.FetchContext(ctx), jetstream.FetchHeartbeat(pullBeat))
	if err != nil {
		return nil, err
	}
	for m := range batch.Messages() {
		return m, nil
	}
	if err := batch.Error(); err != nil && !errors.Is(err, nats.ErrTimeout) && !errors.Is(err, context.DeadlineExceeded) {
		return nil, err
	}
	return nil, nil
}

func sleep(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

func taskOf(m jetstream.Msg) Task {
	t := Task{Run: m.Subject()[strings.LastIndexByte(m.Subject(), '.')+1:], Data: m.Data()}
	if meta, err := m.Metadata(); err == nil {
		t.Again = meta.NumDelivered > 1
	}
	return t
}

// keep says of a task that it is in work, until the function that it returns is called.
func keep(ctx context.Context, m jetstream.Msg) (stop func()) {
	ctx, stop = context.WithCancel(ctx)
	go func() {
		for sleep(ctx, shareWait/4) {
			_ = m.InProgress() // if that is lost, the next one may not be
		}
	}()
	return stop
}

// sharing is a Share under way.
type sharing struct {
	q  *Queue
	s  Sharer
	mu sync.Mutex // guards what follows
	// runs are those of which tasks are here.
	runs map[string]*sharedRun
}

type sharedRun struct {
	ctx    context.Context
	cancel context.CancelFunc
	tasks  int
}

// enter counts a task of a run, whose context it returns.
func (w *sharing) enter(id string) (ctx context.Context, done func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	r := w.runs[id]
	if r == nil {
		r = &sharedRun{}
		r.ctx, r.cancel = context.WithCancel(context.Background()) // what is begun is ended, unless the run is stopped
		w.runs[id] = r
	}
	r.tasks++
	return r.ctx, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		if r.tasks--; r.tasks == 0 {
			r.cancel()
			delete(w.runs, id)
		}
	}
}

// stop ends all tasks of a run.
func (w *sharing) stop(m *nats.Msg) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if r := w.runs[m.Subject[strings.LastIndexByte(m.Subject, '.')+1:]]; r != nil {
		r.cancel()
	}
}

// hold waits until a task is to be begun, and tells whether it is: neither ctx nor the
// run has ended.
func (w *sharing) hold(ctx, run context.Context, t Task) bool {
	either, cancel := context.WithCancel(run)
	defer cancel()
	defer context.AfterFunc(ctx, cancel)()
	return sleep(either, time.Until(w.s.Ready(either, t)))
}

// do does a task. Only when its result is stored is it done.
func (w *sharing) do(ctx context.Context, m jetstream.Msg, t Task) {
	result, err := w.s.Do(ctx, t)
	storing, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err == nil && result != nil {
		_, err = w.q.js.Publish(storing, w.q.names.results()+"."+t.Run, result, jetstream.WithRetryAttempts(20))
	}
	if err != nil {
		w.q.log.Warn("a share of a run was not done", "run", t.Run, "error", err)
		_ = m.NakWithDelay(again)
		return
	}
	if err := m.DoubleAck(storing); err != nil {
		w.q.log.Debug("a share was done, but that was not heard", "run", t.Run, "error", err)
	}
}
