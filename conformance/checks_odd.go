package conformance

import (
	"context"
	"slices"
	"strings"

	"hookproof/fixtures"
	"hookproof/schemas"
)

// oddCheck informs about bodies that CometChat is not known to send: they may be
// accepted or refused, but must be answered.
func oddCheck(name, title, requirement, probeText string, doc Doc, accepts bool, bodies func(*Pass) ([]namedText, error)) *Check {
	events := 0
	if accepts {
		events = 1
	}
	c := payloadCheck(name, title, May, []Basis{Judgement}, requirement, srcOurs, probeText, doc, 1,
		func(ctx context.Context, p *Pass) error {
			all, err := bodies(p)
			if err != nil {
				return err
			}
			for _, b := range all {
				x, err := p.tolerated(ctx, b.name, probe{body: []byte(b.text)})
				if err != nil {
					return err
				}
				if x.answer == refused || x.answer == redirected {
					p.info(x, "refused", "%s is refused: %s", b.name, describe(&x.attempt))
				}
			}
			return nil
		})
	c.lenient = true
	c.Cost = sends(1, events, 0)
	return aboutMessages(c)
}

// textAs makes a message whose text is written in the body as raw says.
func textAs(name, raw string) func(*Pass) ([]namedText, error) {
	return func(p *Pass) ([]namedText, error) {
		const place = "hookproof-place"
		body, err := p.message(fixtures.MessageSpec{Text: place})
		return []namedText{{name: name, text: strings.Replace(string(body), place, raw, 1)}}, err
	}
}

// changed makes an event with members changed.
func changed(name string, change func(object) object) func(*Pass) ([]namedText, error) {
	return func(p *Pass) ([]namedText, error) {
		o, err := p.document()
		if err != nil {
			return nil, err
		}
		body, err := change(o).encode()
		return []namedText{{name: name, text: string(body)}}, err
	}
}

const oddFix = "answer 200 or 4xx to whatever cannot be stored, and never fail"

func textNUL() *Check {
	return oddCheck("nul", "a NUL in a text breaks nothing", "A text with U+0000 is accepted or refused, and breaks nothing.",
		`A message whose text has \u0000 in it.`,
		Doc{
			Passes:       "2xx or 4xx; a refusal informs, 5xx and no answer warn.",
			Alternatives: "Removing it, replacing it, or refusing the event.",

			Why: "It can be typed by a program, and PostgreSQL does not store it.", Cause: "the database refuses U+0000", Fix: "remove U+0000 from texts before storing them; " + oddFix,
		},
		true, textAs(`a text with \u0000`, `hookproof\u0000nul`))
}

func loneSurrogate() *Check {
	return oddCheck("lone-surrogate", "half a surrogate pair in a text breaks nothing", "A text with half an emoji is accepted or refused, and breaks nothing.",
		`A message whose text ends with \ud83d.`,
		Doc{
			Passes:       "2xx or 4xx; a refusal informs, 5xx and no answer warn.",
			Alternatives: "Replacing it by U+FFFD, or refusing the event.",

			Why: "A text that is cut by its length may end within an emoji.", Cause: "the text cannot be encoded as UTF-8", Fix: "replace what is no Unicode by U+FFFD; " + oddFix,
		},
		true, textAs("a text that ends with half an emoji", `hookproof \ud83d`))
}

func invalidUTF8() *Check {
	c := oddCheck("invalid-utf8", "a byte that is no UTF-8 breaks nothing", "A body that is no UTF-8 is refused with 4xx or accepted, and breaks nothing.",
		"A message whose text has the byte FF in it.",
		Doc{
			Passes:       "2xx or 4xx; a refusal informs, 5xx and no answer warn.",
			Alternatives: "Replacing it by U+FFFD, or refusing the event.",

			Why: "Something on the way may break an encoding.", Cause: "the decoder's error is not caught", Fix: "answer 400 to a body that is no UTF-8",
		},
		true, textAs("a text with the byte FF", "hookproof \xff"))
	c.Basis, c.Source, c.Impact = []Basis{Standard}, "RFC 8259 §8.1", Quiet
	return c
}

