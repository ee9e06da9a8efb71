package conformance

import (
	"context"
	"net/http"

	"hookproof/schemas"
)

// restCost is the cost of a check that leaves the receiver alone before the last of
// its requests, 0 if no run does so.
func restCost(requests int) func(*Options) Cost {
	return func(o *Options) Cost {
		if o.Idle <= 0 {
			return Cost{}
		}
		return Cost{Requests: requests, Events: requests, Pause: o.Idle}
	}
}

// rest makes sure that an event was accepted and that the receiver was left alone
// after it for as long as Options.Idle says; a run does so once. It returns the
// event, nil if it was not accepted.
func (p *Pass) rest(ctx context.Context) ([]byte, error) {
	if p.s.idled != nil {
		return p.s.idled, nil
	}
	body, err := p.s.plainEvent()
	if err != nil {
		return nil, err
	}
	x, err := p.wantAccepted(ctx, "a plain event before a pause", probe{kind: kindBaseline, body: body})
	if err != nil || !x.accepted() {
		return nil, err
	}
	if !pause(ctx, p.s.opts.Idle) {
		return nil, ctx.Err()
	}
	p.s.idled = body
	return body, nil
}

// afterRest judges the first event after a pause, for ack/latency-cold.
func (p *Pass) afterRest(ctx context.Context) error {
	if p.s.opts.Idle <= 0 {
		return nil
	}
	before, err := p.rest(ctx)
	if err != nil || before == nil {
		return err
	}
	x, err := p.s.sendPlain(ctx, p.Check.ID)
	if err != nil {
		return err
	}
	if x.answer == unclear {
		return &unclearError{x.why}
	}
	p.measure("after pause", float64(x.attempt.Timing.LastByte.Microseconds())/1000, "ms")
	switch {
	case !x.accepted():
		x.kind = kindProbe
		p.fail(x, "cold", "the first event after a pause of %s was not accepted: %s", p.s.opts.Idle, describe(&x.attempt))
	case x.attempt.Timing.LastByte > hardLimit:
		p.fail(x, "cold", "the first event after a pause of %s took %s to acknowledge", p.s.opts.Idle, ms(x.attempt.Timing.LastByte))
	}
	return nil
}

func longMemory() *Check {
	c := effectCheck("long-memory", "for how long duplicates are told is known", May, Judgement,
		"An event that is sent again by hand, long after its retries, is still the same event.",
		"The baseline, and the same again after as long as --idle says. Skipped without --idle.",
		Doc{
			Passes:       "Always; that the copy has an effect of its own informs.",
			Alternatives: "Forgetting keys after the 40 s in which retries come.",

			Why: "After an outage events are delivered again by hand, and a cache of keys has forgotten those of yesterday.", Cause: "idempotency keys expire, or are lost with the process that had them in memory",
			Fix: "keep the keys with the effects that they belong to, for as long as those",
		}, 2,
		func(ctx context.Context, p *Pass) error {
			if p.s.opts.Idle <= 0 {
				p.skip("no pause is configured (--idle)")
				return nil
			}
			body, err := p.rest(ctx)
			if err != nil || body == nil {
				return err
			}
			return p.acceptAll(ctx, "an event again after a pause", func(x *sent) error {
				counts, ok, err := p.effects(ctx, body)
				if ok && counts[0] > 1 {
					p.info(x, "forgotten", "after a pause of %s an event that was known had an effect again", p.s.opts.Idle)
				}
				return err
			}, body)
		})
	c.Cost = func(o *Options) Cost {
		cost := restCost(2)(o)
		if ok, _ := o.selected(latencyCold()); ok && cost.Requests > 0 {
			return Cost{Requests: 1, Events: 1} // after its pause
		}
		return cost
	}
	return c
}

func after5xx() *Check {
	c := effectCheck("after-5xx", "an event that failed after its work has no second effect", May, Judgement,
		"An event whose work was done and whose acknowledgement failed has one effect when it comes again.",
		"The baseline, which the receiver is told to fail after its work (--fail-next-cmd, Options.FailNext), and the same again. Skipped without such a hook.",
		Doc{
			Passes:       "2xx for the second and one effect; another number of effects informs.",
			Alternatives: "Undoing the work before the error, so that the retry does it.",

			Why: "What fails is retried, also what failed after the effect: between the commit and the answer anything can break.", Cause: "the key is stored after the effect, or in another transaction than it",
			Fix: dedupFix,
		}, 2,
		func(ctx context.Context, p *Pass) error {
			if p.s.opts.FailNext == nil {
				p.skip("nothing is configured that lets the receiver fail on demand (--fail-next-cmd)")
				return nil
			}
			body, err := p.s.plainEvent()
			if err != nil {
				return err
			}
			key, err := schemas.Key(body)
			if err != nil {
				return err
			}
			if key == "" {
				p.skip("the plain event of this run has no idempotency key: message_sent is not subscribed")
				return nil
			}
			if err := p.s.opts.FailNext(ctx, key); err != nil {
				return err
			}
			x, err := p.send(ctx, probe{body: body})
			switch {
			case err != nil:
				return err
			case x.attempt.Status < http.StatusInternalServerError:
				p.info(x, "not-failed", "the receiver was told to fail and did not (%s), so nothing is known of what would come after", describe(&x.attempt))
				return nil
			}
			if !pause(ctx, p.s.opts.retryGap()) {
				return ctx.Err()
			}
			if x, err = p.wantAccepted(ctx, "an event that failed after its work", probe{body: body}); err != nil || !x.accepted() {
				return err
			}
			return p.wantEffects(ctx, x, body)
		})
	c.Cost = func(o *Options) Cost {
		if o.FailNext == nil {
			return Cost{}
		}
		return Cost{Requests: 2, Events: 1, Pause: o.retryGap()}
	}
	return c
}
