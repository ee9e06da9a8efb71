package conformance

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
)

// payloadCheck is a check of one property of the body of an accepted event.
func payloadCheck(name, title string, level Level, basis []Basis, requirement, source, probe string, doc Doc, requests int, run func(context.Context, *Pass) error) *Check {
	return &Check{
		ID: "payload/" + name, Title: title, Level: level, Basis: basis, Impact: Events,
		Requirement: requirement, Source: source, Probe: probe, Doc: doc,
		needs: needBaseline, phase: phaseProbe, Cost: sends(requests, requests, 0), Run: run,
	}
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
	c := payloadCheck("unknown-field", "members that are not documented are ignored", Must, []Basis{Live},
		"An event with members that are not documented is accepted: live bodies carry them at every level.", srcLive,
		"The baseline with an unknown string, number, object, array and null added to the envelope, to data, and to the message.",
		Doc{
			Passes:       "2xx each; a refusal fails.",
			Alternatives: "Dropping, storing or logging what is not known.",

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
	c.Cost = func(o *Options) Cost {
		n := 3
		if !slices.Contains(o.Triggers, "message_sent") {
			n = 2 // the baseline is no message
		}
		return Cost{Requests: n, Events: n}
	}
	return c
}

// minimalTriggers are those whose documented samples lack most optional members.
var minimalTriggers = []string{"message_sent", "call_initiated", "user_blocked", "message_delivery_receipt"}

func optionalMissing() *Check {
	c := payloadCheck("optional-missing", "optional members may be absent", Should, []Basis{Live},
		"An event with only the members that its schema requires is accepted: fields are omitted, not null.", srcLive,
		"Minimal events of up to four subscribed triggers: no entities, users of uid and name only.",
		Doc{
			Passes:       "2xx each; a refusal or an error warns.",
			Alternatives: "Treating what is absent as null or as a default.",

			Why:   "A user may be only uid and name, and a call or message may come without its entities.",
			Cause: "the receiver reads an optional member (entities, avatar, metadata, role) without looking whether it is there",
			Fix:   "read optional members as optional",
		}, 0,
		func(ctx context.Context, p *Pass) error {
			for _, name := range minimalTriggers {
				if !p.s.subscribed(name) || slices.Contains(p.s.rejected, name) {
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
			if slices.Contains(o.Triggers, name) {
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
		"The baseline with the trigger hookproof_unknown_event.",
		Doc{
			Passes:       "2xx; anything else warns.",
			Alternatives: "A 4xx does no harm while only known triggers are subscribed, so it warns and never fails.",

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
		"The baseline with the members of every object in another order.",
		Doc{
			Passes: "2xx; a refusal fails.",

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
		"The baseline pretty-printed with a final newline, and minified.",
		Doc{
			Passes: "2xx each; a refusal fails.",

			Why: "How CometChat formats its bodies is not documented.", Cause: "the body is searched as text, or hashed after serialising it again", Fix: "parse the body as JSON",
		}, 2,
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
