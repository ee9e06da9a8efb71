package traffic

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// grace is how long answers may still take when a run is interrupted.
const grace = 500 * time.Millisecond

// settle is for how long a run lets its workers come to rest before the first event is
// due: those that begin as it is sent make it late.
const settle = 20 * time.Millisecond

// run is a run under way.
type run struct {
	o        *Options
	start    time.Time
	events   *prefetch
	recorder *recorder
	lines    []line
	backoff  backoff
	jobs     chan job // not for Max, as idle
	idle     *idle

	due, sent, done atomic.Int64
	stopping        atomic.Bool // no further exchange may begin
}

// job is an event that is due.
type job struct {
	event  *event
	due    time.Duration
	waited bool
}

// Run sends events as they are due until the end of the schedule, or until ctx
// ends: then what is under way has half a second left. The result is that of what
// was sent in any case; an error is about the options alone.
func Run(ctx context.Context, o Options) (*Result, error) {
	r, unsent, err := makeRun(ctx, &o)
	if err != nil {
		return nil, err
	}
	return r.result(unsent, ctx.Err() != nil), nil
}

// makeRun makes a run, and returns how many events were not sent.
func makeRun(ctx context.Context, o *Options) (*run, int64, error) {
	if err := o.check(); err != nil {
		return nil, 0, err
	}
	lines := o.Lines
	if lines == nil {
		lines = &Lines{}
		defer lines.Close()
	}
	to, err := lines.endpoint(o)
	if err != nil {
		return nil, 0, err
	}
	r := &run{o: o, events: newPrefetch(o.Conversation), recorder: newRecorder(o), jobs: make(chan job), idle: newIdle()}
	r.lines = lines.take(to, o)
	making, stopMaking := context.WithCancel(context.Background())
	var background sync.WaitGroup
	background.Go(func() { r.events.run(making, o.Source) })
	<-r.events.ready // the first event is made before it is due
	r.start = time.Now().Add(settle)
	if !o.Start.IsZero() {
		r.start = r.start.Add(o.Start.Round(0).Sub(r.start.Round(0))) // by a clock that nobody sets
	}
	background.Go(func() { r.report(making) })

	var workers sync.WaitGroup
	ended := make(chan struct{})
	for _, l := range r.lines {
		workers.Go(func() { r.work(ctx, l) })
	}
	go func() {
		select {
		case <-ctx.Done():
		case <-ended:
			return
		}
		r.stopping.Store(true)
		select {
		case <-time.After(grace):
			r.abort()
		case <-ended:
		}
	}()
	var unsent int64
	if o.Arrivals.Rate != Max {
		unsent = r.schedule(ctx)
	}
	workers.Wait()
	close(ended)
	stopMaking()
	background.Wait()
	lines.put(r.lines)
	return r, unsent, nil
}

func (r *run) abort() {
	for _, l := range r.lines {
		l.abort()
	}
}

// now is the time of the run.
func (r *run) now() time.Duration { return time.Since(r.start) }

// schedule hands each event to a worker when it is due, or as soon afterwards as
// one is free, and returns how many never were. What waits is not stored: it is
// the rest of the schedule.
func (r *run) schedule(ctx context.Context) (unsent int64) {
	defer r.idle.end()
	defer close(r.jobs)
	p := newPacer()
	defer p.stop()
	end := r.o.Part.To + r.o.Drain
	waited := false // since the schedule was last kept
	over := false
	for due := range r.o.Arrivals.Part(*r.o.Part) {
		if over {
			if ctx.Err() != nil && due > r.now() {
				break // it was not due before the interruption
			}
			unsent++
			continue
		}
		e := r.events.take()
		if e == nil {
			break // the source has ended, and with it the run
		}
		if waited && due > r.now() {
			waited = false
		}
		if !p.until(ctx, r.start.Add(due)) {
			over = true
			if due <= r.now() {
				unsent++
			}
			r.events.drop(e)
			continue
		}
		r.due.Add(1)
		r.idle.contended = false
		first := e == &e.of.events[0] // the maker of the next slab may have been woken
		handed, direct := r.hand(ctx, job{event: e, due: due, waited: waited}, end, &waited)
		p.alone = direct && !first && !r.idle.contended
		if !handed {
			over = true
			r.events.drop(e)
			unsent++
		}
	}
	return unsent
}

// hand gives a job to whoever is free, as soon as anybody is, and tells whether that
// was before the end, and whether it sent the job itself at once. It sets waited if
// nobody was free.
func (r *run) hand(ctx context.Context, j job, end time.Duration, waited *bool) (handed, atOnce bool) {
	// What has to wait for its turn, or is not to be sent, is a worker's.
	direct := len(j.event.body) <= largestDirect && j.event.turn.free() && r.backoff.pause() == 0
	give := func(wait bool) bool {
		given := direct && r.idle.give(j, r.start, r.o.Timeout, wait)
		if given {
			r.sent.Add(1)
		}
		return given
	}
	if give(false) {
		return true, true
	}
	if direct || !r.idle.call() {
		select {
		case r.jobs <- j:
			return true, false
		default:
		}
		// Nobody is waiting for a job: a worker may be about to, or all are busy.
		j.waited, *waited = true, true
		if give(true) {
			return true, false
		}
	}
	left := time.NewTimer(max(0, end-r.now()))
	defer left.Stop()
	for {
		select {
		case r.jobs <- j:
			return true, false
		case <-r.idle.offered:
			if give(true) {
				return true, false
			}
			if !direct {
				r.idle.call()
			}
		case <-ctx.Done():
			return false, false
		case <-left.C:
			return false, false
		}
	}
}
