package conformance

import (
	"context"
	"net/http"
	"time"
)

// controlWaits are the pauses before the tries of a control: three within 15 s.
func (s *session) controlWaits() []time.Duration {
	if s.mode == Dev {
		return []time.Duration{0, 500 * time.Millisecond, 2 * time.Second}
	}
	return []time.Duration{0, 3 * time.Second, 10 * time.Second}
}

// controlBefore makes sure that a refusal will mean something. Between wrong
// credentials a control that fails is a lock-out, which is no matter of ack/stable.
func (s *session) controlBefore(ctx context.Context, p *Pass, wrong bool) bool {
	k := kindControl
	if wrong && s.wrong > 0 {
		k = kindRecovery
	}
	first, last := s.control(ctx, p.Check.ID, k)
	switch {
	case first == nil:
		p.inconclusive("the control before it could not be sent")
		return false
	case last.accepted():
		return true
	}
	if wrong && s.wrong > 0 {
		s.locked = "the right ones are not accepted any more: " + describe(&last.attempt)
	}
	p.inconclusive("the control before it, a plain valid event, was not accepted: %s", describe(&last.attempt))
	return false
}

// alive tells whether a plain event is accepted, after a while if need be.
func (s *session) alive(ctx context.Context, check string) bool {
	_, last := s.control(ctx, check, kindRecovery)
	return last != nil && last.accepted()
}

// control returns the first and the last try; nil if none could be made.
func (s *session) control(ctx context.Context, check string, k kind) (first, last *sent) {
	for _, wait := range s.controlWaits() {
		if last != nil && last.answer == unclear {
			wait = max(wait, retryAfter(&last.attempt, 0))
		}
		if !s.wait(ctx, wait) {
			break
		}
		body, err := s.plainEvent()
		if err != nil {
			break
		}
		x, err := s.send(ctx, check, probe{kind: k, body: body})
		if err != nil {
			break
		}
		if last = x; first == nil {
			first = x
		}
		if x.accepted() {
			break
		}
	}
	return first, last
}

// controlAfter makes sure that the receiver survived a hostile check.
func (s *session) controlAfter(ctx context.Context, p *Pass) {
	first, last := s.control(ctx, p.Check.ID, kindRecovery)
	switch {
	case first == nil:
		p.inconclusive("the control after it could not be sent")
	case first.accepted():
		s.guarded = true
	case last.accepted():
		p.warn(first, "recovered", "after this probe a plain valid event was not accepted (%s); the receiver recovered later", describe(&first.attempt))
	case last.answer == unclear:
		p.inconclusive("the control after it: %s", last.why)
	case p.outcome() == Inconclusive && last.attempt.Status == http.StatusServiceUnavailable:
		p.inconclusive("the control after it was answered 503 as the probe was: an overload or a rate limit")
	default:
		p.find(Failed, last, "receiver-down", "after this probe the receiver accepts no plain valid event any more: %s", describe(&last.attempt))
		s.dead = &obstacle{p.Check.ID, "the receiver stopped accepting events"}
	}
}
