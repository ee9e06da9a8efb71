package queue

import (
	"context"
	"errors"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

const (
	// followBeat is how often the server says that there is nothing new; without
	// word for twice as long it is asked anew.
	followBeat = 2 * time.Second
	// followAgain is after how long following is tried again.
	followAgain = 500 * time.Millisecond
)

// errStale says that what is followed has to be asked for anew.
var errStale = errors.New("messages are missing")

// follow calls f for the messages of a stream in order, beginning as c says and
// each once, until ctx ends, the Queue is closed or f fails. caughtUp is called
// once, when what was there at the beginning has been seen.
//
// It is an ordered consumer of the client library that ends with ctx: that one
// waits for a lost server for as long as it is lost.
func (q *Queue) follow(ctx context.Context, stream jetstream.Stream, c jetstream.ConsumerConfig, caughtUp func(), f func(sequence uint64, m jetstream.Msg) error) error {
	c.AckPolicy, c.MemoryStorage, c.Replicas = jetstream.AckNonePolicy, true, 1
	c.InactiveThreshold = 5 * followBeat
	r := follower{q: q, stream: stream, config: c, caughtUp: caughtUp, f: f}
	for {
		err := r.run(ctx)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case r.failed:
			return err
		case refuses(err):
			return err
		case errors.Is(err, nats.ErrConnectionClosed) || q.conn.IsClosed():
			return nats.ErrConnectionClosed
		}
		q.log.Debug("follow again", "error", err)
		select {
		case <-time.After(followAgain):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// refuses tells whether the server understood, and will not do it later either.
func refuses(err error) bool {
	api, ok := errors.AsType[*jetstream.APIError](err)
	return ok && api.Code != 503
}

// follower is where one that follows is.
type follower struct {
	q        *Queue
	stream   jetstream.Stream
	config   jetstream.ConsumerConfig
	caughtUp func() // nil if it was called
	f        func(uint64, jetstream.Msg) error
	failed   bool // f did
}

// run follows with one consumer for as long as nothing is lost on the way.
func (r *follower) run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer r.q.onReconnect(cancel)()
	c, err := r.stream.CreateConsumer(ctx, r.config)
	if err != nil {
		return err
	}
	defer r.forget(ctx, c)
	if c.CachedInfo().NumPending == 0 {
		r.done()
	}
	messages, err := c.Messages(jetstream.PullMaxMessages(1000), jetstream.PullHeartbeat(followBeat))
	if err != nil {
		return err
	}
	defer messages.Stop()
	for next := uint64(1); ; next++ {
		m, err := messages.Next(jetstream.NextContext(ctx))
		if err != nil {
			return err
		}
		meta, err := m.Metadata()
		if err != nil {
			return err
		}
		if meta.Sequence.Consumer != next {
			return errStale
		}
		r.config.DeliverPolicy = jetstream.DeliverByStartSequencePolicy
		r.config.OptStartSeq = meta.Sequence.Stream + 1
		if err := r.f(meta.Sequence.Stream, m); err != nil {
			r.failed = true
			return err
		}
		if meta.NumPending == 0 {
			r.done()
		}
	}
}

func (r *follower) done() {
	if r.caughtUp != nil {
		r.caughtUp()
		r.caughtUp = nil
	}
}

// forget drops a consumer, which otherwise ends by itself soon.
func (r *follower) forget(ctx context.Context, c jetstream.Consumer) {
	if !r.q.conn.IsConnected() {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	_ = r.stream.DeleteConsumer(ctx, c.CachedInfo().Name)
}
