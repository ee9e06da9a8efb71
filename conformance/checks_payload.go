package conformance

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"

	"hookproof/fixtures"
)

// payloadCheck is a check of one property of the body of an accepted event.
func payloadCheck(name, title string, level Level, basis []Basis, requirement, source, probe string, doc Doc, requests int, run func(context.Context, *Pass) error) *Check {
	return &Check{
		ID: "payload/" + name, Title: title, Level: level, Basis: basis, Impact: Events,
		Requirement: requirement, Source: source, Probe: probe, Doc: doc,
		needs: needBaseline, phase: phaseProbe, Cost: sends(requests, requests, 0), Run: run,
	}
}

// aboutMessages makes a check one that needs the trigger message_sent.
func aboutMessages(c *Check, triggers ...string) *Check {
	run, cost := c.Run, c.Cost
	all := append([]string{"message_sent"}, triggers...)
	c.Run = func(ctx context.Context, p *Pass) error {
		for _, t := range all {
			if !p.s.subscribed(t) {
				p.Skip("%s is not subscribed", t)
				return nil
			}
		}
		return run(ctx, p)
	}
	c.Cost = func(o *Options) Cost {
		for _, t := range all {
			if !contains(o.Triggers, t) {
				return Cost{}
			}
		}
		return cost(o)
	}
	return c
}

// acceptDocument sends an event whose members were changed.
func (p *Pass) acceptDocument(ctx context.Context, what string, o object) error {
	body, err := o.encode()
	if err != nil {
		return err
	}
	_, err = p.wantAccepted(ctx, what, probe{body: body})
	return err
}

func unknownField() *Check {
	return payloadCheck("unknown-field", "members that are not documented are ignored", Must, []Basis{Live},
		"An event with members that are not documented is accepted: live bodies carry them at every level.", srcLive,
		"The baseline with an unknown string, number, object, array and null added to the envelope, to data, and to the message; 2xx each.",
		Doc{
			Why:   "Live deliveries carry undocumented members such as type, origin or data.moderation, and new ones come without notice.",
			Cause: "the receiver validates strictly (additionalProperties: false, DisallowUnknownFields, extra = forbid)",
			Fix:   "ignore unknown members instead of refusing them",
		}, 3,
		func(ctx context.Context, p *Pass) error {
			extra := object{
				{"text", "extra"}, {"number", json.Number("7")}, {"list", []any{"a", json.Number("1")}}, {"nothing", nil},
			}
			for _, at := range []struct {
				what string
				path []string
			}{{"the envelope", nil}, {"data", []string{"data"}}, {"the message", []string{"data", "message"}}} {
				o, err := p.document()
				if err != nil {
					return err
				}
				if len(at.path) == 2 && o.at(at.path...) == nil {
					continue // the baseline is no message
				}
				for _, m := range []member{{"hookproofObject", extra}, {"hookproofText", "extra"}, {"hookproofNumber", json.Number("7")}, {"hookproofList", []any{extra}}} {
					o = o.with(m.value, append(at.path[:len(at.path):len(at.path)], m.name)...)
				}
				if err := p.acceptDocument(ctx, "an event with unknown members in "+at.what, o); err != nil {
					return err
				}
			}
			return nil
		})
}

// minimalTriggers are those whose documented samples lack most optional members.
var minimalTriggers = []string{"message_sent", "call_initiated", "user_blocked", "message_delivery_receipt"}

func optionalMissing() *Check {
	c := payloadCheck("optional-missing", "optional members may be absent", Should, []Basis{Live},
		"An event with only the members that its schema requires is accepted: fields are omitted, not null.", srcLive,
		"Minimal events of up to four subscribed triggers: no entities, users of uid and name only; 2xx each.",
		Doc{
			Why:   "A user may be only uid and name, and a call or message may come without its entities.",
			Cause: "the receiver reads an optional member (entities, avatar, metadata, role) without looking whether it is there",
			Fix:   "read optional members as optional",
		}, 0,
		func(ctx context.Context, p *Pass) error {
			for _, name := range minimalTriggers {
				if !p.s.subscribed(name) || contains(p.s.rejected, name) {
					continue
				}
				e, err := p.s.world.Minimal(name)
				if err != nil {
					return err
				}
				if _, err := p.wantAccepted(ctx, "a minimal "+name, probe{body: e.Body}); err != nil {
					return err
				}
			}
			return nil
		})
	c.Cost = func(o *Options) Cost {
		n := 0
		for _, name := range minimalTriggers {
			if contains(o.Triggers, name) {
				n++
			}
		}
		return Cost{Requests: n, Events: n}
	}
	return c
}

