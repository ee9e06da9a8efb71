package conformance

import (
	"context"
	"slices"
	"strings"
	"time"
)

// liveShape is an event in the shape in which live deliveries were seen to carry it.
type liveShape struct {
	trigger, what string
	event         func(*Pass) (object, error)
}

// liveShapes are those that have no check of their own, as edits and action messages do.
func liveShapes() []liveShape {
	change := func(trigger string, change func(object) object) func(*Pass) (object, error) {
		return func(p *Pass) (object, error) {
			body, err := p.event(trigger)
			if err != nil {
				return nil, err
			}
			o, err := parseObject(body)
			return change(o), err
		}
	}
	shapes := []liveShape{{"message_deleted", "the original message instead of an action message", func(p *Pass) (object, error) {
		e, err := p.s.world.Delete(true)
		if err != nil {
			return nil, err
		}
		return parseObject(e.Body)
	}}}
	for _, trigger := range []string{"call_participant_joined", "call_participant_left", "meeting_participant_joined", "meeting_participant_left"} {
		shapes = append(shapes, liveShape{trigger, "an occupant with a uid", change(trigger, func(o object) object {
			return o.with("hpt-occupant", "data", "occupant", "uid")
		})})
	}
	for _, trigger := range []string{"group_member_banned", "group_member_unbanned"} {
		shapes = append(shapes, liveShape{trigger, "the one who acted among the members", change(trigger, func(o object) object {
			uid, _ := o.at("data", "by", "uid").(string)
			return o.with(o.at("data", "by"), "data", "members", uid)
		})})
	}
	return append(shapes,
		liveShape{"after_feed_item_delivered", "the status read", change("after_feed_item_delivered", func(o object) object { return o.with("read", "data", "status") })})
}

// liveTriggers names the triggers of liveShapes, each once.
func liveTriggers() []string {
	var names []string
	for _, s := range liveShapes() {
		names = append(names, s.trigger)
	}
	return names
}

func liveVariants() *Check {
	subscribed := func(o *Options) (shapes []liveShape) {
		for _, s := range liveShapes() {
			if slices.Contains(o.Triggers, s.trigger) && o.canBeMade(s.trigger) {
				shapes = append(shapes, s)
			}
		}
		return shapes
	}
	return &Check{
		ID: "ack/variants", Title: "events are accepted as live deliveries carry them", Level: Should, Basis: []Basis{Live}, Impact: Events,
		Requirement: "Where live deliveries differ from the documented shape of a trigger, both are acknowledged.", Source: srcLive,
		Probe: "An event of each subscribed trigger that was seen in another shape: a deletion with the original message, occupants with a uid, bans that name the one who acted among the members, an item of a feed that is delivered with the status read. Edits and action messages are tried by payload/edited-both-shapes and payload/action-message.",
		Doc: Doc{
			Passes: "2xx each; a refusal or an error warns.",

			Why:   "The documentation shows one shape, and an app may get the other.",
			Cause: "the receiver was written after the samples, and reads or validates members as they have them",
			Fix:   "take members from where either shape has them, and ignore those that you do not know",
		},
		needs: needBaseline, phase: phaseProbe,
		Cost: func(o *Options) Cost { n := len(subscribed(o)); return Cost{Requests: n, Events: n} },
		Run: func(ctx context.Context, p *Pass) error {
			shapes := subscribed(&p.s.opts)
			if len(shapes) == 0 {
				p.skip("what live deliveries carry in another shape is not subscribed: %s", strings.Join(liveTriggers(), ", "))
				return nil
			}
			for _, s := range shapes {
				if slices.Contains(p.s.rejected, s.trigger) {
					continue // ack/all-triggers says so
				}
				o, err := s.event(p)
				if err != nil {
					return err
				}
				if err := p.acceptDocument(ctx, "a "+s.trigger+" with "+s.what, o); err != nil {
					return err
				}
			}
			return nil
		},
	}
}

func latencyTrigger() *Check {
	return &Check{
		ID: "ack/latency-trigger", Title: "no trigger is slow to acknowledge", Level: Should, Basis: []Basis{BestPractice}, Impact: Events,
		Requirement: "Events of every trigger are acknowledged with a second to spare, whatever work they cause.", Source: srcPractice,
		Probe: "Nothing of its own: the times of ack/all-triggers. A trigger that took more than 1 s is sent twice more.",
		Doc: Doc{
			Passes:       "At most 1 s once in three times; three of more than 1 s warn.",
			Alternatives: "A trigger that takes more than 2 s each time fails ack/all-triggers instead.",

			Why:   "The plain message is quick, while recordings, calls or large groups cause work; their events reach the two seconds first.",
			Cause: "the handler of this trigger works before it answers: it fetches a file, or waits for a database or another API",
			Fix:   "put the event on a queue, answer 200 at once and work afterwards",
		},
		needs: needBaseline, phase: phaseProbe, certain: true, Implied: []string{"ack/latency-hard"},
		Cost: func(o *Options) Cost {
			if ok, _ := o.selected(acceptsTriggers()); ok {
				return Cost{}
			}
			return acceptsTriggers().cost(o)
		},
		Run: func(ctx context.Context, p *Pass) error {
			slow := p.s.paraded
			if slow == nil {
				events, err := p.s.parade()
				if err != nil {
					return err
				}
				for _, e := range events {
					x, err := p.send(ctx, probe{body: e.Body})
					if err != nil {
						return err
					}
					slow = append(slow, timedEvent{e.Trigger, x})
				}
			}
			if len(slow) == 0 {
				p.skip("a trigger whose payload is known is not subscribed")
				return nil
			}
			slowest := slices.MaxFunc(slow, func(a, b timedEvent) int { return int(a.took() - b.took()) })
			p.measure("slowest", float64(slowest.took().Microseconds())/1000, "ms")
			for _, e := range slow {
				if e.took() <= comfortLimit || !e.x.accepted() || p.s.results["ack/latency-comfort"].Outcome == Warned || slices.Contains(p.s.sluggish, e.trigger) {
					continue
				}
				if err := p.confirmUncomfortable(ctx, e); err != nil {
					return err
				}
			}
			return nil
		},
	}
}

// timedEvent is an event of ack/all-triggers.
type timedEvent struct {
	trigger string
	x       *sent
}

func (e timedEvent) took() time.Duration { return e.x.attempt.Timing.LastByte }

// confirmUncomfortable warns about an event that takes more than a second three times.
func (p *Pass) confirmUncomfortable(ctx context.Context, e timedEvent) error {
	for range 2 {
		again, err := p.send(ctx, e.x.probe)
		if err != nil || !again.accepted() || again.attempt.Timing.LastByte <= comfortLimit {
			return err
		}
	}
	p.fail(e.x, "slow", "%s took %s to acknowledge, and more than a second twice again, while CometChat gives up after 2 s", e.trigger, ms(e.took()))
	return nil
}
