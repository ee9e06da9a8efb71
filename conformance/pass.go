package conformance

import (
	"context"
	"fmt"
	"net/http"

	"hookproof/fixtures"
	"hookproof/mockserver/delivery"
)

// Pass is a check at work on one receiver: it sends the check's probes and
// takes down what the check finds. Checks are part of this package, and so is
// what they do with it.
type Pass struct {
	Check *Check

	s       *session
	result  Result
	blocked bool // something other than the check's own probes was in the way
}

func emptyResult(c *Check) Result {
	return Result{
		ID: c.ID, Title: c.Title, Level: c.Level, Basis: c.Basis, Impact: c.Impact,
		Requirement: c.Requirement, Source: c.Source, Outcome: Passed, Findings: []Finding{},
	}
}

// fail records that the requirement is not met, with the delivery that shows it (or
// nil). How much that weighs is the check's level: a Should or May warns.
func (p *Pass) fail(x *sent, code, format string, args ...any) {
	o := Failed
	if p.Check.Level != Must {
		o = Warned
	}
	p.find(o, x, code, format, args...)
}

// warn records something that is met but not as it should be.
func (p *Pass) warn(x *sent, code, format string, args ...any) {
	p.find(Warned, x, code, format, args...)
}

// info records something worth knowing.
func (p *Pass) info(x *sent, code, format string, args ...any) {
	p.find(Informed, x, code, format, args...)
}

func (p *Pass) find(o Outcome, x *sent, code, format string, args ...any) {
	f := Finding{Outcome: o, Code: code, Message: p.s.red.Clean(fmt.Sprintf(format, args...))}
	if o != Informed {
		f.Cause, f.Fix = p.Check.Doc.Cause, p.Check.Doc.Fix
	}
	if x != nil {
		f.Exchange, f.Curl = p.s.exchange(x), p.s.curl(x)
		if d := p.s.diagnose(p.Check, x); d != nil && o != Informed {
			f.Cause, f.Fix = p.s.red.Clean(d.cause), d.fix
		}
	}
	p.result.Findings = append(p.result.Findings, f)
}

// skip records that the check does not apply here.
func (p *Pass) skip(format string, args ...any) { p.conclude(Skipped, format, args...) }

// inconclusive records that nothing can be concluded.
func (p *Pass) inconclusive(format string, args ...any) { p.conclude(Inconclusive, format, args...) }

func (p *Pass) conclude(o Outcome, format string, args ...any) {
	p.result.Outcome, p.result.Reason = o, p.s.red.Clean(fmt.Sprintf(format, args...))
}

// measure records a figure.
func (p *Pass) measure(name string, value float64, unit string) {
	p.result.Measures = append(p.result.Measures, Measure{name, value, unit})
}

// blockedBy records that something is in the way. If the check that explains
// it fails in this run, the rest is skipped; otherwise nobody would say so, and
// the check is inconclusive.
func (p *Pass) blockedBy(o *obstacle) {
	p.blocked = true
	r, tried := p.s.results[o.culprit]
	if tried && r.Outcome == Failed || !tried && p.s.planned(o.culprit) {
		p.skip("%s (see %s)", o.reason, o.culprit)
	} else {
		p.inconclusive("%s", o.reason)
	}
}

// outcome is what the check amounts to so far: what failed is certain even if
// another part could not be concluded.
func (p *Pass) outcome() Outcome {
	worst := p.result.Outcome
	rank := map[Outcome]int{Passed: 0, Informed: 1, Warned: 2, Skipped: 3, Inconclusive: 4, Errored: 5, Failed: 6}
	for _, f := range p.result.Findings {
		if rank[f.Outcome] > rank[worst] {
			worst = f.Outcome
		}
	}
	return worst
}

func (p *Pass) finish() Result {
	r := p.result
	r.Outcome = p.outcome()
	if r.Outcome != p.result.Outcome {
		r.Reason = ""
	}
	return r
}

// send makes a delivery for the check.
func (p *Pass) send(ctx context.Context, pr probe) (*sent, error) {
	return p.s.send(ctx, p.Check.ID, pr)
}

// event returns a fresh event of a trigger.
func (p *Pass) event(trigger string) ([]byte, error) {
	e, err := p.s.world.Do(trigger)
	return e.Body, err
}

// message returns a fresh message_sent made to order.
func (p *Pass) message(m fixtures.MessageSpec) ([]byte, error) {
	e, err := p.s.world.Message(m)
	return e.Body, err
}

// document returns a fresh baseline event that can be changed.
func (p *Pass) document() (object, error) {
	body, err := p.s.plainEvent()
	if err != nil {
		return nil, err
	}
	return parseObject(body)
}

// wantAccepted makes a delivery that must be accepted. what names it in the
// finding: "a message with emoji". An unclear answer ends the check.
func (p *Pass) wantAccepted(ctx context.Context, what string, pr probe) (*sent, error) {
	x, err := p.send(ctx, pr)
	if err != nil {
		return nil, err
	}
	switch x.answer {
	case accepted:
		return x, p.confirmSlow(ctx, what, x)
	case unclear:
		return x, &unclearError{what + ": " + x.why}
	case failed, silent, incomplete:
		return x, p.confirmBroken(ctx, what, x)
	default:
		p.fail(x, "not-accepted", "%s was not accepted: %s", what, describe(&x.attempt))
		return x, nil
	}
}

