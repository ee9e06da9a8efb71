package conformance

import (
	"bytes"
	"context"
	"slices"
	"time"
)

// retryGap is how long the provider waits before its first retry (documented);
// a run waits shortGap in its place unless it is asked for the real clock.
const (
	retryGap = 10 * time.Second
	shortGap = 100 * time.Millisecond
)

func (o *Options) retryGap() time.Duration {
	if o.RealClock {
		return retryGap
	}
	return shortGap
}

func duplicateAck() *Check {
	return &Check{
		ID: "idempotency/duplicate-ack", Title: "a duplicate is acknowledged", Level: Must, Basis: []Basis{BestPractice}, Impact: Events,
		Requirement: "A delivery that comes again is acknowledged like the first.", Source: srcPractice,
		Probe: "The baseline twice, byte for byte, 0.1 s apart (10 s with the real clock).",
		Doc: Doc{
			Passes:       "2xx both; a refusal of the second, 409 too, fails.",
			Alternatives: "Acknowledging without telling duplicates: the status is all that is looked at.",

			Why:   "Retries look like the first attempt. A duplicate that is answered with an error is retried again; 409 makes the provider repeat it.",
			Cause: "a unique key in the database turns the duplicate into an error, or the receiver answers 409 on purpose",
			Fix:   "acknowledge duplicates with 200 and skip their effect, by the idempotency key of the trigger (`hookproof triggers`)",
		},
		needs: needBaseline, phase: phaseProbe,
		Cost: func(o *Options) Cost { return Cost{Requests: 2, Events: 2, Pause: o.retryGap()} },
		Run: func(ctx context.Context, p *Pass) error {
			body, err := p.s.plainEvent()
			if err != nil {
				return err
			}
			first, err := p.wantAccepted(ctx, "a plain event", probe{body: body})
			if err != nil || !first.accepted() {
				return err
			}
			if !pause(ctx, p.s.opts.retryGap()) {
				return ctx.Err()
			}
			_, err = p.wantAccepted(ctx, "the same event again", probe{body: body})
			return err
		},
	}
}

// pairs are triggers whose events presuppose an earlier one.
var pairs = []string{"message_edited", "message_deleted", "message_reaction_added", "message_read_receipt", "group_member_left", "call_ended"}

func invertedOrder() *Check {
	usable := func(o *Options) []string {
		return slices.DeleteFunc(slices.Clone(pairs), func(t string) bool { return !slices.Contains(o.Triggers, t) })
	}
	return &Check{
		ID: "order/inverted", Title: "events that come in the wrong order are accepted", Level: Should, Basis: []Basis{Judgement}, Impact: Events,
		Requirement: "An event is acknowledged although the one that it presupposes comes later.", Source: srcOurs + "; parallel deliveries in any order: " + srcLive,
		Probe: "Edited, deleted, reaction and receipt before sent, left before joined, ended before started, of those that are subscribed, each with its cause after it.",
		Doc: Doc{
			Passes:       "2xx each; a refusal or an error warns.",
			Alternatives: "Keeping it until its cause comes, inserting what is missing, or dropping it, once it is acknowledged.",

			Why:   "Deliveries run in parallel and a retried one comes 10 or 40 seconds late; two retries later a refused event is lost.",
			Cause: "the receiver looks up what the event is about and fails if it is not there yet",
			Fix:   "acknowledge first; keep the event and apply it when its cause arrives, or insert what is missing",
		},
		needs: needBaseline, phase: phaseProbe,
		Cost: func(o *Options) Cost { n := 2 * len(usable(o)); return Cost{Requests: n, Events: n} },
		Run: func(ctx context.Context, p *Pass) error {
			for _, t := range p.untold(usable(&p.s.opts)) {
				story, err := p.s.world.Story(t)
				if err != nil {
					return err
				}
				effect, cause := story[len(story)-1], story[0]
				x, err := p.wantAccepted(ctx, t+" before its cause", probe{body: effect.Body})
				if err != nil {
					return err
				}
				if !x.accepted() || !p.s.subscribed(cause.Trigger) || slices.Contains(p.s.rejected, cause.Trigger) {
					continue
				}
				if _, err := p.wantAccepted(ctx, cause.Trigger+" after its "+t, probe{body: cause.Body}); err != nil {
					return err
				}
			}
			return nil
		},
	}
}

// orphans are triggers whose events are about something that may be unknown.
var orphans = []string{"message_reaction_added", "message_read_receipt", "group_updated", "call_ended"}

func orphanEvents() *Check {
	usable := func(o *Options) []string {
		return slices.DeleteFunc(slices.Clone(orphans), func(t string) bool {
			return !o.canBeMade(t) || !slices.Contains(o.Triggers, t)
		})
	}
	return &Check{
		ID: "order/orphan", Title: "events about something unknown are accepted", Level: Should, Basis: []Basis{Judgement}, Impact: Events,
		Requirement: "An event about a message, user, group or call that the receiver has never heard of is acknowledged.", Source: srcOurs,
		Probe: "A reaction and a receipt on a message, an update of a group and the end of a call that were never delivered, of those that are subscribed.",
		Doc: Doc{
			Passes:       "2xx each; a refusal, 404 too, or an error warns.",
			Alternatives: "Dropping it, once it is acknowledged.",

			Why:   "The receiver was installed later than the chat, or lost an event.",
			Cause: "the receiver answers 404 or fails when its own database does not have what the event is about",
			Fix:   "acknowledge with 200 whatever your own data says; a refused event is retried and then lost",
		},
		needs: needBaseline, phase: phaseProbe,
		Cost: func(o *Options) Cost { n := len(usable(o)); return Cost{Requests: n, Events: n} },
		Run: func(ctx context.Context, p *Pass) error {
			for _, t := range p.untold(usable(&p.s.opts)) {
				story, err := p.s.world.Story(t)
				if err != nil {
					return err
				}
				body, err := unheardOf(story[len(story)-1].Body)
				if err != nil {
					return err
				}
				if _, err := p.wantAccepted(ctx, "a "+t+" about something never delivered", probe{body: body}); err != nil {
					return err
				}
			}
			return nil
		},
	}
}

// unheardOf makes the group of an event, if it is about one, one of a guid that no
// event has had: a run's two worlds may come upon the same.
func unheardOf(body []byte) ([]byte, error) {
	o, err := parseObject(body)
	if err != nil {
		return nil, err
	}
	guid, ok := o.at("data", "group", "guid").(string)
	if !ok {
		return body, nil
	}
	return bytes.ReplaceAll(body, []byte(guid), []byte(guid+"-0")), nil
}

// untold leaves out the triggers of which ack/all-triggers says that they are
// not accepted at all, and skips the check if none is left.
func (p *Pass) untold(triggers []string) []string {
	left := slices.DeleteFunc(triggers, func(t string) bool { return slices.Contains(p.s.rejected, t) })
	switch {
	case len(left) > 0:
	case len(p.s.rejected) > 0:
		p.skip("the receiver accepts none of the triggers that it needs (see ack/all-triggers)")
	default:
		p.skip("none of the triggers that it needs is subscribed")
	}
	return left
}
