package conformance

import (
	"context"
	"encoding/json"
	"strconv"
)

// wantBoth warns (code) if of two different events the second had no effect.
func (p *Pass) wantBoth(ctx context.Context, x *sent, code, message string, first, second []byte) error {
	counts, ok, err := p.effects(ctx, first, second)
	if err != nil || !ok || counts[0] == 0 || counts[1] > 0 {
		return err
	}
	if p.Check.Level == May {
		p.info(x, code, "%s", message)
	} else {
		p.fail(x, code, "%s", message)
	}
	return nil
}

func sameIDOtherTrigger() *Check {
	c := effectCheck("same-id-other-trigger", "the same message under another trigger is another event", Should, Live,
		"Events of different triggers about one message have an effect each.",
		"A message_sent, and a user_mentioned about the same message.",
		Doc{
			Passes:       "The observer sees an effect of each; that the second has none warns.",
			Alternatives: "Handling neither of them: then nothing can be told.",

			Why: "message_sent and user_mentioned carry the same message with the same id.", Cause: "duplicates are told by the id of the message alone",
			Fix: "make the trigger a part of the idempotency key",
		}, 2,
		func(ctx context.Context, p *Pass) error {
			second, err := p.event("user_mentioned")
			if err != nil {
				return err
			}
			o, err := parseObject(second)
			if err != nil {
				return err
			}
			first, err := o.with("message_sent", "trigger").encode()
			if err != nil {
				return err
			}
			return p.acceptAll(ctx, "a message with a mention, under both of its triggers", func(x *sent) error {
				return p.wantBoth(ctx, x, "swallowed", "a user_mentioned had no effect after a message_sent about the same message", first, second)
			}, first, second)
		})
	return aboutMessages(c, "user_mentioned")
}

func secondEdit() *Check {
	c := effectCheck("second-edit", "a second edit is another event", Should, Live,
		"Two edits of a message have an effect each.",
		"A message_edited as seen live, and another of the same message with a later updatedAt.",
		Doc{
			Passes:       "The observer sees an effect of each; that the second has none warns.",
			Alternatives: "Not handling edits: then nothing can be told.",

			Why: "Live edits carry the id of the message that they edit, so all edits of a message have one id.", Cause: "duplicates are told by trigger and id",
			Fix: "make updatedAt a part of the idempotency key of message_edited",
		}, 2,
		func(ctx context.Context, p *Pass) error {
			e, err := p.s.world.Edit(true)
			if err != nil {
				return err
			}
			o, err := parseObject(e.Body)
			if err != nil {
				return err
			}
			at, _ := o.at("data", "message", "updatedAt").(json.Number)
			n, err := at.Int64()
			if err != nil {
				return err
			}
			second, err := o.with(json.Number(strconv.FormatInt(n+1, 10)), "data", "message", "updatedAt").encode()
			if err != nil {
				return err
			}
			return p.acceptAll(ctx, "a message_edited, and another of the same message", func(x *sent) error {
				return p.wantBoth(ctx, x, "swallowed", "the second edit of a message had no effect", e.Body, second)
			}, e.Body, second)
		})
	return aboutMessages(c, "message_edited")
}

func sameIDOtherWebhook() *Check {
	return effectCheck("same-id-other-webhook", "the same event of another webhook is known to be so", May, Documented,
		"The webhook's id is a part of an event's idempotency key.",
		"The baseline, and the same with another webhook id.",
		Doc{
			Passes:       "2xx or 4xx; a refusal, and that the second has no effect, inform. 5xx and no answer warn.",
			Alternatives: "Refusing another webhook's events, and taking both for one.",

			Why: "Two webhooks that deliver to one receiver send the same event twice, which may be meant.", Cause: "duplicates are told by trigger and id",
			Fix: "make the webhook's id a part of the key if one receiver serves several webhooks",
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
			second, err := o.with("hpt-other", "webhook").encode()
			if err != nil {
				return err
			}
			for _, b := range [][]byte{first, second} {
				x, err := p.tolerated(ctx, "an event, and again from another webhook", probe{body: b})
				if err != nil {
					return err
				}
				if !x.accepted() {
					p.info(x, "refused", "an event of another webhook is refused with %s", status(x.attempt.Status))
					return nil
				}
			}
			return p.wantBoth(ctx, nil, "ignored", "an event that came from another webhook as well had no effect the second time", first, second)
		})
}

func blockUnblockBlock() *Check {
	c := effectCheck("block-unblock-block", "what becomes of a second block is known", May, Live,
		"A block that follows an unblock cannot be told from a retry of the first: no member of it has a time.",
		"A user_blocked, the user_unblocked and the user_blocked again.",
		Doc{
			Passes:       "Always; that the second block has an effect of its own informs.",
			Alternatives: "Dropping it as a duplicate, and doing it again: nothing tells them apart.",

			Why: "A receiver that drops duplicates misses the second block, one that does not does the first twice.", Cause: "the payload has no time",
			Fix: "set the state that the event names instead of counting: then a repetition does no harm",
		}, 3,
		func(ctx context.Context, p *Pass) error {
			block, err := p.event("user_blocked")
			if err != nil {
				return err
			}
			o, err := parseObject(block)
			if err != nil {
				return err
			}
			unblock, err := o.with("user_unblocked", "trigger").encode()
			if err != nil {
				return err
			}
			return p.acceptAll(ctx, "a block, an unblock and the block again", func(x *sent) error {
				counts, ok, err := p.effects(ctx, block)
				if ok && counts[0] > 1 {
					p.info(x, "twice", "a block after an unblock has an effect of its own, as a retry would have")
				}
				return err
			}, block, unblock, block)
		})
	return aboutTriggers(c, "user_blocked", "user_unblocked")
}