func unknownTrigger() *Check {
	return payloadCheck("unknown-trigger", "an unknown trigger is acknowledged", Should, []Basis{Judgement},
		"A trigger that the receiver does not know is acknowledged and ignored.", srcOurs,
		"The baseline with the trigger hookproof_unknown_event; 2xx. A 4xx is legitimate while only known triggers are subscribed, so it warns.",
		Doc{
			Why:   "New triggers appear, and a category may be subscribed as a whole; a refused event is retried and then lost.",
			Cause: "the receiver rejects triggers that it does not know",
			Fix:   "acknowledge every trigger with 200 and ignore those without a handler",
		}, 1,
		func(ctx context.Context, p *Pass) error {
			o, err := p.document()
			if err != nil {
				return err
			}
			return p.acceptDocument(ctx, "an event of an unknown trigger", o.with("hookproof_unknown_event", "trigger"))
		})
}

func keyOrder() *Check {
	return payloadCheck("key-order", "the order of members does not matter", Must, []Basis{Standard},
		"JSON objects are unordered.", "RFC 8259 §4",
		"The baseline with the members of every object in another order; 2xx.",
		Doc{
			Why: "No order of members is documented, and a change of the sender's serialiser changes it.", Cause: "the body is searched as text, or hashed and compared with a hash of its own serialisation",
			Fix: "parse the body as JSON and read members by name",
		}, 1,
		func(ctx context.Context, p *Pass) error {
			o, err := p.document()
			if err != nil {
				return err
			}
			return p.acceptDocument(ctx, "an event with its members in another order", o.shuffled(p.s.rng))
		})
}

func whitespace() *Check {
	return payloadCheck("whitespace", "white space does not matter", Must, []Basis{Standard},
		"White space between the tokens of JSON is insignificant.", "RFC 8259 §2",
		"The baseline pretty-printed with a final newline, and minified; 2xx each.",
		Doc{Why: "How CometChat formats its bodies is not documented.", Cause: "the body is searched as text, or hashed after serialising it again", Fix: "parse the body as JSON"}, 2,
		func(ctx context.Context, p *Pass) error {
			for _, form := range []struct {
				what string
				by   func(*bytes.Buffer, []byte) error
			}{
				{"a pretty-printed event", func(b *bytes.Buffer, src []byte) error {
					err := json.Indent(b, src, "", "\t")
					b.WriteString("\r\n")
					return err
				}},
				{"a minified event", json.Compact},
			} {
				body, err := p.s.plainEvent()
				if err != nil {
					return err
				}
				var b bytes.Buffer
				if err := form.by(&b, body); err != nil {
					return err
				}
				if _, err := p.wantAccepted(ctx, form.what, probe{body: b.Bytes()}); err != nil {
					return err
				}
			}
			return nil
		})
}

func actionMessage() *Check {
	return aboutMessages(payloadCheck("action-message", "an action message is accepted", Should, []Basis{Live},
		"A message_sent whose message has the category action is accepted: live edits and deletes fire them.", srcLive,
		"A message_sent with category action and no text; 2xx.",
		Doc{
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
		"A message_edited in each shape, after the message that it edits; 2xx each.",
		Doc{
			Why:   "The documentation and live deliveries differ, and either may come.",
			Cause: "the receiver reads edits in one shape only, or at data.* instead of data.message.*",
			Fix:   "take the edited message from data.message.data.entities.on.entity if data.message.category is action, else from data.message",
		}, 4,
		func(ctx context.Context, p *Pass) error {
			for _, shape := range []struct {
				live bool
				what string
			}{{false, "a message_edited as documented"}, {true, "a message_edited as seen live"}} {
				if !shape.live && contains(p.s.rejected, "message_edited") {
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

// types are the kinds of messages that a receiver meets.
var types = []string{"text", "image", "audio", "video", "file", "custom", "groupAction", "call"}

func messageTypes() *Check {
	return aboutMessages(payloadCheck("type-variants", "messages of every type are accepted", Must, []Basis{Documented},
		"Messages of type text, image, audio, video, file and custom, group actions and calls are accepted.", srcTriggers,
		"One message_sent of each type; 2xx each.",
		Doc{
			Why: "All of them arrive under the same trigger.", Cause: "the receiver expects a text, or knows only some types",
			Fix: "look at category and type before reading data, and acknowledge what you do not use",
		}, len(types),
		func(ctx context.Context, p *Pass) error {
			for _, t := range types {
				if err := p.acceptMessage(ctx, "a message of type "+t, fixtures.MessageSpec{Type: t}); err != nil {
					return err
				}
			}
			return nil
		}))
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
		"The baseline to a group, with mentions, parentId, tags and metadata; 2xx each.",
		Doc{
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

func contains(list []string, s string) bool {
	for _, v := range list {
		if v == s {
			return true
		}
	}
	return false
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
			p.Warn(x, "reflected", "the text of a message comes back unescaped in a page of HTML")
		}
	}
	return nil
}
