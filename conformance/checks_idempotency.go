package conformance

import (
	"context"
	"net/http"
	"net/http/httptrace"
	"slices"
	"time"
)

// secondRetryGap is how long the provider waits before its second retry (documented).
const secondRetryGap = 30 * time.Second

func (o *Options) secondRetryGap() time.Duration {
	if o.RealClock {
		return secondRetryGap
	}
	return shortGap
}

// dedupFix is what the checks about duplicates advise.
const dedupFix = "store the idempotency key of the trigger (`hookproof triggers`) in the same transaction as the effect, with a unique index, and acknowledge what is there already"

// repeatCheck is a check that sends an event more than once.
func repeatCheck(name, title string, level Level, basis Basis, requirement, probeText string, doc Doc, requests int, run func(context.Context, *Pass) error) *Check {
	source := srcOurs
	if basis == BestPractice {
		source = srcPractice
	}
	return &Check{
		ID: "idempotency/" + name, Title: title, Level: level, Basis: []Basis{basis}, Impact: Events,
		Requirement: requirement, Source: source, Probe: probeText, Doc: doc,
		needs: needBaseline, phase: phaseProbe, Cost: sends(requests, requests, 0), Implied: []string{"idempotency/duplicate-ack"}, Run: run,
	}
}

func duplicateThird() *Check {
	c := repeatCheck("duplicate-third", "a second duplicate is acknowledged", Should, BestPractice,
		"The third delivery of an event is acknowledged like the first: there are two retries.",
		"The baseline three times, byte for byte, 0.1 s apart (10 s and 30 s with the real clock).",
		Doc{
			Passes:       "2xx each; a refusal warns.",
			Alternatives: "Acknowledging without telling duplicates.",

			Why: "CometChat retries twice, so an event comes up to three times.", Cause: "the receiver counts attempts, or a unique key turns the second duplicate into an error",
			Fix: "acknowledge duplicates with 200, however many there are",
		}, 3,
		func(ctx context.Context, p *Pass) error {
			_, err := p.thrice(ctx)
			return err
		})
	c.Cost = func(o *Options) Cost { return Cost{Requests: 3, Events: 3, Pause: o.retryGap() + o.secondRetryGap()} }
	return c
}

// thrice sends an event three times as the provider does, and returns its body
// unless one of them was not accepted.
func (p *Pass) thrice(ctx context.Context) ([]byte, error) {
	body, err := p.s.plainEvent()
	if err != nil {
		return nil, err
	}
	o := &p.s.opts
	for i, copy := range []struct {
		what string
		gap  time.Duration
	}{{"a plain event", 0}, {"the same event again", o.retryGap()}, {"the same event a third time", o.secondRetryGap()}} {
		if i > 0 && !pause(ctx, copy.gap) {
			return nil, ctx.Err()
		}
		x, err := p.wantAccepted(ctx, copy.what, probe{body: body})
		if err != nil || !x.accepted() {
			return nil, err
		}
	}
	return body, nil
}

func concurrentCopies() *Check {
	const copies = 5
	c := repeatCheck("concurrent", "copies at the same time are acknowledged", Should, Judgement,
		"Copies of an event that come at the same time are each acknowledged.",
		"The baseline five times at once, byte for byte.",
		Doc{
			Passes:       "2xx each; a refusal or an error warns. With an observer, more than one effect warns.",
			Alternatives: "Letting the copies wait for each other, if all are acknowledged in time.",

			Why: "A delivery that timed out may still be at work when its retry comes.", Cause: "the copies race for a row or a lock, and the losers fail",
			Fix: dedupFix,
		}, copies,
		func(ctx context.Context, p *Pass) error {
			body, err := p.s.plainEvent()
			if err != nil {
				return err
			}
			if !p.s.keepPace(ctx, copies) {
				return ctx.Err()
			}
			all, err := p.atOnce(ctx, slices.Repeat([]probe{{body: body, together: true}}, copies))
			if err != nil {
				return err
			}
			for _, x := range all {
				switch {
				case x.answer == unclear:
					return &unclearError{x.why}
				case p.overloaded(ctx, x):
					return errOverloaded
				case !x.accepted():
					p.fail(x, "not-accepted", "one of five copies of an event at the same time was not accepted: %s", describe(&x.attempt))
					return nil
				}
			}
			return p.wantEffects(ctx, all[0], body)
		})
	c.Implied, c.counts = append(c.Implied, "http/parallel"), true
	return c
}

// abandonAfter is how long after writing a request its sender gives up.
const abandonAfter = 50 * time.Millisecond

func afterTimeout() *Check {
	c := repeatCheck("after-timeout", "an event that was given up is accepted the next time", Should, BestPractice,
		"An event whose first delivery the sender gave up is acknowledged when it comes again.",
		"The baseline, whose sender closes the connection 50 ms after it has written it, and the same once more 0.1 s later (10 s with the real clock).",
		Doc{
			Passes:       "2xx for the second; a refusal or an error warns. With an observer, more than one effect warns.",
			Alternatives: "Finishing the first or giving it up: either way the second is acknowledged.",

			Why: "CometChat gives up after 2 seconds, while the receiver goes on with its work.", Cause: "the event is marked as begun, and the mark of the one that was given up is never taken away",
			Fix: dedupFix,
		}, 2,
		func(ctx context.Context, p *Pass) error {
			body, err := p.s.plainEvent()
			if err != nil {
				return err
			}
			if _, err := p.sendAndLeave(ctx, body); err != nil {
				return err
			}
			if !pause(ctx, p.s.opts.retryGap()) {
				return ctx.Err()
			}
			x, err := p.wantAccepted(ctx, "an event whose first delivery was given up", probe{body: body})
			if err != nil || !x.accepted() {
				return err
			}
			return p.wantEffects(ctx, x, body)
		})
	c.Cost = func(o *Options) Cost { return Cost{Requests: 2, Events: 2, Pause: o.retryGap()} }
	c.counts = true
	return c
}

// sendAndLeave makes a delivery and closes the connection soon after the
// request was written, answered or not.
func (p *Pass) sendAndLeave(ctx context.Context, body []byte) (*sent, error) {
	leaving, cancel := context.WithCancel(ctx)
	defer cancel()
	return p.send(leaving, probe{body: body, edit: func(r *http.Request) {
		*r = *r.WithContext(httptrace.WithClientTrace(r.Context(), &httptrace.ClientTrace{WroteRequest: func(httptrace.WroteRequestInfo) {
			time.AfterFunc(abandonAfter, cancel)
		}}))
	}})
}
