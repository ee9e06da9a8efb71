package conformance

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"hookproof/mockserver/delivery"
)

// kind is what a delivery is for.
type kind int

const (
	kindProbe    kind = iota
	kindBaseline      // a plain valid event that belongs to a check
	kindControl       // a plain valid event before a group of negative checks
	kindRecovery      // a plain valid event after a hostile check, which owns what it shows
)

// probe is a delivery to be made: the accepted baseline but for what is set.
type probe struct {
	kind        kind
	method      string // "" is POST
	url         string // "" is the target
	body        []byte
	contentType string // "" is application/json
	auth        authorization
	edit        func(*http.Request) // the last word
	transport   http.RoundTripper   // nil is a connection of its own
	shell       string              // curl's arguments for what edit does below the headers
	together    bool                // its check has kept the pace for it and those beside it
	flood       bool                // its wrong credential is one of many that the check is about
}

// authorization is what a probe does about Basic auth. The zero value sends
// the right credentials, or nothing if none are configured.
type authorization struct {
	custom bool     // values replace the right header
	values []string // of the Authorization headers; none leaves it out
	shell  string   // curl's arguments for the same
	wrong  bool     // a failed login, as a receiver would count it
}

// noAuth leaves the header out, which is no login attempt.
var noAuth = authorization{custom: true}

// header is one Authorization header with a wrong value.
func header(value, shell string) authorization {
	return authorization{custom: true, values: []string{value}, shell: shell, wrong: true}
}

// basic is a Basic Authorization header with a wrong user or password.
func basic(user, pass, shell string) authorization {
	return header("Basic "+encode(user+":"+pass), shell)
}

// sent is a delivery that was made.
type sent struct {
	check   string
	kind    kind
	probe   probe
	attempt delivery.Attempt
	answer  answer
	why     string // of an unclear answer
	dropped bool   // acknowledged without the right credentials, as is declared: see Options.AckAndDrop
}

func (x *sent) accepted() bool { return x.answer == accepted }

// lost tells whether the receiver had closed a kept connection by the time the
// delivery was sent on it: that says nothing about the delivery.
func (x *sent) lost() bool {
	a := &x.attempt
	return a.Reused && !a.Answered() && (a.Failure == delivery.FailReset || a.Failure == delivery.FailClosed)
}

// send makes a delivery for a check and stores it.
func (s *session) send(ctx context.Context, check string, p probe) (*sent, error) {
	if p.auth.wrong && !p.flood {
		if err := s.spendWrong(ctx); err != nil {
			return nil, err
		}
	}
	if !p.together && !s.keepPace(ctx, 1) {
		return nil, ctx.Err()
	}
	req, err := s.request(ctx, check, p)
	if err != nil {
		return nil, err
	}
	transport := p.transport
	if transport == nil {
		own := s.transport()
		defer own.CloseIdleConnections()
		transport = own
	}
	sender := delivery.Sender{Transport: transport, Timeout: answerLimit}
	x := &sent{check: check, kind: p.kind, probe: p, attempt: sender.Send(req, p.body)}
	x.answer, x.why = judge(&x.attempt)
	s.mu.Lock()
	s.sent = append(s.sent, x)
	s.mu.Unlock()
	s.opts.Logger.Debug("delivery", "check", check, "outcome", s.red.Clean(describe(&x.attempt)), "time", x.attempt.Timing.LastByte)
	return x, nil
}

// keepPace waits until the next n requests may start.
func (s *session) keepPace(ctx context.Context, n int) bool {
	if s.opts.Pace <= 0 {
		return true
	}
	s.mu.Lock()
	start := time.Now()
	if s.paced.After(start) {
		start = s.paced
	}
	s.paced = start.Add(time.Duration(n) * s.opts.Pace)
	s.mu.Unlock()
	return pause(ctx, time.Until(start))
}

func (s *session) request(ctx context.Context, check string, p probe) (*http.Request, error) {
	to := delivery.Endpoint{
		URL: s.target.String(), Username: s.opts.Username, Password: s.opts.Password,
		ContentType: p.contentType,
		UserAgent:   s.userAgent(check),
	}
	if p.url != "" {
		to.URL = p.url
	}
	req, err := to.NewRequest(ctx, p.body)
	if err != nil {
		return nil, err
	}
	if p.method != "" {
		req.Method = p.method
	}
	if p.auth.custom {
		req.Header.Del("Authorization")
		if len(p.auth.values) > 0 {
			req.Header["Authorization"] = p.auth.values
		}
	}
	if p.edit != nil {
		p.edit(req)
	}
	return req, nil
}

// userAgent says to an operator who sends, and that it is deliberate.
func (s *session) userAgent(check string) string {
	return fmt.Sprintf("hookproof/%s (run=%s; check=%s)", s.opts.Version, s.run, check)
}

// spendWrong keeps requests with a wrong credential apart and within their budget.
func (s *session) spendWrong(ctx context.Context) error {
	if s.locked != "" {
		return &unclearError{"no more wrong credentials are sent: " + s.locked}
	}
	if s.wrong >= s.opts.maxWrong() {
		return &unclearError{fmt.Sprintf("the run has sent its %d requests with a wrong credential", s.opts.maxWrong())}
	}
	s.wrong++
	if !pause(ctx, s.opts.authGap(s.mode)) {
		return ctx.Err()
	}
	return nil
}

// unclearError is returned where nothing can be concluded because nothing may be sent.
type unclearError struct{ reason string }

func (e *unclearError) Error() string { return e.reason }

func isUnclear(err error) bool {
	_, ok := errors.AsType[*unclearError](err)
	return ok
}
