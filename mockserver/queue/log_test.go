package queue

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestAppendFromManyWriters(t *testing.T) {
	t.Parallel()
	q := testQueue(t, EmbeddedOptions{})
	l := q.Attempts()
	const writers, each = 100, 20
	var mu sync.Mutex
	at := map[Position]string{}
	var all sync.WaitGroup
	for w := range writers {
		all.Go(func() {
			var last Position
			for i := range each {
				summary := fmt.Sprintf("%d of %d", i, w)
				p, err := l.Append(t.Context(), Entry{summary, []byte(strings.Repeat(summary, i))})
				if err != nil {
					t.Errorf("Append: %v", err)
				}
				if p <= last {
					t.Errorf("position %d after %d", p, last)
				}
				last = p
				mu.Lock()
				if old, ok := at[p]; ok {
					t.Errorf("%q and %q are both at %d", old, summary, p)
				}
				at[p] = summary
				mu.Unlock()
			}
		})
	}
	all.Wait()
	sample := 0
	for p, summary := range at {
		if sample++; sample > 200 {
			break
		}
		e, err := l.Read(t.Context(), p)
		if err != nil || e.Summary != summary {
			t.Fatalf("Read(%d): %v, %v, want %q", p, e, err, summary)
		}
	}
	// Groups were used, and each entry is followed once.
	end, err := l.End(t.Context())
	if err != nil || end.sequence() >= writers*each {
		t.Errorf("End: %d messages, %v", end.sequence(), err)
	}
	var last Position
	n := 0
	enough := errors.New("enough")
	err = l.Follow(t.Context(), 0, true, func(p Position, e Entry) error {
		if p <= last || at[p] != e.Summary {
			t.Errorf("followed %q at %d after %d, want %q", e.Summary, p, last, at[p])
		}
		last = p
		if n++; n == writers*each {
			return enough
		}
		return nil
	})
	if err != enough {
		t.Errorf("Follow: %v", err)
	}
}

// appendGroup stores entries in one message.
func appendGroup(t *testing.T, l *Log, summaries ...string) []Position {
	t.Helper()
	// While this one is kept from being stored the others collect.
	l.mu.Lock()
	first := &group{done: make(chan struct{})}
	l.last, l.groups = first, l.groups+1
	l.mu.Unlock()
	positions := make([]Position, len(summaries))
	var all sync.WaitGroup
	for i, s := range summaries {
		all.Go(func() {
			var err error
			if positions[i], err = l.Append(t.Context(), Entry{s, []byte("data of " + s)}); err != nil {
				t.Errorf("Append: %v", err)
			}
		})
		eventually(t, "it has joined", func() bool {
			l.mu.Lock()
			defer l.mu.Unlock()
			return l.collecting != nil && len(l.collecting.header) == i+1
		})
	}
	l.mu.Lock()
	l.groups--
	l.mu.Unlock()
	close(first.done)
	all.Wait()
	return positions
}

func TestFollowResumesBehindAPosition(t *testing.T) {
	t.Parallel()
	q := testQueue(t, EmbeddedOptions{})
	l := q.Attempts()
	positions := append(appendGroup(t, l, "a", "b", "c"), appendGroup(t, l, "d", "e")...)
	if positions[0].sequence() != positions[2].sequence() {
		t.Fatalf("positions %v: want one message for a, b and c", positions)
	}
	for i, p := range append([]Position{0}, positions...) {
		for _, whole := range []bool{true, false} {
			var got []string
			ctx, cancel := context.WithCancel(t.Context())
			if i == len(positions) {
				cancel() // nothing is behind it
			}
			err := l.Follow(ctx, p, whole, func(_ Position, e Entry) error {
				got = append(got, e.Summary)
				want := ""
				if whole {
					want = "data of " + e.Summary
				}
				if string(e.Data) != want {
					t.Errorf("data of %s: %q, want %q", e.Summary, e.Data, want)
				}
				if e.Summary == "e" {
					cancel()
				}
				return nil
			})
			cancel()
			if !errors.Is(err, context.Canceled) {
				t.Errorf("Follow: %v", err)
			}
			if want := "abcde"[i:]; strings.Join(got, "") != want {
				t.Errorf("Follow(%d): got %v, want %s", p, got, want)
			}
		}
	}
}

