package queue

import (
	"context"
	"errors"
	"iter"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
)

// group is entries of a log that are stored in one message. While one group is
// being stored the next collects, so that under load a message carries many
// entries, and without load an entry waits for nothing.
type group struct {
	before *group // must be stored before, nil if nothing must
	header []string
	data   []byte

	done     chan struct{} // closed when it is stored, or is not
	sequence uint64
	err      error
}

const (
	groupBits = 7
	maxGroup  = 1 << groupBits // entries
	// maxGroupBytes closes a group for more than one entry.
	maxGroupBytes = 256 << 10
	// MaxSummary bounds an entry's summary in bytes: a message's headers have 64 KiB.
	MaxSummary = 400
)

var errSummary = errors.New("want a summary of one line and at most 400 bytes")

// Append stores an entry and returns its position.
func (l *Log) Append(ctx context.Context, e Entry) (Position, error) {
	if !e.fits() {
		return 0, errSummary
	}
	g, index := l.join(e)
	if index == 0 {
		// Others rely on it, whatever becomes of this caller.
		l.store(context.WithoutCancel(ctx), g)
	}
	select {
	case <-g.done:
		return position(g.sequence, index), g.err
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

// join adds an entry to the group that collects. The first to join a group
// has to store it.
func (l *Log) join(e Entry) (g *group, index int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	g = l.collecting
	if g == nil || len(g.header) == maxGroup || len(g.data)+len(e.Data) > maxGroupBytes {
		g = &group{before: l.last, done: make(chan struct{})}
		l.collecting, l.last = g, g
	}
	g.header = append(g.header, strconv.Itoa(len(e.Data))+" "+e.Summary)
	g.data = append(g.data, e.Data...)
	return g, len(g.header) - 1
}

// store waits for its turn, closes the group and stores it.
func (l *Log) store(ctx context.Context, g *group) {
	if g.before != nil {
		<-g.before.done
		g.before = nil
	}
	l.mu.Lock()
	if l.collecting == g {
		l.collecting = nil
	}
	l.mu.Unlock()
	m := &nats.Msg{Subject: l.subject, Header: nats.Header{header: g.header}, Data: g.data}
	for try := 0; ; try++ {
		if g.sequence, g.err = l.q.publish(ctx, m); g.err == nil || try == 3 || !retryable(ctx, g.err) {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	l.mu.Lock()
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

// AppendAll stores entries together and returns their positions.
func (l *Log) AppendAll(ctx context.Context, entries []Entry) ([]Position, error) {
	type place struct {
		g     *group
		index int
	}
	places := make([]place, 0, len(entries))
	var lead []*group
	var errs []error
	for _, e := range entries {
		if !e.fits() {
			errs = append(errs, errSummary)
			continue
		}
		g, index := l.join(e)
		if index == 0 {
			lead = append(lead, g)
		}
		places = append(places, place{g, index})
	}
	for _, g := range lead {
		l.store(context.WithoutCancel(ctx), g)
	}
	positions := make([]Position, len(places))
	for i, p := range places {
		select {
		case <-p.g.done:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		positions[i] = position(p.g.sequence, p.index)
		errs = append(errs, p.g.err)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return positions, nil
}

func (e *Entry) fits() bool {
	return len(e.Summary) <= MaxSummary && !strings.ContainsAny(e.Summary, "\r\n")
}
