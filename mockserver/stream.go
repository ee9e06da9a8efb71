package mockserver

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"
)

const (
	// heartbeat is how many seconds of silence are broken by a comment.
	heartbeat = 15
	// streamPatience is how long a reader may take nothing.
	streamPatience = 10 * time.Second
)

// stream writes attempts as server-sent events. One goroutine uses it.
type stream struct {
	w        http.ResponseWriter
	control  *http.ResponseController
	buffer   bytes.Buffer
	patience time.Duration // how long its reader may take nothing
	rate     int           // attempts in a second at most, 0 is any number
	sent     int           // attempts in this second
	skipped  int           // attempts in this second
	silent   int           // seconds without a word
}

// follow writes what comes, until no more does, ctx ends or the reader fails,
// which alone is an error.
func (s *stream) follow(ctx context.Context, events <-chan positioned) error {
	// A server's limits for a request and its answer are not for one that stays.
	if err := s.control.SetReadDeadline(time.Time{}); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	s.w.Header().Set("Content-Type", "text/event-stream")
	s.w.Header().Set("X-Accel-Buffering", "no") // of proxies that would collect it
	s.w.Header().Set("Connection", "close")     // its deadlines are not for a next request
	s.buffer.WriteString("retry: 2000\n\n")
	if err := s.write(true); err != nil {
		return err
	}
	second := time.NewTicker(time.Second)
	defer second.Stop()
	for {
		var err error
		select {
		case <-ctx.Done():
			return nil
		case e, more := <-events:
			if !more {
				return nil
			}
			err = s.attempt(e, len(events) == 0)
		case <-second.C:
			err = s.tick()
		}
		if err != nil {
			return err
		}
	}
}

func (s *stream) attempt(e positioned, last bool) error {
	if s.rate > 0 && s.sent == s.rate {
		s.skipped++
		return nil
	}
	s.sent++
	fmt.Fprintf(&s.buffer, "id: %d\nevent: attempt\ndata: ", e.position)
	enc := json.NewEncoder(&s.buffer) // writes one line
	enc.SetEscapeHTML(false)
	if err := enc.Encode(&e.attempt); err != nil {
		return err
	}
	s.buffer.WriteByte('\n')
	return s.write(last)
}

// tick ends a second.
func (s *stream) tick() error {
	if s.skipped > 0 {
		fmt.Fprintf(&s.buffer, "event: skipped\ndata: {\"skipped\":%d}\n\n", s.skipped)
	} else if s.silent++; s.silent >= heartbeat {
		s.buffer.WriteString(": still here\n\n")
	}
	s.sent, s.skipped = 0, 0
	if s.buffer.Len() == 0 {
		return nil
	}
	return s.write(true)
}

// write sends what is in the buffer on its way, to its end if flush is set.
func (s *stream) write(flush bool) error {
	s.silent = 0
	if err := s.control.SetWriteDeadline(time.Now().Add(s.patience)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	if _, err := s.buffer.WriteTo(s.w); err != nil {
		return err
	}
	if !flush {
		return nil
	}
	if err := s.control.Flush(); err != nil {
		return fmt.Errorf("flushing: %w", err)
	}
	return nil
}
