package queue

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Bounds of what is kept. They are those of an embedded server as well as of
// a cluster.
const (
	// MaxLane is how many jobs wait in a lane at most.
	MaxLane = 200_000
	// MaxAttempts and MaxDead are how many entries the logs keep.
	MaxAttempts, MaxDead = 200_000, 50_000
	// MaxAge is how long the log of attempts keeps one.
	MaxAge = 7 * 24 * time.Hour

	maxJobBytes = 1 << 30
	maxLogBytes = 512 << 20
	// In memory the bounds are tighter: they are those of the process.
	maxJobMemory = 256 << 20
	maxLogMemory = 128 << 20
)

// ErrFull says that no more is kept: the queue, or one lane of it, is at its
// bound.
var ErrFull = errors.New("the queue is full")

// ErrTooLarge says that something is larger than the server takes in one message.
var ErrTooLarge = errors.New("larger than the queue takes")

// ErrInUse says that another process uses the directory.
var ErrInUse = errors.New("another process uses it")

// outstanding bounds the messages that are published and not yet acknowledged;
// the client's own bound is above it and so never reached, because behind that
// it would fail instead of waiting.
const outstanding = 4096

// Queue is a connection to what is kept. It is safe for concurrent use.
type Queue struct {
	conn   *nats.Conn
	js     jetstream.JetStream
	log    *slog.Logger
	names  names
	stop   func() error // ends the embedded server
	addr   string       // where the embedded server listens
	slots  chan struct{}
	jobs   jetstream.Stream
	bucket jetstream.KeyValue

	attempts, dead *Log
}

// names are those of the streams and subjects of one namespace.
type names struct{ prefix string }

func (n names) bucket() string                 { return n.prefix + "-documents" }
func (n names) jobs() string                   { return n.prefix + "-jobs" }
func (n names) attempts() string               { return n.prefix + "-attempts" }
func (n names) dead() string                   { return n.prefix + "-dead" }
func (n names) subject(of, lane string) string { return of + "." + lane }

// open makes a Queue of a connection, and what it keeps if it is not there yet.
func open(ctx context.Context, conn *nats.Conn, s storage, log *slog.Logger) (*Queue, error) {
	js, err := jetstream.New(conn, jetstream.WithPublishAsyncMaxPending(2*outstanding), jetstream.WithPublishAsyncTimeout(ackTimeout))
	if err != nil {
		return nil, err
	}
	q := &Queue{conn: conn, js: js, log: log, names: names{s.prefix}, slots: make(chan struct{}, outstanding), stop: func() error { return nil }}
	q.bucket, err = js.CreateOrUpdateKeyValue(ctx, jetstream.KeyValueConfig{
		Bucket: q.names.bucket(), Storage: s.kind, Replicas: s.replicas, MaxValueSize: 1 << 20, MaxBytes: 64 << 20,
	})
	if err != nil {
		return nil, fmt.Errorf("bucket of documents: %w", err)
	}
	bytes, logBytes := int64(maxJobBytes), int64(maxLogBytes)
	if s.kind == jetstream.MemoryStorage {
		bytes, logBytes = maxJobMemory, maxLogMemory
	}
	q.jobs, err = js.CreateOrUpdateStream(ctx, jetstream.StreamConfig{
		Name: q.names.jobs(), Subjects: []string{q.names.jobs() + ".>"}, Storage: s.kind, Replicas: s.replicas,
		Retention: jetstream.WorkQueuePolicy, Duplicates: dedupeWindow,
		Discard: jetstream.DiscardNew, DiscardNewPerSubject: true,
		MaxMsgsPerSubject: MaxLane, MaxBytes: bytes,
	})
	if err != nil {
		return nil, fmt.Errorf("stream of jobs: %w", err)
	}
	if q.attempts, err = q.openLog(ctx, s, q.names.attempts(), MaxAttempts, logBytes, MaxAge); err != nil {
		return nil, fmt.Errorf("log of attempts: %w", err)
	}
	if q.dead, err = q.openLog(ctx, s, q.names.dead(), MaxDead, logBytes, 0); err != nil {
		return nil, fmt.Errorf("log of dead letters: %w", err)
	}
	return q, nil
}

// storage says where and how often things are kept.
type storage struct {
	prefix   string
	kind     jetstream.StorageType
	replicas int
}

// Attempts is the log of what was tried.
func (q *Queue) Attempts() *Log { return q.attempts }

// Dead is the log of what was given up.
func (q *Queue) Dead() *Log { return q.dead }

// MaxMessage is how many bytes an entry or a job has at most.
func (q *Queue) MaxMessage() int { return int(q.conn.MaxPayload()) - headroom }

// headroom is left for the headers of a message.
const headroom = 32 << 10

// Ready tells whether the queue can be used now.
func (q *Queue) Ready(ctx context.Context) error {
	if !q.conn.IsConnected() {
		return errors.New("not connected to NATS")
	}
	_, err := q.jobs.Info(ctx)
	return err
}

// Close ends the connection, and the server if it is embedded. What was
// accepted is kept, but for a server in memory.
func (q *Queue) Close() error {
	q.conn.Close()
	return q.stop()
}

// publish stores a message and returns its position. It waits while too many
// are under way.
func (q *Queue) publish(ctx context.Context, m *nats.Msg, o ...jetstream.PublishOpt) (uint64, error) {
	p, err := q.begin(ctx, m, o...)
	if err != nil {
		return 0, err
	}
	return p.wait(ctx)
}

// pending is a message that is on its way to be stored.
type pending struct {
	q      *Queue
	future jetstream.PubAckFuture
}

func (q *Queue) begin(ctx context.Context, m *nats.Msg, o ...jetstream.PublishOpt) (pending, error) {
	select {
	case q.slots <- struct{}{}:
	case <-ctx.Done():
		return pending{}, ctx.Err()
	}
	f, err := q.js.PublishMsgAsync(m, o...)
	if err != nil {
		<-q.slots
		return pending{}, publishError(err)
	}
	return pending{q, f}, nil
}

// wait returns when the message is stored, or is not.
func (p pending) wait(ctx context.Context) (uint64, error) {
	defer func() { <-p.q.slots }()
	select {
	case ack := <-p.future.Ok():
		return ack.Sequence, nil
	case err := <-p.future.Err():
		return 0, publishError(err)
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

const (
	// ackTimeout is how long storing may take, a change of leaders included.
	ackTimeout = 5 * time.Second
	// dedupeWindow is how long a job that is enqueued again, because its
	// acknowledgement was lost, is recognised. It is longer than that takes.
	dedupeWindow = 15 * time.Second
)

func publishError(err error) error {
	api, ok := errors.AsType[*jetstream.APIError](err)
	switch {
	case errors.Is(err, nats.ErrMaxPayload):
		return fmt.Errorf("%w: %w", ErrTooLarge, err)
	case ok && (api.ErrorCode == jsErrStoreFailed || api.Code == 503 && api.ErrorCode == jsErrResources):
		return fmt.Errorf("%w: %s", ErrFull, api.Description)
	default:
		return err
	}
}

// Codes of the server that the client library does not name.
const (
	jsErrResources   jetstream.ErrorCode = 10023 // insufficient resources
	jsErrStoreFailed jetstream.ErrorCode = 10077 // a limit of the stream was reached
)
