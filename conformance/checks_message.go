package conformance

import (
	"bytes"
	"context"
	"slices"
	"strings"

	"hookproof/fixtures"
)

// aboutMessages makes a check one that needs the trigger message_sent.
func aboutMessages(c *Check, triggers ...string) *Check {
	return aboutTriggers(c, append([]string{"message_sent"}, triggers...)...)
}

// aboutTriggers makes a check one that needs all of some triggers.
func aboutTriggers(c *Check, all ...string) *Check {
	run, cost := c.Run, c.Cost
	c.Run = func(ctx context.Context, p *Pass) error {
		for _, t := range all {
			if !p.s.subscribed(t) {
				p.skip("%s is not subscribed", t)
				return nil
			}
		}
		return run(ctx, p)
	}
	c.Cost = func(o *Options) Cost {
		for _, t := range all {
			if !slices.Contains(o.Triggers, t) {
				return Cost{}
			}
		}
		return cost(o)
	}
	return c
}

func actionMessage() *Check {
	return aboutMessages(payloadCheck("action-message", "an action message is accepted", Should, []Basis{Live},
		"A message_sent whose message has the category action is accepted: live edits and deletes fire them.", srcLive,
		"A message_sent with category action and no text.",
		Doc{
			Passes:       "2xx; a refusal or an error warns.",
			Alternatives: "Ignoring such messages, once they are acknowledged.",

			Why:   "One edit fires up to three extra message_sent for action messages, one delete fires one.",
			Cause: "the receiver takes every message_sent for a user's message with a text",
			Fix:   "look at data.message.category before treating a message as a user's",
		}, 1,
		func(ctx context.Context, p *Pass) error {
			return p.acceptMessage(ctx, "a message_sent of category action", fixtures.MessageSpec{Type: "action"})
		}))
}

func (p *Pass) acceptMessage(ctx context.Context, what string, m fixtures.MessageSpec) error {
	body, err := p.message(m)
	if err != nil {
		return err
	}
	_, err = p.wantAccepted(ctx, what, probe{body: body})
	return err
}

func editedBothShapes() *Check {
	c := payloadCheck("edited-both-shapes", "edits are accepted in both their shapes", Should, []Basis{Live},
		"A message_edited is accepted both as documented (an action message that holds the original) and as seen live (the original message with its new text).", srcTriggers+"; "+srcLive,
		"A message_edited in each shape, after the message that it edits.",
		Doc{
			Passes:       "2xx each; a refusal or an error warns.",
			Alternatives: "Ignoring one of the shapes, once it is acknowledged.",

			Why:   "The documentation and live deliveries differ, and either may come.",
			Cause: "the receiver reads edits in one shape only, or at data.* instead of data.message.*",
			Fix:   "take the edited message from data.message.data.entities.on.entity if data.message.category is action, else from data.message",
		}, 4,
		func(ctx context.Context, p *Pass) error {
			for _, shape := range []struct {
				live bool
				what string
			}{{false, "a message_edited as documented"}, {true, "a message_edited as seen live"}} {
				if !shape.live && slices.Contains(p.s.rejected, "message_edited") {
					continue // ack/all-triggers says so
				}
				if _, err := p.s.world.Edit(shape.live); err != nil {
					return err
				}
				told := p.s.world.Told()
				for _, e := range told[:len(told)-1] { // the message that is edited
					if _, err := p.wantAccepted(ctx, "the "+e.Trigger+" before an edit", probe{body: e.Body}); err != nil {
						return err
					}
				}
				if _, err := p.wantAccepted(ctx, shape.what, probe{body: told[len(told)-1].Body}); err != nil {
					return err
				}
			}
			return nil
		})
	return aboutMessages(c, "message_edited")
}

func messageTypes() *Check {
	c := payloadCheck("type-variants", "messages of every type are accepted", Must, []Basis{Documented},
		"Messages of type text, image, audio, video, file and custom, group actions and calls are accepted.", srcTriggers,
		"One message_sent of each type that is declared (--message-types): text, image, audio, video, file, custom, group action and call if nothing is.",
		Doc{
			Passes:       "2xx each; a refusal or an error fails.",
			Alternatives: "Ignoring types that are of no use to you, once they are acknowledged.",

			Why: "All of them arrive under the same trigger.", Cause: "the receiver expects a text, or knows only some types",
			Fix: "look at category and type before reading data, and acknowledge what you do not use",
		}, 0,
		func(ctx context.Context, p *Pass) error {
			declared := p.s.opts.MessageTypes
			for _, t := range declared {
				if err := p.acceptMessage(ctx, "a message of type "+t, fixtures.MessageSpec{Type: t}); err != nil {
					return err
				}
			}
			if p.s.opts.declaresTypes() {
				p.info(nil, "declared", "tried with the types that are declared alone: %s", strings.Join(declared, ", "))
			}
			return nil
		})
	c.Cost = func(o *Options) Cost { n := len(o.MessageTypes); return Cost{Requests: n, Events: n} }
	return aboutMessages(c)
}

func receiverKinds() *Check {
	variants := []struct {
		what string
		spec fixtures.MessageSpec
	}{
		{"a message to a group", fixtures.MessageSpec{Group: true}},
		{"a message that mentions two members", fixtures.MessageSpec{Group: true, Mentions: 2}},
		{"a message in a thread", fixtures.MessageSpec{Thread: true}},
		{"a message with tags", fixtures.MessageSpec{Tags: []string{"vip", "order-4711"}}},
		{"a message with metadata", fixtures.MessageSpec{Metadata: map[string]any{"order": 4711, "nested": map[string]any{"ok": true}}}},
	}
	return aboutMessages(payloadCheck("receiver-kinds", "messages to users and groups, with all they may carry, are accepted", Must, []Basis{Documented},
		"Messages to a user and to a group, with mentions, in a thread, with tags and with metadata are accepted.", srcTriggers,
		"The baseline to a group, with two mentions, with parentId, with tags and with metadata.",
		Doc{
			Passes:       "2xx each; a refusal or an error fails.",
			Alternatives: "Ignoring what is of no use to you, once it is acknowledged.",

			Why: "All of them arrive under the same trigger.", Cause: "the receiver expects a user where a group is, or a member in another shape",
			Fix: "look at receiverType before reading the receiver; mentions is a map keyed by uid",
		}, len(variants),
		func(ctx context.Context, p *Pass) error {
			for _, v := range variants {
				if err := p.acceptMessage(ctx, v.what, v.spec); err != nil {
					return err
				}
			}
			return nil
		}))
}

// acceptTexts sends plain messages whose texts are given byte for byte.
func (p *Pass) acceptTexts(ctx context.Context, texts []namedText) error {
	for _, t := range texts {
		body, err := p.message(fixtures.MessageSpec{Text: t.text})
		if err != nil {
			return err
		}
		if t.escaped {
			body = escapeNonASCII(body)
		}
		x, err := p.wantAccepted(ctx, "a message with "+t.name, probe{body: body})
		if err != nil {
			return err
		}
		if isHTML(&x.attempt) && strings.Contains(t.text, "<script>") && bytes.Contains(x.attempt.Text, []byte("<script>alert")) {
			p.warn(x, "reflected", "the text of a message comes back unescaped in a page of HTML")
		}
	}
	return nil
}
