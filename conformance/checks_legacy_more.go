package conformance

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"hookproof/schemas"
)

// legacyReceipts are triggers that the legacy generation has as well as today's, with
// payloads of its own.
var legacyReceipts = []string{"message_delivery_receipt", "message_read_receipt"}

func legacyReceiptsAccepted() *Check {
	kinds := []struct{ trigger, kind, at string }{{legacyReceipts[0], "delivered", "deliveredAt"}, {legacyReceipts[1], "read", "readAt"}}
	c := legacyCheck("receipts", "receipts are accepted as the legacy generation has them", Must, Documented,
		"A message_delivery_receipt and a message_read_receipt of the legacy generation are accepted: messageId, receiptSender and the others are texts at data, and there is no region.",
		"Each of message_delivery_receipt and message_read_receipt that is configured, about a message. Skipped if neither is.",
		Doc{
			Passes: "2xx each; a refusal or an error fails.",

			Why: "Both generations call these triggers by the same names, and their payloads have nothing in common.", Cause: "the receiver reads data.body or data.sender, as today's receipts have them",
			Fix: "read data.messageId, data.receiptType and data.receiptSender where data has no body",
		}, legacyReceipts[0], 1, nil)
	c.Probe = strings.TrimSuffix(c.Probe, " Skipped if "+legacyReceipts[0]+" is not configured.")
	c.Cost = func(o *Options) Cost {
		n := 0
		for _, k := range kinds {
			if slices.Contains(o.Triggers, k.trigger) {
				n++
			}
		}
		return Cost{Requests: n, Events: n}
	}
	c.Run = func(ctx context.Context, p *Pass) error {
		tried := false
		for _, k := range kinds {
			if !p.s.subscribed(k.trigger) {
				continue
			}
			tried = true
			o, err := p.legacyReceipt(k.trigger, k.kind, k.at)
			if err != nil {
				return err
			}
			if err := p.acceptDocument(ctx, "a "+k.trigger+" of the legacy generation", o); err != nil {
				return err
			}
		}
		if !tried {
			p.skip("%s is not subscribed, and %s neither", legacyReceipts[0], legacyReceipts[1])
		}
		return nil
	}
	return c
}

// legacyReceipt is a receipt for a message that somebody got: documented, while that
// it has no region is as in other legacy events.
func (p *Pass) legacyReceipt(trigger, kind, at string) (object, error) {
	body, err := p.event(afterMessage)
	if err != nil {
		return nil, err
	}
	o, err := parseObject(body)
	if err != nil {
		return nil, err
	}
	data := object{
		{"messageId", o.at("data", "id")}, {"receiptType", kind}, {at, o.at("data", "sentAt")},
		{"messageSender", o.at("data", "sender")}, {"receiptSender", o.at("data", "receiver")}, {"receiptReceiver", o.at("data", "sender")},
		{"receiverType", o.at("data", "receiverType")},
	}
	o = slices.DeleteFunc(o, func(m member) bool { return m.name == "region" })
	return o.with(trigger, "trigger").with(data, "data"), nil
}

func beforeDropShape() *Check {
	c := legacyCheck("before-drop-shape", "a message that must be blocked is blocked", Should, Documented,
		"The answer that keeps a message from being sent is 200 with the JSON object {\"action\": \"do_not_propagate\"}.",
		"A before_message with the text that has to be blocked (--blocked-text). Skipped without such a text.",
		Doc{
			Passes: "200 and a body whose action is do_not_propagate; anything else warns.",

			Why: "Whatever else comes back lets the message pass: another status, or an object with other members.", Cause: "the filter answers 403 or {\"allow\": false}, or does not find what it looks for",
			Fix: "answer 200 with {\"action\": \"do_not_propagate\"}",
		}, beforeMessage, 1,
		func(ctx context.Context, p *Pass) error {
			if p.s.opts.BlockedText == "" {
				p.skip("no text that has to be blocked is configured (--blocked-text)")
				return nil
			}
			if slices.Contains(p.s.rejected, beforeMessage) {
				p.skip("would only repeat what ack/all-triggers says")
				return nil
			}
			body, err := p.event(beforeMessage)
			if err != nil {
				return err
			}
			o, err := parseObject(body)
			if err != nil {
				return err
			}
			if body, err = o.with(p.s.opts.BlockedText, "data", "data", "text").encode(); err != nil {
				return err
			}
			x, err := p.send(ctx, probe{body: body})
			if err != nil {
				return err
			}
			var answer struct {
				Action any `json:"action"`
			}
			switch {
			case x.answer == unclear:
				return &unclearError{x.why}
			case p.overloaded(ctx, x):
				return errOverloaded
			case !x.accepted():
				p.fail(x, "refused", "a message that has to be blocked was not answered with 200, which lets it pass: %s", describe(&x.attempt))
			case json.Unmarshal(x.attempt.Text, &answer) != nil || answer.Action != dropAction:
				p.fail(x, "passes", "a message that has to be blocked passes: the answer's action is not %s", dropAction)
			}
			return nil
		})
	cost := c.Cost
	c.Cost = func(o *Options) Cost {
		if o.BlockedText == "" {
			return Cost{}
		}
		return cost(o)
	}
	c.certain, c.Implied = true, []string{"legacy/before-json"}
	return c
}

func customProvider() *Check {
	providers := schemas.Names(schemas.Provider)
	configured := func(o *Options) (names []string) {
		for _, name := range providers {
			if slices.Contains(o.Triggers, name) {
				names = append(names, name)
			}
		}
		return names
	}
	c := legacyCheck("custom-provider", "what a custom provider gets is accepted", Must, Documented,
		"The payloads for an app's own provider of e-mails, SMS or push notifications are accepted: their webhook is called custom.",
		"", Doc{
			Passes: "2xx each; a refusal or an error fails.",

			Why: "They go to a provider of your own, whichever generation the app's webhooks are of; what is not accepted is not sent to anybody.", Cause: "the receiver does not know these triggers, or looks the webhook up by its id",
			Fix: "handle the triggers that end with -payload-generated, and take custom for the webhook's id",
		}, "", 1, nil)
	c.Source = "CometChat documentation, notifications: custom e-mail, SMS and push providers"
	c.Probe = "An event of each of the triggers email-, sms- and push-notification-payload-generated that is configured. Skipped if none is."
	c.Cost = func(o *Options) Cost { n := len(configured(o)); return Cost{Requests: n, Events: n} }
	c.Run = func(ctx context.Context, p *Pass) error {
		names := configured(&p.s.opts)
		if len(names) == 0 {
			p.skip("%s is not subscribed, nor another trigger of a provider", providers[0])
			return nil
		}
		o := p.s.opts
		o.Profile = Core // these are of today's generation
		world := storyWorld(&o, p.s.start, p.s.marker(), p.s.firstID()+storyOffset)
		for _, name := range names {
			e, err := world.Do(name)
			if err != nil {
				return err
			}
			if _, err := p.wantAccepted(ctx, "a "+name, probe{body: e.Body}); err != nil {
				return err
			}
		}
		return nil
	}
	return c
}
