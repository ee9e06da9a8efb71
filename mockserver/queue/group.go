package queue

import (
	"context"
	"fmt"
	"iter"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// group is entries of a log that are stored in one message. While one group is
// being stored the next collects, so that under load a message carries many
// entries, and without load an entry waits for nothing.
type group struct {
	number uint64
	before *group // must be stored before, nil if nothing must
	header []string
	data   *[]byte

	done     chan struct{} // closed when it is stored, or is not
	sequence uint64
	err      error
}

const (
	groupBits = 7
	maxGroup  = 1 << groupBits // entries
	// maxGroupBytes closes a group for more than one entry.
	maxGroupBytes = 256 << 10
	// maxGroups bounds the groups of a log that are not stored yet.
	maxGroups = 128
	// MaxSummary bounds an entry's summary in bytes: a message's headers have 64 KiB.
	MaxSummary = 480
)

var errSummary = fmt.Errorf("want a summary of one line and at most %d bytes", MaxSummary)

// Append stores an entry and returns its position. On an error, a late one in
// particular, it may be stored nevertheless.
func (l *Log) Append(ctx context.Context, e Entry) (Position, error) {
	positions, err := l.AppendAll(ctx, []Entry{e})
	if err != nil {
		return 0, err
	}
	return positions[0], nil
}

// AppendAll stores entries, in order and in as few messages as they fit into, and
// returns their positions. On an error any of them may be stored nevertheless.
func (l *Log) AppendAll(ctx context.Context, entries []Entry) ([]Position, error) {
	for i := range entries {
		if err := l.check(&entries[i]); err != nil {
			return nil, err
		}
	}
	groups := make([]*group, len(entries))
	positions := make([]Position, len(entries))
	for i := range entries {
		for {
			g, index, joined := l.join(entries[i])
			if joined {
				groups[i], positions[i] = g, Position(index)
				break
			}
			if err := g.wait(ctx); err != nil && ctx.Err() != nil {
				return nil, err
			}
		}
	}
	for i, g := range groups {
		if err := g.wait(ctx); err != nil {
			return nil, err
		}
		positions[i] = position(g.sequence, int(positions[i]))
	}
	return positions, nil
}

func (l *Log) check(e *Entry) error {
	if len(e.Summary) > MaxSummary || strings.ContainsAny(e.Summary, "\r\n") {
		return errSummary
	}
	if len(e.Data) > l.q.MaxMessage() {
		return ErrTooLarge
	}
	return nil
}

// wait returns when the group is stored, or is not, or ctx ends.
func (g *group) wait(ctx context.Context) error {
	select {
	case <-g.done:
		return g.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// groupData are the bytes of groups that were stored: to let each grow anew
// would be a fifth of all that a delivery allocates.
var groupData = sync.Pool{New: func() any { return new([]byte) }}

// join adds an entry to the group that collects, or to a new one. If too many
// groups are not stored yet it returns the last of them, to wait for.
func (l *Log) join(e Entry) (g *group, index int, joined bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	g = l.collecting
	if g == nil || len(g.header) == maxGroup || len(*g.data)+len(e.Data) > min(maxGroupBytes, l.q.MaxMessage()) {
		if l.groups == maxGroups {
			return l.last, 0, false
		}
		l.groups++
		l.made++
		g = &group{number: l.made, before: l.last, data: groupData.Get().(*[]byte), done: make(chan struct{})}
		l.collecting, l.last = g, g
		// Not in the caller's time: others rely on it, whatever becomes of the caller.
		go l.store(g)
	}
	g.header = append(g.header, strconv.Itoa(len(e.Data))+" "+e.Summary)
	*g.data = append(*g.data, e.Data...)
	return g, len(g.header) - 1, true
}

// store waits for its turn, closes the group and stores it.
func (l *Log) store(g *group) {
	if g.before != nil {
		<-g.before.done
		g.before = nil
	}
	l.mu.Lock()
	if l.collecting == g {
		l.collecting = nil
	}
	l.mu.Unlock()
	m := &nats.Msg{Subject: l.subject, Data: *g.data, Header: nats.Header{
		header: g.header,
		// Stored once, even if it is sent again because its acknowledgement was lost.
		jetstream.MsgIDHeader: {l.q.inbox + strconv.FormatUint(g.number, 36)},
	}}
	ctx := context.Background()
	for try := 1; ; try++ {
		if g.sequence, g.err = l.q.publish(ctx, m); g.err == nil || try == tries || !retryable(ctx, g.err) {
			break
		}
		time.Sleep(pause)
	}
	// The connection has a copy.
	*g.data = (*g.data)[:0]
	groupData.Put(g.data)
	g.data = nil
	l.mu.Lock()
	l.groups--
	if l.last == g {
		l.last = nil
	}
	l.mu.Unlock()
	close(g.done)
}

// ungroup yields the entries of a message, without Data if the message came
// without.
func ungroup(header []string, data []byte) iter.Seq2[int, Entry] {
	return func(yield func(int, Entry) bool) {
		for i, line := range header {
			length, summary, _ := strings.Cut(line, " ")
			e := Entry{Summary: summary}
			if n, err := strconv.Atoi(length); err == nil && n >= 0 && n <= len(data) {
				e.Data, data = data[:n:n], data[n:]
			}
			if !yield(i, e) {
				return
			}
		}
	}
}