func TestFollowSurvivesClear(t *testing.T) {
	t.Parallel()
	q := testQueue(t, EmbeddedOptions{})
	l := q.Attempts()
	var got seen
	p, err := l.Append(t.Context(), Entry{Summary: "old"})
	if err != nil {
		t.Fatal(err)
	}
	follow := func(after Position) func(context.Context) error {
		return func(ctx context.Context) error {
			return l.Follow(ctx, after, false, func(_ Position, e Entry) error { got.add(e.Summary); return nil })
		}
	}
	inBackground(t, follow(0))
	got.await(t, 1)
	if err := q.Clear(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Read(t.Context(), p); !errors.Is(err, ErrGone) {
		t.Errorf("Read of what was dropped: %v, want %v", err, ErrGone)
	}
	inBackground(t, follow(p))
	// A position of another log is no reason to wait until this one gets there.
	inBackground(t, follow(p+1<<40))
	if _, err := l.Append(t.Context(), Entry{Summary: "new"}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "all three see the new one", func() bool { _, all := got.count(); return all == 4 })
}

func TestAppendRefuses(t *testing.T) {
	t.Parallel()
	q := testQueue(t, EmbeddedOptions{})
	l := q.Dead()
	for name, e := range map[string]Entry{
		"two lines": {Summary: "a\nb"}, "return": {Summary: "a\rb"}, "long": {Summary: strings.Repeat("x", MaxSummary+1)},
	} {
		if _, err := l.Append(t.Context(), e); !errors.Is(err, errSummary) {
			t.Errorf("%s: %v, want %v", name, err, errSummary)
		}
	}
	if _, err := l.Append(t.Context(), Entry{Data: make([]byte, q.MaxMessage()+1)}); !errors.Is(err, ErrTooLarge) {
		t.Errorf("too large: %v, want %v", err, ErrTooLarge)
	}
	// The largest that is allowed, beside others.
	var all sync.WaitGroup
	for i := range 10 {
		e := Entry{Summary: strings.Repeat("x", MaxSummary)}
		if i == 5 {
			e.Data = make([]byte, q.MaxMessage())
		}
		all.Go(func() {
			p, err := l.Append(t.Context(), e)
			if err != nil {
				t.Errorf("Append: %v", err)
			}
			if got, err := l.Read(t.Context(), p); err != nil || got.Summary != e.Summary || len(got.Data) != len(e.Data) {
				t.Errorf("Read: %d bytes, %v, want %d", len(got.Data), err, len(e.Data))
			}
		})
	}
	all.Wait()
}

// One who does not wait for an entry must not harm those who do.
func TestAppendEndsWithItsContext(t *testing.T) {
	t.Parallel()
	q := testQueue(t, EmbeddedOptions{})
	l := q.Attempts()
	l.mu.Lock()
	first := &group{done: make(chan struct{})}
	l.last, l.groups = first, 1
	l.mu.Unlock()
	ctx, cancel := context.WithCancel(t.Context())
	left, stayed := make(chan error, 1), make(chan error, 1)
	go func() { _, err := l.Append(ctx, Entry{Summary: "leaves"}); left <- err }()
	eventually(t, "the first has joined", func() bool { l.mu.Lock(); defer l.mu.Unlock(); return l.collecting != nil })
	go func() { _, err := l.Append(t.Context(), Entry{Summary: "stays"}); stayed <- err }()
	cancel()
	if err := <-left; !errors.Is(err, context.Canceled) {
		t.Errorf("Append: %v, want that its context ended", err)
	}
	// Nor does it take more than it can keep while nothing can be stored.
	var waiting sync.WaitGroup
	short, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	for range 2 * maxGroups {
		waiting.Go(func() { _, _ = l.Append(short, Entry{Data: make([]byte, maxGroupBytes)}) })
	}
	waiting.Wait()
	l.mu.Lock()
	if l.groups != maxGroups {
		t.Errorf("%d groups wait, want %d", l.groups, maxGroups)
	}
	l.groups--
	l.mu.Unlock()
	close(first.done)
	if err := <-stayed; err != nil {
		t.Errorf("Append: %v", err)
	}
}