func duplicateKeys() *Check {
	return oddCheck("dup-keys", "a member that comes twice breaks nothing", "A body with a member twice is accepted or refused, and breaks nothing.",
		"The baseline with trigger twice.",
		Doc{
			Passes:       "2xx or 4xx; a refusal informs, 5xx and no answer warn.",
			Alternatives: "Taking the first, taking the last, or refusing the event.",

			Why: "Two parsers that differ about which of the two counts see two events in one.", Cause: "a strict parser whose error is not caught", Fix: oddFix,
		},
		true, func(p *Pass) ([]namedText, error) {
			body, err := p.s.plainEvent()
			return []namedText{{name: "an event with trigger twice", text: strings.Replace(string(body), "{", `{"trigger":"message_sent",`, 1)}}, err
		})
}

func byteOrderMark() *Check {
	return oddCheck("bom", "a byte order mark breaks nothing", "A body that begins with a byte order mark is accepted or refused, and breaks nothing.",
		"The baseline after EF BB BF.",
		Doc{
			Passes:       "2xx or 4xx; a refusal informs, 5xx and no answer warn.",
			Alternatives: "Refusing it: a sender must not write the mark.",

			Why: "Some serialisers write it.", Cause: "the parser's error is not caught", Fix: "skip the mark, or answer 400",
		},
		false, func(p *Pass) ([]namedText, error) {
			body, err := p.s.plainEvent()
			return []namedText{{name: "an event after a byte order mark", text: "\ufeff" + string(body)}}, err
		})
}

func nullOptional() *Check {
	return oddCheck("null-optional", "null for an optional member is known to be taken or not", "Optional members that are null instead of absent are accepted or refused, and break nothing.",
		"The baseline with avatar and metadata null.",
		Doc{
			Passes:       "2xx or 4xx; a refusal informs, 5xx and no answer warn.",
			Alternatives: "Refusing it: members are documented to be omitted, not null.",

			Why: "The documentation says that members are omitted, and other senders write null.", Cause: "validation or code that expects a text", Fix: "treat null as absent",
		},
		true, changed("an event with null for optional members", func(o object) object {
			return o.with(nil, "data", "message", "data", "metadata").with(nil, "data", "message", "data", "entities", "sender", "entity", "avatar")
		}))
}

func unsubscribedTrigger() *Check {
	c := payloadCheck("unsubscribed-trigger", "a known trigger that is not subscribed breaks nothing", May, []Basis{Judgement},
		"An event that the webhook does not subscribe to is accepted or refused, and breaks nothing.", srcOurs,
		"An event of a trigger that exists and is not configured.",
		Doc{
			Passes:       "2xx or 4xx; a refusal informs, 5xx and no answer warn.",
			Alternatives: "Refusing what is not subscribed.",

			Why: "Subscriptions change before receivers do.", Cause: "the handler knows only some triggers", Fix: "acknowledge every trigger with 200, and ignore those without a handler",
		}, 0,
		func(ctx context.Context, p *Pass) error {
			name := p.s.opts.unsubscribed()
			if name == "" {
				p.info(nil, "none", "every trigger is subscribed")
				return nil
			}
			body, err := p.event(name)
			if err != nil {
				return err
			}
			x, err := p.tolerated(ctx, "a "+name+", which is not subscribed", probe{body: body})
			if err == nil && (x.answer == refused || x.answer == redirected) {
				p.info(x, "refused", "a %s, which is not subscribed, is refused: %s", name, describe(&x.attempt))
			}
			return err
		})
	c.lenient = true
	c.Cost = func(o *Options) Cost {
		if o.unsubscribed() == "" {
			return Cost{}
		}
		return Cost{Requests: 1, Events: 1}
	}
	return c
}

// unsubscribed is a trigger that exists and is not configured, "" if there is none.
func (o *Options) unsubscribed() string {
	for _, name := range o.known(schemas.Names(schemas.Current, schemas.Provider)) {
		if !slices.Contains(o.Triggers, name) {
			return name
		}
	}
	return ""
}
