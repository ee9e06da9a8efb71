package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"math"
	"sync"
	"time"

	"hookproof/fixtures"
	"hookproof/mockserver/delivery"
)

// replaying sends events when they are due, in the order of their conversations.
type replaying struct {
	s             *sending
	speed, rate   float64 // speed 0 is as it was, less than 0 as fast as events are answered
	connections   int
	conversations *fixtures.Conversations // nil: all are one
	dryRun, json  bool
	out           io.Writer

	start time.Time
	first time.Time // when the first came
	slots chan struct{}
	room  chan struct{} // for events that wait

	mu      sync.Mutex // guards what follows, and the output
	waiting map[string][]waitingEvent
	failure error // why nothing more is to be sent
	counts  replayCounts
	group   sync.WaitGroup
}

// waitingEvent is an event that is due, or waits for the one before it.
type waitingEvent struct {
	toReplay
	due time.Time
}

// replayCounts is what a replay comes to.
type replayCounts struct {
	sent, delivered, failed, unanswered int
	late                                time.Duration // the most
}

// maxWaiting bounds the events that are due and cannot be sent: beyond it nothing is
// read, and all that follows is late.
const maxWaiting = 4096

// run sends all, and says in the end how it went.
func (r *replaying) run(ctx context.Context, events iter.Seq2[toReplay, error]) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	r.slots, r.room = make(chan struct{}, r.connections), make(chan struct{}, maxWaiting)
	r.waiting = map[string][]waitingEvent{}
	r.start = time.Now()
	n := 0
	var problem error
	interrupted := false
	for e, err := range events {
		if err != nil {
			problem = err
			break
		}
		due := r.due(e, n)
		n++
		if r.dryRun {
			if problem = r.printPlan(e, due); problem != nil {
				break
			}
			continue
		}
		if !wait(ctx, time.Until(due)) || ctx.Err() != nil || r.failed() != nil {
			interrupted = true
			break
		}
		select {
		case r.room <- struct{}{}:
			r.add(ctx, waitingEvent{e, due})
		case <-ctx.Done():
			interrupted = true
		}
		if interrupted {
			break
		}
	}
	r.group.Wait()
	if err := r.failed(); err != nil {
		return err
	}
	if r.dryRun {
		return problem
	}
	c := &r.counts
	said := fmt.Sprintf("%d events sent: %d delivered, %d not delivered", c.sent, c.delivered, c.failed)
	if c.unanswered > 0 {
		said += fmt.Sprintf(", %d without an answer yet", c.unanswered)
	}
	if r.speed >= 0 && c.late > 100*time.Millisecond {
		said += fmt.Sprintf("; up to %s late, as the events before them were not answered", c.late.Round(time.Millisecond))
	}
	r.s.warn("%s", said)
	switch {
	case problem != nil:
		return problem
	case c.failed > 0:
		return &exitError{status: statusInvalid}
	case interrupted || c.unanswered > 0:
		return errors.New("interrupted")
	}
	return nil
}

// due says when the n-th event is to be sent.
func (r *replaying) due(e toReplay, n int) time.Time {
	switch {
	case r.rate > 0:
		return r.start.Add(time.Duration(float64(n) / r.rate * float64(time.Second)))
	case r.speed < 0 || e.at.IsZero():
		return r.start
	}
	if r.first.IsZero() {
		r.first = e.at
	}
	factor := r.speed
	if factor == 0 {
		factor = 1
	}
	return r.start.Add(time.Duration(float64(e.at.Sub(r.first)) / factor))
}

// add lets an event be sent when the ones before it in its conversation are answered.
func (r *replaying) add(ctx context.Context, e waitingEvent) {
	key := "all of them"
	if r.conversations != nil {
		key = r.conversations.Of(e.body)
	}
	if key == "" {
		r.group.Go(func() { r.send(ctx, e) })
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	queue, busy := r.waiting[key]
	r.waiting[key] = append(queue, e)
	if !busy {
		r.group.Go(func() { r.drain(ctx, key) })
	}
}

// drain sends the events of a conversation, one after the other.
func (r *replaying) drain(ctx context.Context, key string) {
	for {
		r.mu.Lock()
		queue := r.waiting[key]
		if len(queue) == 0 {
			delete(r.waiting, key)
			r.mu.Unlock()
			return
		}
		e := queue[0]
		r.waiting[key] = queue[1:]
		r.mu.Unlock()
		r.send(ctx, e)
	}
}

// send sends an event and prints what became of it.
func (r *replaying) send(ctx context.Context, e waitingEvent) {
	defer func() { <-r.room }()
	r.slots <- struct{}{}
	defer func() { <-r.slots }()
	if ctx.Err() != nil || r.failed() != nil {
		return
	}
	s := *r.s
	if e.contentType != "" {
		s.endpoint.ContentType = e.contentType
	}
	late := time.Since(e.due)
	last, made := s.deliver(ctx, e.body)
	l := &replayedLine{Line: e.line, Late: math.Round(late.Seconds()*1e4) / 10, sentLine: *s.line(e.trigger, e.body, last, made)}
	r.mu.Lock()
	defer r.mu.Unlock()
	c := &r.counts
	c.sent++
	c.late = max(c.late, late)
	switch {
	case errors.Is(last.Err, errInClear):
		r.failure = usagef("URL: %w", errInClear)
		return
	case last.Delivered():
		c.delivered++
	case last.Failure == delivery.FailCanceled:
		c.unanswered++
	default:
		c.failed++
	}
	if err := r.print(l); err != nil && r.failure == nil {
		r.failure = err
	}
}

func (r *replaying) failed() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.failure
}

// replayedLine is what there is to say about an event that was sent again.
type replayedLine struct {
	Line int     `json:"line"` // of the recording
	Late float64 `json:"late"` // ms after it was due
	sentLine
}

func (r *replaying) print(l *replayedLine) error {
	if r.json {
		return writeJSONLine(r.out, l)
	}
	text := l.text()
	if l.Late >= 1 && r.speed >= 0 {
		text += fmt.Sprintf("  (%.0f ms late)", l.Late)
	}
	_, err := io.WriteString(r.out, text+"\n")
	return err
}

// printPlan says when an event would be sent.
func (r *replaying) printPlan(e toReplay, due time.Time) error {
	after := due.Sub(r.start).Seconds()
	if r.json {
		return writeJSONLine(r.out, struct {
			Line    int     `json:"line"`
			After   float64 `json:"after"` // seconds after the start
			Trigger string  `json:"trigger"`
			Bytes   int     `json:"bytes"`
		}{e.line, math.Round(after*1e6) / 1e6, e.trigger, len(e.body)})
	}
	_, err := fmt.Fprintf(r.out, "%12.3f s  %-40s %7d bytes\n", after, abridged(e.trigger), len(e.body))
	return err
}
