package main

import (
	"context"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"
)

// arrival is a request as the receiver took it.
type arrival struct {
	time   time.Time
	status int    // of the answer
	reason string // of a refusal, else ""
	header http.Header
	body   []byte

	weight  int64
	settled chan<- struct{} // closed when its turn comes; such an arrival is no request
}

// Bounds of a ledger.
const (
	// maxPending is how many bytes of events wait to be worked on.
	maxPending = 64 << 20
	// overhead is what an event takes besides its bytes, generously, so that
	// the number of waiting events is bounded too.
	overhead = 16 << 10
	// putTimeout leaves the sender, who waits for 2 seconds, its answer.
	putTimeout = time.Second
)

// ledgerOptions say what to do with what arrives; the zero value only counts.
type ledgerOptions struct {
	line    func(*eventLine) error // prints
	record  io.Writer              // a recording
	forward *forwarder             // not started yet
	warn    func(format string, args ...any)
}

// ledger does the receiver's work after the answer: judging, de-duplicating,
// recording and forwarding, in the order of arrival. What it has taken it does
// not lose: when it is full it takes no more.
type ledger struct {
	ledgerOptions
	room    *semaphore.Weighted
	refused atomic.Int64 // refusals without a line, for want of room

	gate   sync.RWMutex // guards closed and sending to queue
	closed bool
	queue  chan *arrival // never full: the room is used up before

	mu   sync.Mutex
	seen *seen
	sum  summary

	done chan struct{}
}

// newLedger starts a ledger; close ends it.
func newLedger(o ledgerOptions) *ledger {
	l := &ledger{
		ledgerOptions: o,
		room:          semaphore.NewWeighted(maxPending),
		queue:         make(chan *arrival, maxPending/overhead),
		seen:          newSeen(maxSeen),
		done:          make(chan struct{}),
	}
	if l.forward != nil {
		l.forward.start(l.room)
	}
	go l.work()
	return l
}

// put takes an event and tells whether it did.
func (l *ledger) put(ctx context.Context, a *arrival) bool {
	a.weight = overhead + int64(len(a.body)+headerSize(a.header))
	ctx, cancel := context.WithTimeout(ctx, putTimeout)
	defer cancel()
	if l.room.Acquire(ctx, a.weight) != nil {
		l.refused.Add(1)
		return false
	}
	return l.send(a)
}

// note takes a refusal, or only counts it if there is no room for its line.
func (l *ledger) note(a *arrival) {
	a.weight = overhead
	if !l.room.TryAcquire(a.weight) {
		l.refused.Add(1)
		return
	}
	l.send(a)
}

// send queues an arrival that has its room.
func (l *ledger) send(a *arrival) bool {
	l.gate.RLock()
	defer l.gate.RUnlock()
	if l.closed {
		l.room.Release(a.weight)
		l.refused.Add(1)
		return false
	}
	l.queue <- a
	return true
}

// close takes no more, waits until all is done that was taken, and returns
// what came of it. Forwarding goes on until ctx ends.
func (l *ledger) close(ctx context.Context) summary {
	l.gate.Lock()
	l.closed = true
	close(l.queue)
	l.gate.Unlock()
	<-l.done
	if l.forward != nil {
		l.forward.close(ctx)
		l.sum.forwarded, l.sum.unforwarded = l.forward.sent.Load(), l.forward.failed.Load()
	}
	l.sum.silent = l.refused.Load()
	return l.sum
}

// effects tells how many effects each key has had, once all that arrived
// before is done.
func (l *ledger) effects(ctx context.Context, keys []string) (map[string]int, error) {
	settled := make(chan struct{})
	if err := l.room.Acquire(ctx, overhead); err != nil {
		return nil, err
	}
	if l.send(&arrival{weight: overhead, settled: settled}) {
		select {
		case <-settled:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	counts := make(map[string]int, len(keys))
	for _, key := range keys {
		if l.seen.has(key) {
			counts[key] = 1
		}
	}
	return counts, nil
}

func (l *ledger) work() {
	defer close(l.done)
	for a := range l.queue {
		if a.settled != nil {
			close(a.settled)
			l.room.Release(a.weight)
			continue
		}
		line := l.enter(a)
		if l.line != nil {
			if err := l.line(line); err != nil {
				l.sum.failed++
				l.warn("a line could not be written: %v", cause(err))
			}
		}
		if l.forward != nil && line.accepted() && !line.Duplicate {
			l.forward.queue <- a
			continue
		}
		l.room.Release(a.weight)
	}
}

// enter judges an arrival and records it.
func (l *ledger) enter(a *arrival) *eventLine {
	line := judge(a)
	if line.accepted() && !slices.Contains(strings.Split(line.Key, "|"), "") {
		// An event without a whole key is never a duplicate: what it repeats
		// cannot be told, and events must not be swallowed.
		l.mu.Lock()
		line.Duplicate = !l.seen.add(line.Key)
		l.mu.Unlock()
	}
	l.sum.count(line)
	if l.record != nil && line.Refused == "" {
		if err := writeJSONLine(l.record, newRecord(a, line)); err != nil {
			l.sum.failed++
			l.warn("an event could not be recorded: %v", cause(err))
		}
	}
	return line
}

func headerSize(h http.Header) int {
	n := 0
	for name, values := range h {
		for _, v := range values {
			n += len(name) + len(v)
		}
	}
	return n
}
