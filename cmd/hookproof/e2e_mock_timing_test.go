//go:build e2e && unix

package main

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"
)

// failing answers as a receiver that is broken.
func failing(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) }

// e2eTiming: retries come 10 s and 30 s after the failure before, as the provider
// documents: to 50 ms, though thousands for another webhook wait, and for that
// one to 150 ms.
func e2eTiming(t *testing.T, bin string) {
	const crowd = 5_000
	s := e2eServes(t, bin)
	few, many := e2eSinks(t), e2eSinks(t)
	few.answers(failing)
	many.answers(failing)
	s.webhook("few", few.url, true)
	s.webhook("many", many.url, true)

	late := e2eLateness(t)
	for range 20 {
		e2eFireOnce(t, s, "few", "few", 1)
		time.Sleep(40 * time.Millisecond)
	}
	// Later than those, so that the crowd's second attempts do not start when theirs do.
	time.Sleep(time.Second)
	ctx, cancel := context.WithTimeout(t.Context(), e2ePatience)
	defer cancel()
	accepted, fired := e2eFires(ctx, s, "many", crowd)
	// All of them wait at once, and are not due all at once: that would measure how
	// many attempts a second this machine can make.
	for n := int64(0); n < crowd; n += 100 {
		accepted.reach(ctx, n, n)
		time.Sleep(150 * time.Millisecond)
	}
	if err := fired(); err != nil {
		t.Fatal(err)
	}
	waits := []time.Duration{10 * time.Second, 30 * time.Second}
	e2eRetried(t, few, waits, 50*time.Millisecond, late, "few")
	var tags []string
	for tag := range accepted.tags {
		tags = append(tags, tag)
	}
	e2eRetried(t, many, waits, 150*time.Millisecond, late, tags...)
}

// e2eTimeScale: at a hundredth of the provider's waits retries come to 20 ms.
func e2eTimeScale(t *testing.T, bin string) {
	s := e2eServes(t, bin, "--time-scale", "0.01")
	sink := e2eSinks(t)
	sink.answers(failing)
	s.webhook("hook", sink.url, true)
	late := e2eLateness(t)
	for range 20 {
		e2eFireOnce(t, s, "hook", "scaled", 1)
		time.Sleep(40 * time.Millisecond)
	}
	e2eRetried(t, sink, []time.Duration{100 * time.Millisecond, 300 * time.Millisecond}, 20*time.Millisecond, late, "scaled")
}

func e2eFireOnce(t *testing.T, s *e2eServe, webhook, tag string, n int) {
	t.Helper()
	if _, err := s.fire(t.Context(), webhook, tag, n); err != nil {
		t.Fatal(err)
	}
}

// e2eRetried waits until the events with these texts were attempted three times
// each, and demands that no attempt begins farther than bound from its wait after
// the end of the one before, by the receiver's own clock.
func e2eRetried(t *testing.T, sink *e2eSink, waits []time.Duration, bound time.Duration, late *e2eLate, tags ...string) {
	t.Helper()
	gaps := make([][]time.Duration, len(waits)) // how far off
	for _, tag := range tags {
		for id, visits := range sink.attempted(t, tag, len(waits)+1) {
			if len(visits) != len(waits)+1 {
				t.Errorf("event %s of %s was attempted %d times, want %d", id, tag, len(visits), len(waits)+1)
				continue
			}
			for i, wait := range waits {
				gaps[i] = append(gaps[i], visits[i+1].arrived.Sub(visits[i].answered)-wait)
			}
		}
	}
	for i, wait := range waits {
		if len(gaps[i]) == 0 {
			t.Fatalf("nothing was retried after %s", wait)
		}
		slices.Sort(gaps[i])
		first, most := gaps[i][0], gaps[i][len(gaps[i])-1]
		said := fmt.Sprintf("%d retries after %s: %s early at most, late by %s at p99 and %s at most",
			len(gaps[i]), wait, max(-first, 0), quantile(gaps[i], 0.99), most)
		t.Log(said)
		if first < -bound || most > bound {
			t.Errorf("%s; want at most %s; %s", said, bound, late)
		}
	}
}

// attempted waits until all events with a text have arrived n times, or for a
// minute, and returns their visits.
func (s *e2eSink) attempted(t *testing.T, tag string, n int) map[string][]visit {
	t.Helper()
	deadline := time.Now().Add(e2ePatience)
	for {
		events := s.tagged(tag)
		done := len(events) > 0
		for _, visits := range events {
			done = done && len(visits) >= n && !visits[n-1].answered.IsZero()
		}
		if done || time.Now().After(deadline) {
			return events
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// quantile is that of values in order.
func quantile(sorted []time.Duration, q float64) time.Duration {
	return sorted[min(int(q*float64(len(sorted))), len(sorted)-1)]
}

// e2eLate measures how late this machine is when it is asked to wake somebody:
// what no program on it can do better than.
type e2eLate struct {
	stop chan struct{}
	late chan []time.Duration
	said string
}

// e2eLateness begins to measure, until it is asked for or the test ends.
func e2eLateness(t *testing.T) *e2eLate {
	l := &e2eLate{stop: make(chan struct{}), late: make(chan []time.Duration, 1)}
	go func() {
		const step = 5 * time.Millisecond
		var late []time.Duration
		for {
			due := time.Now().Add(step)
			select {
			case <-time.After(step):
				late = append(late, time.Since(due))
			case <-l.stop:
				l.late <- late
				return
			}
		}
	}()
	t.Cleanup(func() { _ = l.String() })
	return l
}

// String ends the measurement and says what came of it.
func (l *e2eLate) String() string {
	if l.said == "" {
		close(l.stop)
		late := <-l.late
		slices.Sort(late)
		l.said = "no timer was set"
		if len(late) > 0 {
			l.said = fmt.Sprintf("this machine's own timers were late by %s at p99 and %s at most meanwhile: if that is near the bound, it was too busy to judge",
				quantile(late, 0.99), late[len(late)-1])
		}
	}
	return l.said
}
