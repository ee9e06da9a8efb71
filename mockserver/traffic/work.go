package traffic

import (
	"context"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"hookproof/mockserver/delivery"
)

// work is what a worker does: it sends what it is given over its line.
func (r *run) work(ctx context.Context, l line) {
	batch := make([]Attempt, 0, batchSize)
	flush := func() {
		if len(batch) > 0 {
			r.recorder.add(batch)
			batch = batch[:0]
		}
	}
	defer flush()
	next := r.nextDue
	if r.o.Arrivals.Rate == Max {
		next = r.nextOfMax
	}
	for {
		a, ok := next(ctx, l, flush)
		if !ok {
			return
		}
		if batch = append(batch, a); len(batch) == batchSize {
			flush()
		}
	}
}

// nextDue makes the attempt for the next event that is due. Before it waits, it
// flushes.
func (r *run) nextDue(_ context.Context, l line, flush func()) (Attempt, bool) {
	select {
	case j, ok := <-r.jobs:
		return r.attempt(l, j, ok)
	default:
	}
	flush()
	if p, ok := l.(*http1); ok && p.conn != nil && p.raw != nil {
		switch p.rest(r.idle) {
		case sendJob:
			return r.answered(p), true
		case stop:
			return Attempt{}, false
		case nothing:
			p.close()
		case takeJob:
		}
	}
	j, ok := <-r.jobs
	return r.attempt(l, j, ok)
}

func (r *run) attempt(l line, j job, ok bool) (Attempt, bool) {
	if !ok {
		return Attempt{}, false
	}
	return r.send(l, j), true
}

// answered ends the attempt that the scheduler has begun.
func (r *run) answered(l *http1) Attempt {
	g := &l.resting
	a := Attempt{N: g.job.event.n, Due: g.job.due, Sent: g.sent, Trigger: g.job.event.trigger, Waited: g.job.waited}
	o := l.answered(r.start.Add(g.sent + r.o.Timeout))
	r.backoff.learn(&o)
	r.end(&a, &o, g.job.event)
	return a
}

// end completes an attempt.
func (r *run) end(a *Attempt, o *outcome, e *event) {
	a.Done = r.now()
	a.Status, a.Failure, a.out, a.in, a.opened = o.status, o.failure, o.out, o.in, o.opened
	r.done.Add(1)
	r.events.done(e)
}

// nextOfMax makes the next attempt as long as the run lasts.
func (r *run) nextOfMax(ctx context.Context, l line, flush func()) (Attempt, bool) {
	if pause := r.backoff.pause(); pause > 0 {
		flush()
		if !wait(ctx, min(pause, r.o.Part.To-r.now())) {
			return Attempt{}, false
		}
	}
	if early := r.o.Part.From - r.now(); early > 0 && !wait(ctx, early) {
		return Attempt{}, false
	}
	now := r.now()
	if now >= r.o.Part.To || r.stopping.Load() {
		return Attempt{}, false
	}
	e := r.events.take()
	if e == nil {
		return Attempt{}, false
	}
	r.due.Add(1)
	return r.send(l, job{event: e, due: now}), true
}

// send makes an attempt.
func (r *run) send(l line, j job) Attempt {
	a := Attempt{N: j.event.n, Due: j.due, Trigger: j.event.trigger, Waited: j.waited}
	if j.event.turn.wait() {
		a.Waited = true
	}
	r.sent.Add(1)
	now := time.Now()
	a.Sent = now.Sub(r.start)
	if r.o.Arrivals.Rate == Max {
		a.Due = a.Sent
	}
	var o outcome
	switch {
	case r.stopping.Load():
		o.failure = delivery.FailCanceled
	case r.o.Arrivals.Rate != Max && r.backoff.pause() > 0:
		o.failure = FailSkipped
	default:
		o = l.exchange(j.event.body, now.Add(r.o.Timeout))
		r.backoff.learn(&o)
	}
	r.end(&a, &o, j.event)
	return a
}

// backoff keeps all workers from connecting while nothing answers there: from 50 ms
// after the first failure, twice as long after each next one, up to a second.
type backoff struct {
	failures atomic.Int64
	until    atomic.Int64 // Unix time in ns
}

const (
	firstPause   = 50 * time.Millisecond
	longestPause = time.Second
)

// pause returns for how long nobody is to connect.
func (b *backoff) pause() time.Duration {
	until := b.until.Load()
	if until == 0 {
		return 0
	}
	return max(0, time.Duration(until-time.Now().UnixNano()))
}

// learn takes an outcome into account.
func (b *backoff) learn(o *outcome) {
	switch o.failure {
	case delivery.FailDNS, delivery.FailRefused, delivery.FailConnect, delivery.FailTLS:
		if b.pause() > 0 {
			return // others failed at the same time
		}
		n := min(b.failures.Add(1), 10)
		pause := min(firstPause<<(n-1), longestPause)
		pause += time.Duration(rand.Int64N(int64(pause) / 4))
		b.until.Store(time.Now().Add(pause).UnixNano())
	case "":
		if b.failures.Load() != 0 {
			b.failures.Store(0)
			b.until.Store(0)
		}
	}
}
