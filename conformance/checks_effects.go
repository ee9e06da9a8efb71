package conformance

import (
	"context"
	"slices"
	"time"

	"hookproof/schemas"
)

// Times within which an observer is expected to see an effect.
const (
	effectTries = 5
	effectWait  = 100 * time.Millisecond
)

// effects asks the observer about events until it has seen one of each, or
// long enough. ok is false without an observer, or if an event has no key.
func (p *Pass) effects(ctx context.Context, bodies ...[]byte) (counts []int, ok bool, err error) {
	if p.s.opts.Observe == nil {
		return nil, false, nil
	}
	var keys []string
	for _, b := range bodies {
		key, err := schemas.Key(b)
		if err != nil || key == "" {
			return nil, false, nil
		}
		keys = append(keys, key)
	}
	for try := range effectTries {
		if try > 0 && !pause(ctx, effectWait) {
			return nil, false, ctx.Err()
		}
		seen, err := p.s.opts.Observe(ctx, keys)
		if err != nil {
			return nil, false, err
		}
		counts, ok = counts[:0], true
		for _, key := range keys {
			counts = append(counts, seen[key])
			ok = ok && seen[key] > 0
		}
		if ok {
			break
		}
	}
	return counts, true, nil
}

// wantEffects warns if copies of one event had more than one effect.
func (p *Pass) wantEffects(ctx context.Context, x *sent, body []byte) error {
	counts, ok, err := p.effects(ctx, body)
	if err != nil || !ok {
		return err
	}
	switch {
	case counts[0] > 1:
		p.fail(x, "effects", "copies of one event had %d effects", counts[0])
		if !p.Check.observed { // it is about answers, and so are its cause and fix
			p.because("the receiver does not look whether it knows the event, or looks and remembers in two steps", dedupFix)
		}
	case counts[0] == 0:
		n, err := p.swallowed(ctx)
		if err != nil {
			return err
		}
		if n > 0 && p.Check.ID == "idempotency/duplicate-effect" { // once is enough
			p.fail(x, "swallowed", "of %d different events that were accepted only the first had an effect", n)
			p.because("new events are taken for duplicates, as if the receiver compared a member that no event has (payload.id, eventId)", dedupFix)
			return nil
		}
		p.info(nil, "no-effect", "the observer saw no effect of the event at all")
	}
	return nil
}

// because gives the latest finding a cause and fix of its own.
func (p *Pass) because(cause, fix string) {
	f := &p.result.Findings[len(p.result.Findings)-1]
	f.Cause, f.Fix = cause, fix
}

// minSwallowed is how many events must have had no effect until that is no
// choice of a receiver which has a use for few of them.
const minSwallowed = 5

// swallowed tells of how many events of one trigger only the first had an
// effect, 0 if that is not so.
func (p *Pass) swallowed(ctx context.Context) (int, error) {
	var keys []string
	for _, x := range p.s.stored() {
		o, err := parseObject(x.probe.body)
		if err != nil || !x.accepted() || o.at("trigger") != "message_sent" {
			continue
		}
		if key, err := schemas.Key(x.probe.body); err == nil && !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
	}
	if len(keys) <= minSwallowed {
		return 0, nil
	}
	seen, err := p.s.opts.Observe(ctx, keys)
	if err != nil || seen[keys[0]] == 0 {
		return 0, err
	}
	for _, key := range keys[1:] {
		if seen[key] > 0 {
			return 0, nil
		}
	}
	return len(keys), nil
}

// effectCheck is a check of what an observer sees after events that look alike.
func effectCheck(name, title string, level Level, basis Basis, requirement, probeText string, doc Doc, requests int, run func(context.Context, *Pass) error) *Check {
	c := repeatCheck(name, title, level, basis, requirement, probeText+" Skipped without an observer.", doc, requests, run)
	c.observed, c.certain = true, true
	return c
}

func duplicateEffect() *Check {
	c := effectCheck("duplicate-effect", "a duplicate has no second effect", Should, BestPractice,
		"Deliveries of the same event have one effect together.",
		"The baseline three times, byte for byte, 0.1 s apart (10 s and 30 s with the real clock).",
		Doc{
			Passes:       "The observer sees one effect; more warn, none informs.",
			Alternatives: "Working twice with the same result, as an upsert does, if your observer counts it once.",

			Why: "Retries are ordinary, and what is counted, sent or charged twice is wrong.", Cause: "the receiver does not look whether it knows the event",
			Fix: dedupFix,
		}, 3,
		func(ctx context.Context, p *Pass) error {
			body, err := p.thrice(ctx)
			if err != nil || body == nil {
				return err
			}
			return p.wantEffects(ctx, p.s.last(p.Check.ID), body)
		})
	c.Cost = func(o *Options) Cost { return Cost{Requests: 3, Events: 3, Pause: o.retryGap() + o.secondRetryGap()} }
	return c
}

func reserialisedEffect() *Check {
	c := effectCheck("reserialised-effect", "the same event in other bytes has no second effect", Should, Judgement,
		"An event that comes again with its members in another order is the same event.",
		"The baseline, and the same with the members of every object in another order.",
		Doc{
			Passes: "The observer sees one effect; more warn, none informs.",

			Why: "A sender that serialises an event anew for a retry may write other bytes.", Cause: "duplicates are told by a hash of the body",
			Fix: dedupFix,
		}, 2,
		func(ctx context.Context, p *Pass) error {
			o, err := p.document()
			if err != nil {
				return err
			}
			first, err := o.encode()
			if err != nil {
				return err
			}
			second, err := o.shuffled(p.s.rng).encode()
			if err != nil {
				return err
			}
			return p.acceptAll(ctx, "an event, and again in another order", func(x *sent) error { return p.wantEffects(ctx, x, first) }, first, second)
		})
	c.Implied = append(c.Implied, "payload/key-order")
	return c
}

// acceptAll makes deliveries one after another, and judges the last if all of
// them are accepted, which other checks see to.
func (p *Pass) acceptAll(ctx context.Context, what string, judge func(*sent) error, bodies ...[]byte) error {
	var x *sent
	for _, b := range bodies {
		var err error
		switch x, err = p.send(ctx, probe{body: b}); {
		case err != nil:
			return err
		case x.answer == unclear:
			return &unclearError{what + ": " + x.why}
		case !x.accepted():
			p.info(x, "not-accepted", "%s: %s, so its effects cannot be told", what, describe(&x.attempt))
			return nil
		}
	}
	return judge(x)
}
