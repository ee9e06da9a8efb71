package conformance

import (
	"context"
	"slices"
	"time"

	"hookproof/fixtures"
)

// inlineLimit is how much longer a large event may take than a small one.
const inlineLimit = 500 * time.Millisecond

func noInlineWork() *Check {
	c := aboutTriggers(&Check{
		ID: "ack/no-inline-work", Title: "what an event is about does not delay its acknowledgement", Level: Should, Basis: []Basis{BestPractice}, Impact: Events,
		Requirement: "Events are put aside and acknowledged, whatever work they cause.", Source: srcPractice,
		Probe: "An event about 1 user and up to three about 25; a message of text and up to three with a picture at an address that does not exist.",
		Doc: Doc{
			Passes:       "The quickest of the large ones takes less than 0.5 s longer than the small one; if all three do not, it warns.",
			Alternatives: "Work before the answer that does not grow with the event.",

			Why: "Work that grows with the event reaches the two seconds with the first large one.", Cause: "the receiver works before it answers: it looks up each user, or fetches what the event names",
			Fix: "put the event on a queue, answer 200 at once and work afterwards",
		},
		needs: needBaseline, phase: phaseProbe, certain: true, Implied: []string{"ack/latency-hard"},
		Cost: func(o *Options) Cost {
			if !slices.Contains(o.MessageTypes, "image") {
				return Cost{Requests: 2, Events: 2}
			}
			return Cost{Requests: 4, Events: 4}
		},
		Run: func(ctx context.Context, p *Pass) error {
			members := func(n int) func() ([]byte, error) {
				return func() ([]byte, error) {
					e, err := p.s.world.Members(usersTrigger, someUsers(p.s, n))
					return e.Body, err
				}
			}
			media := func(m fixtures.MessageSpec) func() ([]byte, error) {
				return func() ([]byte, error) { return p.message(m) }
			}
			if err := p.compareTimes(ctx, "25 users instead of 1", members(1), members(25)); err != nil {
				return err
			}
			if !slices.Contains(p.s.opts.MessageTypes, "image") {
				return nil
			}
			return p.compareTimes(ctx, "a picture that cannot be fetched", media(fixtures.MessageSpec{}),
				media(fixtures.MessageSpec{Type: "image", AttachmentURL: "https://media.hookproof.invalid/picture.png"}))
		},
	}, "message_sent", usersTrigger)
	return c
}

// compareTimes warns if a large event takes longer to acknowledge than a small
// one, three times.
func (p *Pass) compareTimes(ctx context.Context, what string, small, large func() ([]byte, error)) error {
	took := func(make func() ([]byte, error)) (*sent, error) {
		body, err := make()
		if err != nil {
			return nil, err
		}
		x, err := p.send(ctx, probe{body: body})
		if err == nil && !x.accepted() {
			return nil, &unclearError{what + ": an event was not accepted: " + describe(&x.attempt) + x.why}
		}
		return x, err
	}
	base, err := took(small)
	if err != nil {
		return err
	}
	var x *sent
	for range 3 {
		if x, err = took(large); err != nil {
			return err
		}
		if x.attempt.Timing.LastByte-base.attempt.Timing.LastByte < inlineLimit {
			return nil
		}
	}
	p.fail(x, "inline", "with %s an event takes %s to acknowledge, three times, instead of %s: it looks as if the receiver works before it answers", what, ms(x.attempt.Timing.LastByte), ms(base.attempt.Timing.LastByte))
	return nil
}
