package queue

import (
	"context"
	"errors"
	"fmt"
	"sync"

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
	groups     int    // not stored yet
	made       uint64 // groups ever made
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

// ErrGone says that a log does not hold an entry, or not any more.
var ErrGone = errors.New("the log does not hold it any more")

// Read returns the entry at a position.
func (l *Log) Read(ctx context.Context, p Position) (Entry, error) {
	if p.sequence() == 0 {
		return Entry{}, ErrGone
	}
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

// End is the position behind which the next entry will be, 0 if there was none.
func (l *Log) End(ctx context.Context) (Position, error) {
	info, err := l.stream.Info(ctx)
	if err != nil {
		return 0, fmt.Errorf("read %s: %w", l.name, err)
	}
	if info.State.LastSeq == 0 {
		return 0, nil
	}
	return position(info.State.LastSeq, maxGroup-1), nil
}

// Follow calls f for each entry behind a position, in order and once, until ctx
// ends or f fails; its error is returned as it is. whole asks for the entries'
// Data too. After a lost connection it goes on where it was. A position that the
// log has not reached is one of another log: then it begins with the first entry.
// caughtUp, if it is not nil, is called once, when all that was there at the
// beginning has been given to f.
func (l *Log) Follow(ctx context.Context, after Position, whole bool, f func(Position, Entry) error, caughtUp func()) error {
	end, err := l.End(ctx)
	if err != nil {
		return err
	}
	if after > end {
		after = 0
	}
	var failed error
	c := jetstream.ConsumerConfig{
		// The group of that entry may hold others behind it.
		DeliverPolicy: jetstream.DeliverByStartSequencePolicy, OptStartSeq: max(after.sequence(), 1), HeadersOnly: !whole,
	}
	err = l.q.follow(ctx, l.stream, c, caughtUp, func(sequence uint64, m jetstream.Msg) error {
		for i, e := range ungroup(m.Headers()[header], m.Data()) {
			p := position(sequence, i)
			if p <= after {
				continue
			}
			if failed = f(p, e); failed != nil {
				return failed
			}
		}
		return nil
	})
	if failed != nil {
		return failed
	}
	return fmt.Errorf("follow %s: %w", l.name, err)
}
