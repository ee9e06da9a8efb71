package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"hookproof/mockserver/delivery"
)

// sending delivers events, one after the other.
type sending struct {
	endpoint  delivery.Endpoint
	transport *http.Transport
	policy    delivery.Policy
	red       *delivery.Redactor
	print     func(*sentLine) error
	warn      func(format string, args ...any)

	delivered, failed, unanswered int
}

// newSending fails if the endpoint's URL is none.
func newSending(e delivery.Endpoint, o delivery.TransportOptions) (*sending, error) {
	req, err := e.NewRequest(context.Background(), nil)
	if err != nil {
		return nil, err
	}
	red := delivery.NewRedactor(e.Username, e.Password, nil)
	for _, values := range req.URL.Query() {
		red.Add(values...) // whatever their names: little is lost with an answer that repeats one
	}
	return &sending{endpoint: e, transport: delivery.NewTransport(o), red: red}, nil
}

func (s *sending) close() { s.transport.CloseIdleConnections() }

// all sends every event until ctx ends. What was delivered before that is said
// in any case.
func (s *sending) all(ctx context.Context, source *eventSource) error {
	for body, err := range source.bodies() {
		if err != nil { // check has found none
			return err
		}
		if ctx.Err() != nil {
			break
		}
		last, made := s.deliver(ctx, body)
		if errors.Is(last.Err, errInClear) {
			return usagef("URL: %w", errInClear)
		}
		switch {
		case last.Delivered():
			s.delivered++
		case last.Failure == delivery.FailCanceled:
			s.unanswered++
		default:
			s.failed++
		}
		if err := s.print(s.line(source.trigger, body, last, made)); err != nil {
			return err
		}
	}
	sent := s.delivered + s.failed + s.unanswered
	if source.count > 1 {
		said := fmt.Sprintf("%d of %d events sent: %d delivered, %d not delivered", sent, source.count, s.delivered, s.failed)
		if s.unanswered > 0 {
			said += fmt.Sprintf(", %d without an answer yet", s.unanswered)
		}
		s.warn("%s", said)
	}
	switch {
	case s.failed > 0:
		return &exitError{status: statusInvalid}
	case s.unanswered > 0 || sent < source.count:
		return errors.New("interrupted")
	default:
		return nil
	}
}

// deliver makes the attempts that the policy wants, and returns the last.
func (s *sending) deliver(ctx context.Context, body []byte) (last *delivery.Attempt, made int) {
	sender := &delivery.Sender{Transport: s.transport}
	for {
		pause, again := s.policy.Next(made, last)
		if !again {
			return last, made
		}
		if made > 0 {
			s.warn("attempt %d: %s; the next follows in %s", made, s.outcome(last), pause)
			if !wait(ctx, pause) {
				return last, made
			}
		}
		req, err := s.endpoint.NewRequest(ctx, body)
		if err != nil { // tried before
			return &delivery.Attempt{Failure: delivery.FailOther, Err: err}, made
		}
		attempt := sender.Send(req, body)
		last, made = &attempt, made+1
		if errors.Is(attempt.Err, errInClear) {
			return last, made
		}
	}
}
