package conformance

import (
	"context"
	"net/http"
	"regexp"
	"slices"
	"time"

	"hookproof/fixtures"
	"hookproof/mockserver/delivery"
)

// baselineSize is how many plain events the gate of a run sends.
const baselineSize = 5

// baseline is the gate: what became of the first plain events. Several
// checks judge it, each for the one property that it is about, so that a
// receiver with one mistake gets one failure.
type baseline struct {
	sent    []*sent
	culprit string // the check that the outcome is about; "" if all were accepted
	retries int
	err     error
}

func (b *baseline) last() *sent {
	if len(b.sent) == 0 {
		return nil
	}
	return b.sent[len(b.sent)-1]
}

func (b *baseline) obstacle() *obstacle {
	reason := "the baseline was not accepted"
	if x := b.last(); x != nil && x.answer == unclear {
		reason += ": " + x.why
	} else if x != nil {
		reason += ": " + describe(&x.attempt)
	}
	return &obstacle{b.culprit, reason}
}

// baseline sends the gate's events on first use.
func (s *session) baseline(ctx context.Context) *baseline {
	if s.base != nil {
		return s.base
	}
	b := &baseline{}
	for len(b.sent) < baselineSize && b.culprit == "" {
		var x *sent
		if x, b.err = s.sendPlain(ctx, "ack/accept"); b.err != nil {
			b.culprit = "ack/accept"
			break
		}
		if x.answer == unclear && b.retries < maxRetries && s.wait(ctx, retryAfter(&x.attempt, 500*time.Millisecond)) {
			b.retries++
			continue
		}
		b.sent = append(b.sent, x)
		b.culprit = s.blame(ctx, x)
	}
	s.base = b
	return b
}

// sendPlain sends a fresh plain event as a baseline.
func (s *session) sendPlain(ctx context.Context, check string) (*sent, error) {
	body, err := s.plainEvent()
	if err != nil {
		return nil, err
	}
	return s.send(ctx, check, probe{kind: kindBaseline, body: body})
}

// plainEvent is a fresh event that any receiver should accept: a message_sent,
// or if that is not subscribed, the first trigger that is.
func (s *session) plainEvent() ([]byte, error) {
	if s.subscribed("message_sent") {
		e, err := s.world.Message(fixtures.MessageSpec{})
		return e.Body, err
	}
	if s.opts.legacy() && s.subscribed(afterMessage) {
		e, err := s.world.Do(afterMessage)
		return e.Body, err
	}
	for _, t := range s.opts.Triggers {
		if s.opts.canBeMade(t) {
			e, err := s.world.Do(t)
			return e.Body, err
		}
	}
	if s.opts.legacy() {
		e, err := s.world.Do(afterMessage)
		return e.Body, err
	}
	e, err := s.world.Message(fixtures.MessageSpec{})
	return e.Body, err
}

func (s *session) subscribed(trigger string) bool {
	return slices.Contains(s.opts.Triggers, trigger)
}

var mentionsType = regexp.MustCompile(`(?i)content.?type|media.?type|mime`)

// blame names the check that explains why a baseline was not accepted, "" if it was.
func (s *session) blame(ctx context.Context, x *sent) string {
	a := &x.attempt
	switch x.answer {
	case accepted:
		return ""
	case unclear:
		return "ack/accept"
	case redirected:
		return "tls/redirect-none"
	case incomplete:
		return "ack/complete"
	case silent:
		switch a.Failure {
		case delivery.FailDNS:
			return "tls/dns-resolves"
		case delivery.FailRefused, delivery.FailConnect:
			return "tls/connect"
		case delivery.FailTLS:
			return "tls/handshake"
		}
		return "ack/accept"
	}
	switch a.Status {
	case http.StatusMethodNotAllowed, http.StatusNotImplemented:
		return "method/post"
	case http.StatusUnsupportedMediaType:
		return "content/json"
	case http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden, http.StatusInternalServerError:
		switch {
		case s.wantsSignature(ctx, x):
			return "content/no-signature-needed"
		case a.Status == http.StatusBadRequest && mentionsType.Match(a.Text):
			return "content/json"
		case a.Status == http.StatusUnauthorized && s.opts.authenticated():
			return "auth/valid"
		}
	}
	return "ack/accept"
}

var mentionsSignature = regexp.MustCompile(`(?i)signature|hmac|x-cometchat`)

// wantsSignature finds out whether a refusal is about a signature header, which
// CometChat does not send: the answer says so, or another one comes when a
// made-up signature is present.
func (s *session) wantsSignature(ctx context.Context, x *sent) bool {
	if mentionsSignature.Match(x.attempt.Text) {
		return true
	}
	again, err := s.send(ctx, x.check, probe{body: x.probe.body, edit: func(r *http.Request) {
		r.Header.Set("X-Cometchat-Signature", "0000000000000000000000000000000000000000000000000000000000000000")
	}})
	if err != nil || !again.attempt.Answered() || again.answer == unclear {
		return false
	}
	return again.accepted() || mentionsSignature.Match(again.attempt.Text)
}

// judgeBaseline is what the checks of the gate do: fail if the baseline's
// outcome is about them, stand back if it is about another.
func (p *Pass) judgeBaseline(ctx context.Context, code, format string) error {
	b := p.s.baseline(ctx)
	p.result.Retries = b.retries
	x := b.last()
	switch {
	case b.err != nil:
		return b.err
	case b.culprit == "":
	case x.answer == unclear:
		p.inconclusive("%s", x.why)
	case b.culprit == p.Check.ID:
		p.fail(x, code, format, describe(&x.attempt))
	default:
		p.blockedBy(b.obstacle())
	}
	return nil
}
