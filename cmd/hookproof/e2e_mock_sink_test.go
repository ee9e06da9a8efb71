//go:build e2e && unix

package main

import (
	"encoding/json"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// e2eSink is a receiver that remembers what arrives: when, and when it was
// answered, by the text of a message and its id.
type e2eSink struct {
	url    string
	answer atomic.Pointer[http.HandlerFunc] // nil is 200

	mu     sync.Mutex
	events map[string]map[string][]visit
}

// visit is one arrival of an event. Both times have the receiver's monotonic clock.
type visit struct{ arrived, answered time.Time }

// e2eSinks starts one on loopback, until the test ends.
func e2eSinks(t *testing.T) *e2eSink {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &e2eSink{url: "http://" + l.Addr().String() + "/hook", events: map[string]map[string][]visit{}}
	server := &http.Server{Handler: s}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(l)
	}()
	t.Cleanup(func() {
		server.Close()
		<-done
	})
	return s
}

// answers sets how all that arrives from now on is answered.
func (s *e2eSink) answers(h http.HandlerFunc) { s.answer.Store(&h) }

func (s *e2eSink) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	v := visit{arrived: time.Now()}
	var event struct {
		Data struct {
			Message struct {
				ID   string
				Data struct{ Text string }
			}
		}
	}
	if err := json.NewDecoder(r.Body).Decode(&event); err != nil {
		return // cut off: its sender was killed
	}
	m := event.Data.Message
	s.mu.Lock()
	if s.events[m.Data.Text] == nil {
		s.events[m.Data.Text] = map[string][]visit{}
	}
	s.events[m.Data.Text][m.ID] = append(s.events[m.Data.Text][m.ID], v)
	at := len(s.events[m.Data.Text][m.ID]) - 1
	s.mu.Unlock()
	if h := s.answer.Load(); h != nil {
		(*h)(w, r)
	}
	s.mu.Lock()
	s.events[m.Data.Text][m.ID][at].answered = time.Now() // the answer is sent when this returns
	s.mu.Unlock()
}

// tagged are the visits of the events with a text, by the messages' ids.
func (s *e2eSink) tagged(tag string) map[string][]visit {
	s.mu.Lock()
	defer s.mu.Unlock()
	events := make(map[string][]visit, len(s.events[tag]))
	for id, visits := range s.events[tag] {
		events[id] = append([]visit(nil), visits...)
	}
	return events
}

// counts are how many events have arrived, and how often more than once each.
func (s *e2eSink) counts() (events, again int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, ids := range s.events {
		for _, visits := range ids {
			events++
			again += len(visits) - 1
		}
	}
	return events, again
}

// reached waits until so many events have arrived.
func (s *e2eSink) reached(t *testing.T, n int, within time.Duration) {
	t.Helper()
	deadline := time.Now().Add(within)
	for {
		events, _ := s.counts()
		if events >= n {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d events have arrived within %s, want %d", events, within, n)
		}
		time.Sleep(5 * time.Millisecond)
	}
}
