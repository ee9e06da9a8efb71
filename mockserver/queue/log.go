package queue

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// Log is a bounded log: what is too old or too much is dropped at its
// beginning. It is safe for concurrent use.
type Log struct {
	q       *Queue
	name    string
	subject string
	stream  jetstream.Stream

	mu         sync.Mutex
	collecting *group // takes entries, nil if none does
	last       *group // to be stored last, nil if all are stored
}

// Entry is one entry of a log.
type Entry struct {
	Summary string // one line of at most MaxSummary bytes
	Data    []byte
}

// Position is where an entry is in its log. They grow, with gaps: it is the
// position of a message, and of the entry in its group.
type Position uint64

func (p Position) sequence() uint64 { return uint64(p >> groupBits) }
func (p Position) index() int       { return int(p % maxGroup) }

func position(sequence uint64, index int) Position {
	return Position(sequence<<groupBits | uint64(index))
}

// Reaches tells whether an entry is in the last message before an end, or later.
func (p Position) Reaches(end Position) bool { return p.sequence() >= end.sequence() }

// ErrGone says that a log does not hold an entry, or not any more.
var ErrGone = errors.New("the log does not hold it any more")

func (q *Queue) openLog(ctx context.Context, s storage, name string, messages, bytes int64, age time.Duration) (*Log, error) {
	stream, err := q.js.CreateOrUpdateStream(ctx, jetstream.StreamConfig{
		Name: name, Subjects: []string{name + ".log"}, Storage: s.kind, Replicas: s.replicas,
		Retention: jetstream.LimitsPolicy, Discard: jetstream.DiscardOld, AllowDirect: true,
		MaxMsgs: messages, MaxBytes: bytes, MaxAge: age, Duplicates: 100 * time.Millisecond,
	})
	if err != nil {
		return nil, err
	}
	return &Log{q: q, name: name, subject: name + ".log", stream: stream}, nil
}

// Read returns the entry at a position.
func (l *Log) Read(ctx context.Context, p Position) (Entry, error) {
	m, err := l.stream.GetMsg(ctx, p.sequence())
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return Entry{}, ErrGone
	}
	if err != nil {
		return Entry{}, fmt.Errorf("read %s: %w", l.name, err)
	}
	for i, e := range ungroup(m.Header[header], m.Data) {
		if i == p.index() {
			return e, nil
		}
	}
	return Entry{}, ErrGone
}

// End is a position behind the newest entry and before any later one, 0 if
// the log is empty.
func (l *Log) End(ctx context.Context) (Position, error) {
	info, err := l.stream.Info(ctx)
	if err != nil {
		return 0, fmt.Errorf("read %s: %w", l.name, err)
	}
	if info.State.Msgs == 0 {
		return 0, nil
	}
	return position(info.State.LastSeq, maxGroup-1), nil
}

// Follow calls f for each entry behind a position, in order, until ctx ends or
// f fails. Entries that were appended together with that one may come again. whole asks for the entries' Data too. After a lost connection it
// goes on where it was.
func (l *Log) Follow(ctx context.Context, after Position, whole bool, f func(Position, Entry) error) error {
	c, err := l.stream.OrderedConsumer(ctx, jetstream.OrderedConsumerConfig{
		DeliverPolicy: jetstream.DeliverByStartSequencePolicy, OptStartSeq: after.sequence() + 1, HeadersOnly: !whole,
	})
	if err != nil {
		return fmt.Errorf("follow %s: %w", l.name, err)
	}
	messages, err := c.Messages(jetstream.PullMaxMessages(1000), jetstream.WithMessagesErrOnMissingHeartbeat(false))
	if err != nil {
		return fmt.Errorf("follow %s: %w", l.name, err)
	}
	defer messages.Stop()
	for {
		m, err := messages.Next(jetstream.NextContext(ctx))
		if err != nil {
			return fmt.Errorf("follow %s: %w", l.name, err)
		}
		meta, err := m.Metadata()
		if err != nil {
			continue // not a message of the stream
		}
		for i, e := range ungroup(m.Headers()[header], m.Data()) {
			if err := f(position(meta.Sequence.Stream, i), e); err != nil {
				return err
			}
		}
	}
}
