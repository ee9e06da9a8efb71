package mockserver

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"hookproof/mockserver/queue"
)

// story is what the log tells of one delivery, and the acceptances that are
// expected on the way, by the number of notes that the log held then.
func story(rng *rand.Rand, id string) (notes []note, expected map[int]note) {
	at := time.Date(2026, 1, 15, 9, 0, 0, 0, time.UTC)
	base := note{id: id, app: "app", webhook: "hook", trigger: "message_sent", accepted: at}
	expected = map[int]note{}
	for range 1 + rng.IntN(3) { // the first time, and begun anew
		accepted := base
		accepted.kind, accepted.state, accepted.at = noteAccepted, Queued, base.accepted
		round := []note{accepted}
		for attempt := 1; ; attempt++ {
			at = at.Add(time.Second)
			n := base
			n.kind, n.attempt, n.at, n.last, n.ms = noteAttempt, attempt, at, "500", 1.5
			switch {
			case rng.IntN(2) == 0:
				n.state, n.last = Delivered, "200"
			case attempt == 3:
				n.state, n.dead = Dead, queue.Position(attempt)
			default:
				n.state, n.next = Retrying, at.Add(10*time.Second)
			}
			round = append(round, n)
			if n.state != Retrying {
				break
			}
		}
		// An attempt may be faster in the log than its acceptance.
		if rng.IntN(2) == 0 {
			round[0], round[1] = round[1], round[0]
		}
		// A node expects what it has accepted, while it may not have read all that
		// the log holds of it.
		expected[len(notes)+rng.IntN(len(round)+1)] = accepted
		notes = append(notes, round...)
		at = at.Add(time.Minute)
		base.accepted = at
	}
	return notes, expected
}

func TestHistoryEndsAsTheLogSays(t *testing.T) {
	for seed := range uint64(2000) {
		rng := rand.New(rand.NewPCG(seed, 1))
		notes, expected := story(rng, "a")
		plain, eager := newHistory(), newHistory()
		for i, n := range notes {
			if e, ok := expected[i]; ok {
				eager.expect(e)
			}
			p := queue.Position(100 + i)
			plain.learn(p, n)
			eager.learn(p, n)
			eager.learn(p, n) // and once more
		}
		want, _ := plain.get("a")
		got, _ := eager.get("a")
		// The log may tell of an attempt before the acceptance that it belongs to,
		// and end with that.
		last := notes[len(notes)-1]
		if last.kind == noteAccepted {
			last = notes[len(notes)-2]
		}
		if got.State != last.state || got.Last != last.last || !got.Accepted.Equal(last.accepted) {
			t.Fatalf("seed %d: %+v after %+v", seed, got.Delivery, last)
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("seed %d: with expectations %+v, without %+v", seed, got, want)
		}
		if n := eager.count(got.State); n != 1 {
			t.Fatalf("seed %d: %d deliveries are %s, want 1", seed, n, got.State)
		}
	}
}

func TestHistoryIsBounded(t *testing.T) {
	h := newHistory()
	at := time.Date(2026, 1, 15, 9, 0, 0, 0, time.UTC)
	learn := func(i int, s State) {
		h.learn(queue.Position(i+1), note{kind: noteAttempt, id: fmt.Sprint(i), app: "app", webhook: "hook", state: s, accepted: at, at: at})
	}
	learn(0, Dead)
	for i := 1; i < maxHistory+50; i++ {
		learn(i, Delivered)
	}
	if got := len(h.byID); got != maxHistory {
		t.Errorf("%d deliveries are remembered, want %d", got, maxHistory)
	}
	if _, ok := h.get("0"); !ok {
		t.Error("a dead delivery is forgotten before those that are delivered")
	}
	if _, ok := h.get("1"); ok {
		t.Error("the oldest delivered one is remembered")
	}
	seen := 0
	for after := ""; ; {
		page, more := h.page(&Filter{}, 999, after)
		seen += len(page)
		if !more {
			break
		}
		after = page[len(page)-1].ID
	}
	if seen != maxHistory || h.count(Delivered) != maxHistory-1 || h.count(Dead) != 1 {
		t.Errorf("pages hold %d, counted are %d delivered and %d dead", seen, h.count(Delivered), h.count(Dead))
	}
}

func FuzzNote(f *testing.F) {
	f.Add("", "", int64(0), 0, uint64(0))
	f.Add("message_sent", "200", time.Now().UnixNano(), 3, uint64(7))
	f.Add("a b\nc%ü", "timeout", int64(-1), -1, uint64(1)<<63)
	f.Fuzz(func(t *testing.T, trigger, last string, nanos int64, attempt int, dead uint64) {
		if len(trigger) > maxTrigger || strings.ContainsAny(last, " \r\n") {
			return
		}
		n := note{
			kind: noteAttempt, id: "id", app: "app", webhook: "hook", trigger: trigger, state: Dead, last: last, worker: "w",
			attempt: attempt, ms: 1.25, dead: queue.Position(dead),
		}
		if nanos != 0 {
			n.at = time.Unix(0, nanos).UTC()
		}
		line := n.encode()
		if strings.ContainsAny(line, "\r\n") {
			t.Fatalf("%q is more than a line", line)
		}
		got, err := decodeNote(line)
		if err != nil || got != n {
			t.Fatalf("%q: got %+v, %v, want %+v", line, got, err, n)
		}
	})
}

func FuzzDecodeNote(f *testing.F) {
	f.Add((&note{kind: noteReset}).encode())
	f.Add("t a b c d e f g 1 2 3 4 5 6")
	f.Fuzz(func(t *testing.T, line string) {
		if n, err := decodeNote(line); err == nil && len(n.id) > len(line) {
			t.Fatalf("%q: an id out of nothing", line)
		}
	})
}

// A note that the log refuses would leave its job to be done again and again.
func TestLongestNoteFitsTheLog(t *testing.T) {
	at := time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC)
	n := note{
		kind: noteAttempt, id: newID(), app: strings.Repeat("a", 64), webhook: strings.Repeat("w", 50),
		trigger: strings.Repeat("\x00", maxTrigger), state: Discarded, last: "oversize", worker: strings.Repeat("n", maxWorkerName),
		attempt: 3, ms: 1e7, accepted: at, at: at, next: at, dead: ^queue.Position(0),
	}
	if got := len(n.encode()); got > queue.MaxSummary {
		t.Errorf("a note of %d bytes, want at most %d", got, queue.MaxSummary)
	}
}
