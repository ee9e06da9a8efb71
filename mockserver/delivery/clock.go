package delivery

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"
)

// phase is how far an attempt has got.
type phase int

const (
	phaseNone phase = iota // the transport has not asked for a connection, or traces nothing
	phaseConnect
	phaseTLS
	phaseSent
)

// clock bounds an attempt and takes its times. It is the context of the
// attempt's request, so that a fault on the way can stop it. Its callbacks may
// still run when the attempt has been given up, hence the mutex.
type clock struct {
	context.Context // canceled with the cause context.DeadlineExceeded when the time is up
	limit           time.Duration
	timer           *time.Timer

	mu                      sync.Mutex
	start                   time.Time
	held                    time.Duration
	dnsAt, connectAt, tlsAt time.Time
	dns, connect, tls       time.Duration
	wroteAt, firstAt        time.Time
	at                      phase
	remote                  string
	reused                  bool
	hits                    []FaultKind
}

// newClock starts. The caller cancels what it is given when the attempt has ended.
func newClock(ctx context.Context, limit time.Duration) (*clock, context.CancelCauseFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	c := &clock{Context: ctx, limit: limit, start: time.Now()}
	c.timer = time.AfterFunc(limit, func() { cancel(context.DeadlineExceeded) })
	return c, cancel
}

type clockKey struct{}

// Value lets clockOf find the clock.
func (c *clock) Value(key any) any {
	if key == (clockKey{}) {
		return c
	}
	return c.Context.Value(key)
}

// clockOf returns the clock of the attempt that ctx belongs to, nil if no Sender
// makes it.
func clockOf(ctx context.Context) *clock {
	c, _ := ctx.Value(clockKey{}).(*clock)
	return c
}

// pause stops the clock: what follows is not part of the attempt until restart.
func (c *clock) pause() { c.timer.Stop() }

// restart lets the attempt begin now, with all the time that it may take.
func (c *clock) restart() {
	c.do(func(now time.Time) { c.held, c.start = c.held+now.Sub(c.start), now })
	c.timer.Reset(c.limit)
}

// hit notes that a fault has been done to the attempt, once: the copy of a
// duplicate goes through the same ones.
func (c *clock) hit(kind FaultKind) {
	c.do(func(time.Time) {
		if !slices.Contains(c.hits, kind) {
			c.hits = append(c.hits, kind)
		}
	})
}

func (c *clock) do(f func(now time.Time)) {
	now := time.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	f(now)
}

func (c *clock) faults() []FaultKind {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.hits
}

// expired tells whether the attempt has taken all the time that it may take.
func (c *clock) expired() bool { return errors.Is(context.Cause(c), context.DeadlineExceeded) }

// sent notes that an answer came, for transports that trace nothing.
func (c *clock) sent() { c.do(func(time.Time) { c.at = phaseSent }) }

func (c *clock) reached() phase {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

// finish writes the times into a; the attempt ends now.
func (c *clock) finish(a *Attempt) {
	c.do(func(now time.Time) {
		a.Start, a.Held = c.start, c.held
		a.Remote, a.Reused = c.remote, c.reused
		a.Timing = Timing{DNS: c.dns, Connect: c.connect, TLS: c.tls, Total: now.Sub(c.start)}
		// A receiver may answer before it has read the request to its end: then
		// the wait is zero, never negative.
		if wrote := c.wroteAt; !wrote.IsZero() {
			if !c.firstAt.IsZero() {
				a.Timing.FirstByte = max(c.firstAt.Sub(wrote), 0)
			}
			a.Timing.LastByte = max(now.Sub(wrote), 0)
		}
	})
}