// confirmBroken finds out whose fault a missing acknowledgement is: that of the
// event, if a plain one is accepted beside it and the event fails again; of an
// outage or a rate limit, if plain ones fail too; or of chance, which is a
// matter of ack/stable. A repetition never makes a pass of a failure.
func (p *Pass) confirmBroken(ctx context.Context, what string, x *sent) error {
	first, last := p.s.control(ctx, p.Check.ID, kindRecovery)
	overloaded := x.attempt.Status == http.StatusServiceUnavailable
	switch {
	case first == nil:
		return &unclearError{what + ": " + describe(&x.attempt) + ", and no control could be sent"}
	case !last.accepted() && (overloaded || last.answer == unclear || last.attempt.Status == http.StatusServiceUnavailable):
		return &unclearError{what + ": " + describe(&x.attempt) + ", and so are plain events: an overload or a rate limit (--pace spaces the requests of a run)"}
	case !last.accepted():
		p.find(Failed, x, "receiver-down", "after %s (%s) the receiver accepts no plain valid event any more: %s", what, describe(&x.attempt), describe(&last.attempt))
		p.s.dead = &obstacle{p.Check.ID, "the receiver stopped accepting events"}
		return nil
	case !first.accepted():
		p.fail(x, "not-accepted", "%s was not accepted (%s), and for a while nothing else was either: %s", what, describe(&x.attempt), describe(&first.attempt))
		return nil
	}
	again, err := p.send(ctx, x.probe)
	switch {
	case err != nil:
		return err
	case again.answer == unclear:
		return &unclearError{what + ": " + again.why}
	case again.accepted() && overloaded:
		return &unclearError{what + ": answered 503 once and accepted the second time: an overload or a rate limit (--pace spaces the requests of a run)"}
	case again.accepted():
		x.kind = kindBaseline // an event that is accepted at other times
		return &unclearError{what + ": " + describe(&x.attempt) + " once and accepted the second time (ack/stable judges that)"}
	}
	p.fail(x, "not-accepted", "%s was not accepted: %s", what, describe(&x.attempt))
	return nil
}

// confirmSlow judges an accepted event that took too long, where plain ones
// are quick. Latency is never judged on one request.
func (p *Pass) confirmSlow(ctx context.Context, what string, x *sent) error {
	if x.attempt.Timing.LastByte <= hardLimit || p.s.results["ack/latency-hard"].Outcome != Passed {
		return nil
	}
	for range 2 {
		again, err := p.send(ctx, x.probe)
		if err != nil || !again.accepted() || again.attempt.Timing.LastByte <= hardLimit {
			return err
		}
	}
	p.fail(x, "slow", "%s took %s to acknowledge, three times, while plain events are quick; CometChat gives up after 2 s", what, ms(x.attempt.Timing.LastByte))
	f := &p.result.Findings[len(p.result.Findings)-1]
	f.Cause, f.Fix = slowDiagnosis.cause, slowDiagnosis.fix
	return nil
}

// wantRefused makes a delivery that must be refused with any 4xx, or with 2xx if that is
// declared to drop it, which auth/no-effect proves. An unclear
// answer ends the check.
func (p *Pass) wantRefused(ctx context.Context, what string, pr probe) (*sent, error) {
	x, err := p.send(ctx, pr)
	if err != nil {
		return nil, err
	}
	switch x.answer {
	case accepted:
		if p.s.opts.AckAndDrop {
			// What a MAY is about may be the right credentials after all.
			x.dropped = p.Check.Level != May
			return x, nil
		}
		p.fail(x, "accepted", "%s was accepted with %s", what, status(x.attempt.Status))
	case refused:
	case redirected:
		p.warn(x, "redirected", "%s was answered with a redirect to %s: refuse it with 401 instead", what, location(x))
	case failed:
		p.fail(x, "auth-error-5xx", "%s was refused, but with %s: a server error looks like an outage and is retried", what, status(x.attempt.Status))
	case unclear:
		p.lock(x, pr)
		return x, &unclearError{what + ": " + x.why}
	default:
		return x, p.confirmClosed(ctx, what, x)
	}
	return x, nil
}

// confirmClosed takes a connection that was closed without an answer for a
// refusal if a plain event is accepted right after it, as one was before.
func (p *Pass) confirmClosed(ctx context.Context, what string, x *sent) error {
	if x.attempt.Failure != delivery.FailClosed || x.lost() {
		return &unclearError{what + ": " + describe(&x.attempt)}
	}
	_, last := p.s.control(ctx, p.Check.ID, kindRecovery)
	if last == nil || !last.accepted() {
		return &unclearError{what + ": " + describe(&x.attempt) + ", and the control after it was not accepted"}
	}
	p.info(x, "closed", "%s is refused by closing the connection; a 4xx would tell the sender why", what)
	return nil
}

// lock stops sending wrong credentials when the receiver limits them.
func (p *Pass) lock(x *sent, pr probe) {
	if pr.auth.wrong {
		p.s.locked = x.why
	}
}

func location(x *sent) string {
	if l := x.attempt.Answer.Get("Location"); l != "" {
		return l
	}
	return "nowhere"
}
