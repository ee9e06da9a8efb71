package queue

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// Bounds of what is kept. They are those of an embedded server as well as of
// a cluster.
const (
	// MaxLane is how many jobs wait in a lane at most.
	MaxLane = 200_000
	// MaxAttempts is how many messages the log of attempts keeps, of an entry or
	// more each.
	MaxAttempts = 200_000
	// MaxDead is the same for the log of what was given up.
	MaxDead = 50_000
	// MaxAge is how long the log of attempts keeps one.
	MaxAge = 7 * 24 * time.Hour

	maxJobBytes = 1 << 30
	maxLogBytes = 512 << 20
	// In memory the bounds are tighter: they are those of the process.
	maxJobMemory = 256 << 20
	maxLogMemory = 128 << 20

	maxDocument  = 1 << 20  // bytes, with its headers
	maxDocuments = 64 << 20 // bytes
)

// storage says where and how often things are kept.
type storage struct {
	prefix   string
	kind     jetstream.StorageType
	replicas int  // 0: as it is, or 1
	existing bool // nothing is made
	remote   bool
	bounds
}

// bounds are smaller ones, for tests; 0 is as it is documented.
type bounds struct {
	lane    int64 // jobs
	bytes   int64 // of all jobs
	ackWait time.Duration
}

// names are those of the streams and subjects of one namespace.
type names struct{ prefix string }

func (n names) documents() string              { return n.prefix + "-documents" }
func (n names) jobs() string                   { return n.prefix + "-jobs" }
func (n names) attempts() string               { return n.prefix + "-attempts" }
func (n names) dead() string                   { return n.prefix + "-dead" }
func (n names) subject(of, lane string) string { return of + "." + lane }

// openAll opens all that is kept, and makes what is not there yet.
func (q *Queue) openAll(ctx context.Context, s storage) error {
	// What is there stays where it is, and as often unless s says how often.
	switch there, err := q.js.Stream(ctx, q.names.jobs()); {
	case err == nil:
		c := there.CachedInfo().Config
		s.kind, s.replicas = c.Storage, cmp.Or(s.replicas, c.Replicas)
	case !errors.Is(err, jetstream.ErrStreamNotFound):
		return fmt.Errorf("stream of jobs: %w", err)
	case s.existing:
		return errNothing
	}
	s.replicas = max(s.replicas, 1)
	jobBytes, logBytes := int64(maxJobBytes), int64(maxLogBytes)
	if s.kind == jetstream.MemoryStorage {
		jobBytes, logBytes = maxJobMemory, maxLogMemory
	}
	var err error
	if q.jobs, err = q.openStream(ctx, s, jetstream.StreamConfig{
		Name: q.names.jobs(), Subjects: []string{q.names.jobs() + ".>"},
		Retention: jetstream.WorkQueuePolicy, Discard: jetstream.DiscardNew, DiscardNewPerSubject: true,
		MaxMsgsPerSubject: cmp.Or(s.lane, MaxLane), MaxBytes: cmp.Or(s.bytes, jobBytes),
	}); err != nil {
		return fmt.Errorf("stream of jobs: %w", err)
	}
	if q.documents, err = q.openStream(ctx, s, jetstream.StreamConfig{
		Name: q.names.documents(), Subjects: []string{q.names.documents() + ".>"},
		Retention: jetstream.LimitsPolicy, Discard: jetstream.DiscardNew,
		MaxMsgsPerSubject: 1, MaxBytes: maxDocuments, MaxMsgSize: maxDocument,
	}); err != nil {
		return fmt.Errorf("stream of documents: %w", err)
	}
	if q.attempts, err = q.openLog(ctx, s, q.names.attempts(), MaxAttempts, logBytes, MaxAge); err != nil {
		return fmt.Errorf("log of attempts: %w", err)
	}
	if q.dead, err = q.openLog(ctx, s, q.names.dead(), MaxDead, logBytes, 0); err != nil {
		return fmt.Errorf("log of dead letters: %w", err)
	}
	return q.openShares(ctx, s)
}

// errNothing is for those who want to make nothing themselves.
var errNothing = errors.New("NATS there has no streams of hookproof: start a server of hookproof with it first")

func (q *Queue) openLog(ctx context.Context, s storage, name string, messages, bytes int64, age time.Duration) (*Log, error) {
	stream, err := q.openStream(ctx, s, jetstream.StreamConfig{
		Name: name, Subjects: []string{name + ".log"},
		Retention: jetstream.LimitsPolicy, Discard: jetstream.DiscardOld,
		MaxMsgs: messages, MaxBytes: bytes, MaxAge: age,
	})
	if err != nil {
		return nil, err
	}
	return &Log{q: q, name: name, subject: name + ".log", stream: stream}, nil
}

func (q *Queue) openStream(ctx context.Context, s storage, c jetstream.StreamConfig) (jetstream.Stream, error) {
	if s.existing {
		return q.js.Stream(ctx, c.Name)
	}
	c.Storage, c.Replicas, c.Duplicates = s.kind, s.replicas, dedupeWindow
	return q.js.CreateOrUpdateStream(ctx, c)
}
