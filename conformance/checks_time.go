package conformance

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"time"
)

// atTime is a check with a message of another time than now.
func atTime(name, title string, level Level, requirement, probeText, what string, doc Doc, from time.Duration) *Check {
	c := aboutMessages(&Check{
		ID: "order/" + name, Title: title, Level: level, Basis: []Basis{Judgement}, Impact: Events,
		Requirement: requirement, Source: srcOurs, Probe: probeText, Doc: doc,
		needs: needBaseline, phase: phaseProbe, certain: true, Cost: sends(1, 1, 0),
		Run: func(ctx context.Context, p *Pass) error {
			o, err := p.document()
			if err != nil {
				return err
			}
			at := json.Number(strconv.FormatInt(time.Now().Add(from).Unix(), 10))
			body, err := o.with(at, "data", "message", "sentAt").with(at, "data", "message", "updatedAt").encode()
			if err != nil {
				return err
			}
			if level != May {
				_, err = p.wantAccepted(ctx, what, probe{body: body})
				return err
			}
			x, err := p.tolerated(ctx, what, probe{body: body})
			if err == nil && !x.accepted() && (x.answer == refused || x.answer == redirected) {
				p.info(x, "refused", "%s is refused: %s", what, describe(&x.attempt))
			}
			return err
		},
	})
	c.lenient = level == May
	return c
}

func lateEvent() *Check {
	return atTime("late", "an event of an hour ago is accepted", Should,
		"An event is acknowledged although newer ones came before it.",
		"A message whose sentAt is an hour ago.", "a message of an hour ago",
		Doc{
			Passes:       "2xx; a refusal or an error warns.",
			Alternatives: "Ignoring what is out of date, once it is acknowledged.",

			Why: "Retries come late, and an outage makes them later.", Cause: "the receiver takes an old time for a replay",
			Fix: "tell duplicates by their idempotency key, not by their age",
		}, -time.Hour)
}

func veryOldEvent() *Check {
	return atTime("very-old", "what becomes of an event of a month ago is known", May,
		"An event of a month ago is accepted or refused: no limit is documented.",
		"A message whose sentAt is 30 days ago.", "a message of 30 days ago",
		Doc{
			Passes:       "2xx or 4xx; a refusal informs, 5xx and no answer warn.",
			Alternatives: "A limit on the age of events: none is documented or forbidden.",

			Why: "It tells whether events can be delivered again by hand after a long outage.", Cause: "the receiver limits the age of events",
			Fix: "nothing has to be done",
		}, -30*24*time.Hour)
}

func futureEvent() *Check {
	return atTime("future-skew", "an event of in two minutes is accepted", Should,
		"An event is acknowledged although the clocks differ by two minutes.",
		"A message whose sentAt is 120 s ahead.", "a message of in two minutes",
		Doc{
			Passes:       "2xx; a refusal or an error warns.",
			Alternatives: "Taking the time of arrival in place of sentAt.",

			Why: "Clocks differ, and the receiver's may be the one that is wrong.", Cause: "the receiver refuses what is ahead of its clock",
			Fix: "allow for some minutes, or do not compare with the clock at all",
		}, 2*time.Minute)
}

// Size of order/interleaved.
const (
	interleavedTalks  = 3
	interleavedEvents = 10
	interleavedAtOnce = 5
)

func interleaved() *Check {
	const total = interleavedTalks * interleavedEvents
	c := aboutMessages(&Check{
		ID: "order/interleaved", Title: "conversations at the same time are accepted", Level: Should, Basis: []Basis{Judgement}, Impact: Events,
		Requirement: "Events of several conversations that come mixed, and several of one at the same time, are each acknowledged.", Source: srcOurs + "; parallel deliveries: " + srcLive,
		Probe: "Ten messages in each of three conversations, mixed, five at once.",
		Doc: Doc{
			Passes:       "2xx each; a refusal or an error warns.",
			Alternatives: "Putting them in order afterwards, or not at all.",

			Why: "Deliveries run in parallel, so two messages of one conversation meet in the receiver.", Cause: "a lock or a sequence number for each conversation, which the second event does not get",
			Fix: "acknowledge first; put events in order afterwards, by sentAt",
		},
		needs: needBaseline, phase: phaseProbe, Cost: sends(total, total, 0), Implied: []string{"ack/latency-hard", "http/parallel"},
		Run: func(ctx context.Context, p *Pass) error {
			bodies, err := p.talks()
			if err != nil {
				return err
			}
			for round := range slices.Chunk(bodies, interleavedAtOnce) {
				if !p.s.keepPace(ctx, len(round)) {
					return ctx.Err()
				}
				var probes []probe
				for _, body := range round {
					probes = append(probes, probe{body: body, together: true})
				}
				all, err := p.atOnce(ctx, probes)
				if err != nil {
					return err
				}
				for _, x := range all {
					switch {
					case x.answer == unclear:
						return &unclearError{x.why}
					case p.overloaded(ctx, x):
						return errOverloaded
					case !x.accepted():
						p.fail(x, "not-accepted", "one of %d messages of three conversations at the same time was not accepted: %s", total, describe(&x.attempt))
						return nil
					}
				}
			}
			return p.countTalks(ctx, bodies)
		},
	})
	c.counts = true
	return c
}

// countTalks warns if of many different events that were acknowledged some had no
// effect while others had, or more than one.
func (p *Pass) countTalks(ctx context.Context, bodies [][]byte) error {
	counts, ok, err := p.effects(ctx, bodies...)
	if err != nil || !ok || slices.Max(counts) == 0 { // an observer that sees nothing is a matter of others
		return err
	}
	wrong := 0
	for _, n := range counts {
		if n != 1 {
			wrong++
		}
	}
	if wrong > 0 {
		p.fail(nil, "effects", "of %d messages that were acknowledged %d did not have one effect each", len(bodies), wrong)
	}
	return nil
}

// talks are messages of some conversations, mixed: each is a copy of the first of
// its conversation with an id of its own.
func (p *Pass) talks() ([][]byte, error) {
	var firsts [interleavedTalks]object
	for i := range firsts {
		var err error
		if firsts[i], err = p.document(); err != nil {
			return nil, err
		}
	}
	var bodies [][]byte
	for n := range interleavedEvents {
		for _, o := range firsts {
			id, _ := o.at("data", "message", "id").(string)
			body, err := o.with(id+strconv.Itoa(100+n), "data", "message", "id").encode()
			if err != nil {
				return nil, err
			}
			bodies = append(bodies, body)
		}
	}
	return bodies, nil
}
