package conformance

import (
	"cmp"
	"context"
	"slices"
	"time"

	"hookproof/fixtures"
	"hookproof/schemas"
)

func acceptsTriggers() *Check {
	return &Check{
		ID: "ack/all-triggers", Title: "every subscribed trigger is accepted", Level: Must, Basis: []Basis{Documented}, Impact: Events,
		Requirement: "Each trigger that the webhook subscribes to is acknowledged.", Source: srcTriggers,
		Probe: "One event or more of each subscribed trigger in its documented shape, each after the events that lead to it.",
		Doc: Doc{
			Passes:       "2xx each; a trigger of which an event is refused fails.",
			Alternatives: "Ignoring triggers that are of no use to you, once they are acknowledged.",

			Why:   "Each of them is delivered; one that is refused is retried twice at most and then lost.",
			Cause: "the handler knows only some triggers, or reads members that this one does not have",
			Fix:   "acknowledge every trigger with 200, and ignore those without a handler",
		},
		needs: needBaseline, phase: phaseProbe,
		Cost: func(o *Options) Cost {
			events, err := o.parade(storyWorld(o, time.Now(), "hpt-00000000", storyOffset))
			if err != nil {
				return Cost{}
			}
			return Cost{Requests: len(events), Events: len(events)}
		},
		Run: func(ctx context.Context, p *Pass) error {
			events, err := p.s.parade()
			if err != nil {
				return err
			}
			p.s.rejected, p.s.paraded, p.s.sluggish = nil, nil, nil
			sent := map[string]bool{} // trigger -> every event of it was accepted
			for _, e := range events {
				if ok, again := sent[e.Trigger]; again && !ok {
					continue // one finding a trigger is enough
				}
				found := len(p.result.Findings)
				x, err := p.wantAccepted(ctx, e.Trigger, probe{body: e.Body})
				if err != nil {
					return err
				}
				sent[e.Trigger] = x.accepted()
				p.s.paraded = append(p.s.paraded, timedEvent{e.Trigger, x})
				if len(p.result.Findings) > found && x.accepted() {
					p.s.sluggish = append(p.s.sluggish, e.Trigger)
				}
			}
			n := 0
			for name, ok := range sent {
				if ok {
					n++
				} else {
					p.s.rejected = append(p.s.rejected, name)
				}
			}
			p.measure("accepted", float64(n), "triggers")
			p.measure("sent", float64(len(sent)), "triggers")
			return nil
		},
	}
}

// parade is what ack/all-triggers sends in this run.
func (s *session) parade() ([]fixtures.Event, error) {
	return s.opts.parade(storyWorld(&s.opts, s.start, s.marker(), s.firstID()+storyOffset))
}

// parade returns one event or more of each configured trigger, each after the events that
// lead to it. Long stories come first: they tell most of the shorter ones, so
// that there are as few events as can be.
func (o *Options) parade(w *fixtures.World) ([]fixtures.Event, error) {
	var stories [][]fixtures.Event
	for _, name := range o.known(o.Triggers) {
		story, err := w.Story(name)
		if err != nil {
			return nil, err
		}
		stories = append(stories, story)
	}
	slices.SortStableFunc(stories, func(a, b []fixtures.Event) int { return cmp.Compare(len(b), len(a)) })
	var events []fixtures.Event
	told := map[string]bool{}
	for _, story := range stories {
		if told[story[len(story)-1].Trigger] {
			continue
		}
		for _, e := range story {
			if told[e.Trigger] = true; slices.Contains(o.Triggers, e.Trigger) {
				events = append(events, e)
			}
		}
	}
	return events, nil
}

// known are the names of triggers whose events can be made.
func (o *Options) known(names []string) []string {
	var out []string
	for _, n := range names {
		if o.canBeMade(n) {
			out = append(out, n)
		}
	}
	return out
}

// canBeMade tells whether a webhook can be sent events of a trigger: its payload is
// known, and it is of the run's generation.
func (o *Options) canBeMade(trigger string) bool {
	t, ok := schemas.Lookup(trigger)
	return ok && t.Shaped() && t.Generation == o.generation()
}

// legacy tells whether the run is about the legacy generation.
func (o *Options) legacy() bool { return o.Profile == Legacy }

func (o *Options) generation() schemas.Generation {
	if o.legacy() {
		return schemas.Legacy
	}
	return schemas.Modern
}
