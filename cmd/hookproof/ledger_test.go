package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"hookproof/mockserver/delivery"
	"hookproof/schemas"
)

// message is an event whose key has an id.
func message(id string) []byte {
	return fmt.Appendf(nil, `{"trigger":"message_sent","data":{"message":{"id":%q}},"appId":"a","region":"us","webhook":"w"}`, id)
}

func put(t *testing.T, l *ledger, status int, body []byte) {
	t.Helper()
	if !l.put(t.Context(), &arrival{status: status, header: http.Header{}, body: body}) {
		t.Fatal("an event was not taken")
	}
}

func TestLedgerTakesNoMoreThanItHasRoomFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		block := make(chan struct{})
		l := newLedger(ledgerOptions{line: func(*eventLine) error { <-block; return nil }})
		large := bytes.Repeat([]byte(" "), schemas.MaxPayload)
		taken := 0
		for l.put(t.Context(), &arrival{status: 200, body: large}) {
			if taken++; taken > 1000 {
				t.Fatal("the ledger takes whatever comes")
			}
		}
		if most := maxPending / len(large); taken == 0 || taken > most {
			t.Errorf("took %d events of %d bytes, want 1 to %d", taken, len(large), most)
		}
		close(block)
		sum := l.close(t.Context())
		if sum.events != taken || sum.silent != 1 {
			t.Errorf("%d events accepted and %d refused, want %d and 1", sum.events, sum.silent, taken)
		}
	})
}

func TestLedgerDoesAllThatItTook(t *testing.T) {
	var recorded bytes.Buffer
	l := newLedger(ledgerOptions{record: &recorded})
	const senders, each = 8, 50
	var wg sync.WaitGroup
	for s := range senders {
		wg.Go(func() {
			for i := range each {
				put(t, l, 200, message(fmt.Sprint(s, "-", i)))
			}
		})
	}
	wg.Wait()
	sum := l.close(t.Context())
	if got := bytes.Count(recorded.Bytes(), []byte("\n")); sum.events != senders*each || got != senders*each {
		t.Errorf("%d events, %d records, want %d of each", sum.events, got, senders*each)
	}
	if l.put(t.Context(), &arrival{status: 200}) {
		t.Error("a closed ledger took an event")
	}
}

func TestLedgerKnowsDuplicates(t *testing.T) {
	var lines []*eventLine
	l := newLedger(ledgerOptions{line: func(e *eventLine) error { lines = append(lines, e); return nil }})
	put(t, l, 503, message("1")) // not accepted, so its repetition is the first
	put(t, l, 200, message("1"))
	put(t, l, 200, message("2"))
	put(t, l, 204, message("1"))
	put(t, l, 200, []byte(`{"trigger":"message_sent","data":{}}`)) // no key
	put(t, l, 200, []byte(`{"trigger":"message_sent","data":{}}`))
	put(t, l, 200, []byte(`{"trigger":"unknown","data":{}}`))
	put(t, l, 200, []byte(`{"trigger":"unknown","data":{}}`))
	key, err := schemas.Key(message("1"))
	if err != nil {
		t.Fatal(err)
	}
	effects, err := l.effects(t.Context(), []string{key, "other"})
	if err != nil {
		t.Fatal(err)
	}
	if len(effects) != 1 || effects[key] != 1 {
		t.Errorf("effects are %v, want one of %s", effects, key)
	}
	l.close(t.Context())
	var got []bool
	for _, line := range lines {
		got = append(got, line.Duplicate)
	}
	if want := []bool{false, false, false, true, false, false, false, false}; !slices.Equal(got, want) {
		t.Errorf("duplicates are %v, want %v", got, want)
	}
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errors.New("broken") }

func TestLedgerSaysWhatItCouldNotRecord(t *testing.T) {
	var warned []string
	l := newLedger(ledgerOptions{
		record: brokenWriter{},
		warn:   func(format string, args ...any) { warned = append(warned, fmt.Sprintf(format, args...)) },
	})
	put(t, l, 200, message("1"))
	sum := l.close(t.Context())
	if sum.failed != 1 || len(warned) != 1 {
		t.Errorf("%d failures, warnings %q, want 1 and 1", sum.failed, warned)
	}
}

func TestForwarderStopsWhenToldTo(t *testing.T) {
	var arrived atomic.Int64
	release := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		arrived.Add(1)
		<-release
	}))
	defer server.Close()
	defer close(release)
	var mu sync.Mutex
	warnings := 0
	f, err := newForwarder(delivery.Endpoint{URL: server.URL}, func(string, ...any) { mu.Lock(); warnings++; mu.Unlock() })
	if err != nil {
		t.Fatal(err)
	}
	l := newLedger(ledgerOptions{forward: f})
	const events = 3 * forwarders
	for i := range events {
		put(t, l, 200, message(fmt.Sprint(i)))
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	sum := l.close(ended)
	if sum.unforwarded != events || sum.forwarded != 0 || warnings != events {
		t.Errorf("%d forwarded, %d not, %d warnings, want 0, %d, %d", sum.forwarded, sum.unforwarded, warnings, events, events)
	}
	if n := arrived.Load(); n > forwarders {
		t.Errorf("%d arrived at once, want at most %d", n, forwarders)
	}
}

func TestSeenForgetsTheOldest(t *testing.T) {
	s := newSeen(2)
	for _, tt := range []struct {
		key  string
		want bool // new
	}{{"a", true}, {"b", true}, {"a", false}, {"c", true}, {"b", true}, {"c", false}, {"a", true}} {
		if got := s.add(tt.key); got != tt.want {
			t.Errorf("add(%q) = %t, want %t", tt.key, got, tt.want)
		}
	}
	if len(s.members) != 2 || s.order.Len() != 2 {
		t.Errorf("%d members and %d in order, want 2", len(s.members), s.order.Len())
	}
}
