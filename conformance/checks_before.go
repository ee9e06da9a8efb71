package conformance

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"time"
)

func beforeNoID() *Check {
	c := legacyCheck("before-no-id", "a message without an id is accepted", Should, Live,
		"A before_message is accepted although its message has no id yet.",
		"A before_message. If it is refused, the same with an id shows whether that is why.",
		Doc{
			Passes:       "2xx; that it is accepted with an id only warns.",
			Alternatives: "An answer that drops the message, if it is about the text.",

			Why: "before_message asks about a message that is not stored yet.", Cause: "the receiver reads data.id without looking whether it is there",
			Fix: "read data.id as optional",
		}, beforeMessage, 1,
		func(ctx context.Context, p *Pass) error {
			x, err := p.sendBefore(ctx, nil)
			if err != nil || x.accepted() {
				return err
			}
			o, err := parseObject(x.probe.body)
			if err != nil {
				return err
			}
			body, err := o.with(p.s.run+"99999", "data", "id").encode()
			if err != nil {
				return err
			}
			if with, err := p.send(ctx, probe{body: body}); err != nil {
				return err
			} else if with.accepted() {
				p.fail(x, "id-needed", "a before_message is refused for want of an id: %s", describe(&x.attempt))
			}
			return nil
		})
	c.certain = true
	return c
}

// sendBefore sends a fresh before_message. An unclear answer ends the check.
func (p *Pass) sendBefore(ctx context.Context, transport http.RoundTripper) (*sent, error) {
	body, err := p.event(beforeMessage)
	if err != nil {
		return nil, err
	}
	x, err := p.send(ctx, probe{body: body, transport: transport})
	if err == nil && x.answer == unclear {
		return x, &unclearError{x.why}
	}
	return x, err
}

func beforeJSON() *Check {
	c := legacyCheck("before-json", "the answer to before_message is an object, or nothing", Must, Documented,
		"The body of an answer to before_message is empty or a JSON object: CometChat merges it into the message's metadata.",
		"A before_message.",
		Doc{
			Passes:       "The answer's body is empty or parses as a JSON object; anything else fails. A refusal is a matter of ack/all-triggers.",
			Alternatives: "An empty body, {}, and any object: its members become metadata.",

			Why: "Whatever else comes back cannot be merged, and the message may be lost or sent unchecked.", Cause: "the handler answers as to other webhooks, with a word such as ok",
			Fix: "answer with an empty body, or with an object",
		}, beforeMessage, 1,
		func(ctx context.Context, p *Pass) error {
			x, err := p.sendBefore(ctx, nil)
			if err != nil || !x.accepted() { // a matter of ack/all-triggers
				return err
			}
			var o map[string]any
			if text := bytes.TrimSpace(x.attempt.Text); len(text) > 0 && (json.Unmarshal(text, &o) != nil || o == nil) {
				p.fail(x, "no-object", "the answer to a before_message is neither empty nor a JSON object: %.60q", p.s.red.Clean(string(text)))
			}
			return nil
		})
	c.certain = true
	return c
}

func beforeNoDrop() *Check {
	c := legacyCheck("before-no-drop", "a harmless message passes", Should, Documented,
		"The answer to a harmless before_message does not keep it from being sent.",
		"A before_message of small talk.",
		Doc{
			Passes:       "The answer does not say action do_not_propagate; one that does warns.",
			Alternatives: "Any other answer: objects, an empty body.",

			Why: "A message that is dropped is never seen by anyone, and its sender is not told why.", Cause: "the filter drops what it does not know, or every message",
			Fix: "answer with an empty body to what may pass",
		}, beforeMessage, 1,
		func(ctx context.Context, p *Pass) error {
			x, err := p.sendBefore(ctx, nil)
			if err != nil || !x.accepted() {
				return err
			}
			var o struct{ Action string }
			if json.Unmarshal(x.attempt.Text, &o) == nil && o.Action == dropAction {
				p.fail(x, "dropped", "a harmless before_message was answered with action %s", dropAction)
			}
			return nil
		})
	c.certain = true
	return c
}

// beforeComfort is how long a user may wait for a message to be let through.
const beforeComfort = 500 * time.Millisecond

func beforeLatency() *Check {
	c := legacyCheck("before-latency", "before_message is answered at once", Must, BestPractice,
		"A before_message is answered within 2 seconds: the user waits for it.",
		"20 before_message one after another on a warm connection.",
		Doc{
			Passes:       "The 95th percentile is at most 2 s; more fails. More than 0.5 s warns.",
			Alternatives: "Deciding before the answer, which is what this webhook is for, if it is done in time.",

			Why: "The message is not sent before the answer has come.", Cause: "the receiver works before it answers: it waits for a database, another API or a lock",
			Fix: "decide from what is in memory, and do the rest afterwards",
		}, beforeMessage, samples+1,
		func(ctx context.Context, p *Pass) error {
			transport := p.s.transport()
			defer transport.CloseIdleConnections()
			var times []time.Duration
			var slowest *sent
			over := 0
			for i := 0; i <= samples && over <= samples-samples*95/100; i++ {
				x, err := p.sendBefore(ctx, transport)
				if err != nil {
					return err
				}
				took := x.attempt.Timing.LastByte
				if i == 0 {
					continue
				}
				times = append(times, took)
				if slowest == nil || took > slowest.attempt.Timing.LastByte {
					slowest = x
				}
				if took > hardLimit {
					over++
				}
			}
			p.measureLatency(times)
			switch p95 := percentile(times, 95); {
			case p95 > hardLimit:
				p.fail(slowest, "slow", "%d of %d before_message took longer than 2 s, the slowest %s", over, len(times), ms(slowest.attempt.Timing.LastByte))
			case p95 > beforeComfort:
				p.warn(slowest, "noticeable", "the 95th percentile of %d answers to before_message is %s, for which users wait", len(times), ms(p95))
			}
			return nil
		})
	c.certain = true
	return c
}
