package delivery

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"time"
)

// Defaults of a Sender.
const (
	// DefaultTimeout is how long the provider waits for an answer (documented: 2 seconds).
	DefaultTimeout = 2 * time.Second
	// DefaultMaxAnswer is how many bytes of an answer's body are kept.
	DefaultMaxAnswer = 64 << 10
	// DefaultMaxRead is how many bytes of an answer's body are read before it counts as endless.
	DefaultMaxRead = 8 << 20
)

// Sender makes attempts. The zero value is ready to use and safe for
// concurrent use; it follows no redirect, keeps no cookie and asks no proxy.
type Sender struct {
	Transport http.RoundTripper // nil: a transport of NewTransport for each attempt
	Timeout   time.Duration     // of a whole attempt; 0 is DefaultTimeout
	MaxAnswer int               // 0 is DefaultMaxAnswer
	MaxRead   int64             // 0 is DefaultMaxRead
}

// Send makes one attempt. body is what the request carries, for the record:
// a request's own body can be read only once. The record keeps the header and
// the body without copying them: change neither afterwards.
func (s *Sender) Send(req *http.Request, body []byte) Attempt {
	transport := s.Transport
	if transport == nil {
		t := NewTransport(TransportOptions{})
		defer t.CloseIdleConnections()
		transport = t
	}
	a := Attempt{
		Method: req.Method, URL: req.URL.String(), Header: req.Header, Body: body,
		Limit: positive(s.Timeout, DefaultTimeout),
	}
	clock, cancel := newClock(req.Context(), a.Limit)
	defer cancel(nil)
	defer clock.timer.Stop()
	resp, err := transport.RoundTrip(req.WithContext(httptrace.WithClientTrace(clock, clock.trace())))
	answered := err == nil
	if answered {
		a.Status, a.Proto, a.Answer, a.WillClose = resp.StatusCode, resp.Proto, resp.Header, resp.Close
		clock.sent()
		err = s.read(resp, &a)
	}
	clock.finish(&a)
	if err != nil {
		if errors.Is(err, context.Canceled) && clock.expired() { // a transport that looks for no cause
			err = fmt.Errorf("%w: %w", context.DeadlineExceeded, err)
		}
		a.Err = err
		a.Failure = FailOversize
		if !errors.Is(err, errOversize) {
			a.Failure = classify(err, clock.reached(), req.Context().Err())
		}
	}
	if answered {
		resp.Body.Close() // only now: a fault sends a copy then
	}
	a.Faults = clock.faults()
	return a
}

var errOversize = errors.New("the answer's body does not end")

// read takes the answer's body into a.
func (s *Sender) read(resp *http.Response, a *Attempt) error {
	limit := positive(s.MaxRead, DefaultMaxRead)
	keep := min(int64(positive(s.MaxAnswer, DefaultMaxAnswer)), limit)
	// One byte of room is left where the end is then found by the same read.
	size := min(512, keep)
	if resp.ContentLength >= 0 {
		size = min(resp.ContentLength+1, keep)
	}
	text := make([]byte, 0, size)
	for int64(len(text)) < keep {
		if len(text) == cap(text) {
			text = append(text, 0)[:len(text)]
		}
		n, err := resp.Body.Read(text[len(text):min(int64(cap(text)), keep)])
		text = text[:len(text)+n]
		a.Text, a.TextSize = text, int64(len(text))
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
	n, err := io.Copy(io.Discard, io.LimitReader(resp.Body, limit-a.TextSize+1))
	a.TextSize += n
	if err == nil && a.TextSize > limit {
		return fmt.Errorf("%w: stopped reading after %d bytes", errOversize, limit)
	}
	return err
}

func positive[T int | int64 | time.Duration](v, fallback T) T {
	if v > 0 {
		return v
	}
	return fallback
}
