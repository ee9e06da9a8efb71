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
// a request's own body can be read only once.
func (s *Sender) Send(req *http.Request, body []byte) Attempt {
	transport := s.Transport
	if transport == nil {
		t := NewTransport(TransportOptions{})
		defer t.CloseIdleConnections()
		transport = t
	}
	ctx, cancel := context.WithTimeout(req.Context(), positive(s.Timeout, DefaultTimeout))
	defer cancel()
	clock := newClock()
	a := Attempt{
		Method: req.Method, URL: req.URL.String(), Header: req.Header.Clone(), Body: body,
		Start: clock.start,
	}
	resp, err := transport.RoundTrip(req.WithContext(httptrace.WithClientTrace(ctx, clock.trace())))
	if err == nil {
		a.Status, a.Proto, a.Answer, a.WillClose = resp.StatusCode, resp.Proto, resp.Header, resp.Close
		clock.sent()
		err = s.read(resp.Body, &a)
	}
	clock.finish(&a)
	if err != nil {
		a.Err = err
		a.Failure = FailOversize
		if !errors.Is(err, errOversize) {
			a.Failure = classify(err, clock.reached(), req.Context().Err())
		}
	}
	return a
}

var errOversize = errors.New("the answer's body does not end")

func (s *Sender) read(body io.ReadCloser, a *Attempt) error {
	defer body.Close()
	keep := positive(s.MaxAnswer, DefaultMaxAnswer)
	limit := positive(s.MaxRead, DefaultMaxRead)
	text, err := io.ReadAll(io.LimitReader(body, min(int64(keep), limit)))
	a.Text, a.TextSize = text, int64(len(text))
	if err != nil {
		return err
	}
	n, err := io.Copy(io.Discard, io.LimitReader(body, limit-a.TextSize+1))
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
