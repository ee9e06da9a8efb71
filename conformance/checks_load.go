package conformance

import (
	"context"
	"time"

	"hookproof/mockserver/traffic"
)

// theBurst sends the burst of the run once, for load/burst and those that look at it.
func (p *Pass) theBurst(ctx context.Context) (*surge, error) {
	s := p.s
	if s.burst != nil {
		return s.burst, nil
	}
	u, err := s.surge(ctx, "load/burst", s.opts.burst(), s.loadSource())
	if err == nil {
		s.burst = u
	}
	return u, err
}

func (o *Options) burst() traffic.Arrivals {
	return traffic.Arrivals{Model: traffic.Poisson, Rate: traffic.Rate(o.LoadRate), Duration: o.LoadDuration, Seed: o.Seed}
}

// surgeCost is what a surge sends.
func surgeCost(a traffic.Arrivals) Cost {
	n := 0
	for range a.Times() {
		n++
	}
	return Cost{Requests: n, Events: n, Pause: a.Duration}
}

// afterBurst is the cost of a check that looks at the burst.
func afterBurst(more Cost) func(*Options) Cost {
	return func(o *Options) Cost {
		if ok, _ := o.selected(loadBurst()); ok {
			return more
		}
		c := surgeCost(o.burst())
		return Cost{Requests: c.Requests + more.Requests, Events: c.Events + more.Events, Pause: c.Pause + more.Pause}
	}
}

func loadBurst() *Check {
	return &Check{
		ID: "load/burst", Title: "a burst of events is acknowledged in time", Level: Should, Basis: []Basis{Judgement}, Impact: Load,
		Requirement: "Under 20 events a second for 10 seconds at least 99.5 % are accepted, and the 95th percentile of the acknowledgements is at most 2 s.", Source: srcOurs,
		Probe: "Events of a living chat, at random distances with a mean of 20 a second for 10 s (--load-rate, --load-duration), sent when they are due whatever is still unanswered.",
		Doc: Doc{
			Passes:       "At least 99.5 % are accepted, and the 95th percentile is at most 2 s, counted from when each was due; else it warns.",
			Alternatives: "A 4xx that is about the event itself is not counted; 429 and 503 are judged by load/shedding.",

			Why:   "A message to a large group, or the end of an outage, brings many events at once; what is not acknowledged is retried twice and then lost.",
			Cause: "the receiver works before it answers, on a few threads or connections to a database",
			Fix:   "put the event on a queue, answer 200 at once and work afterwards; give the receiver more workers",
		},
		needs: needBaseline, phase: phaseLoad, Cost: func(o *Options) Cost { return surgeCost(o.burst()) },
		Run: func(ctx context.Context, p *Pass) error {
			u, err := p.theBurst(ctx)
			if err == nil {
				p.judgeSurge(u, 95)
			}
			return err
		},
	}
}

func loadShedding() *Check {
	return &Check{
		ID: "load/shedding", Title: "a burst is not turned away", Level: Should, Basis: []Basis{BestPractice}, Impact: Load,
		Requirement: "A receiver that has too much to do says so with 429 or 503; better, it takes the event and works later.", Source: srcPractice,
		Probe: "Nothing of its own: the answers to load/burst.",
		Doc: Doc{
			Passes:       "None is 429 or 503; one that is warns.",
			Alternatives: "With retryOnFailure what is turned away comes twice more, after 10 and 30 s.",

			Why:   "CometChat retries only twice, after 10 and 30 seconds: what is turned away three times is lost.",
			Cause: "a rate limit or a full queue in front of the receiver",
			Fix:   "exempt the webhook from the rate limit, or take events into a queue that lasts",
		},
		needs: needBaseline, phase: phaseLoad, Cost: afterBurst(Cost{}),
		Run: func(ctx context.Context, p *Pass) error {
			u, err := p.theBurst(ctx)
			if err != nil {
				return err
			}
			if n := u.shed(); n > 0 {
				p.fail(nil, "shed", "%d of %d events were turned away with 429 or 503", n, u.Scheduled)
			}
			return nil
		},
	}
}

func loadRecovery() *Check {
	return &Check{
		ID: "load/recovery", Title: "after a burst all is as before", Level: Should, Basis: []Basis{Judgement}, Impact: Load,
		Requirement: "10 seconds after a burst plain events are accepted within 2 seconds.", Source: srcOurs,
		Probe: "Three plain events, as long after load/burst as it lasted.",
		Doc: Doc{
			Passes:       "2xx within 2 s each; else it warns.",
			Alternatives: "Still working on what was taken in the burst.",

			Why:   "A receiver that has fallen over stays silent until somebody looks.",
			Cause: "work has piled up in the receiver's memory, or connections to a database are not given back",
			Fix:   "bound what is under way, and give back what is taken also after errors",
		},
		needs: needBaseline, phase: phaseLoad, certain: true,
		Cost: func(o *Options) Cost { return afterBurst(Cost{Requests: 3, Events: 3, Pause: o.LoadDuration})(o) },
		Run: func(ctx context.Context, p *Pass) error {
			if _, err := p.theBurst(ctx); err != nil {
				return err
			}
			if !pause(ctx, p.s.opts.LoadDuration) {
				return ctx.Err()
			}
			for range 3 {
				body, err := p.s.plainEvent()
				if err != nil {
					return err
				}
				x, err := p.send(ctx, probe{body: body})
				switch {
				case err != nil:
					return err
				case x.answer == unclear:
					return &unclearError{x.why}
				case !x.accepted():
					p.fail(x, "not-accepted", "%s after the burst a plain event was not accepted: %s", ms(p.s.opts.LoadDuration), describe(&x.attempt))
					return nil
				case x.attempt.Timing.LastByte > hardLimit:
					p.fail(x, "slow", "%s after the burst a plain event took %s", ms(p.s.opts.LoadDuration), ms(x.attempt.Timing.LastByte))
					return nil
				}
			}
			return nil
		},
	}
}

// drain is how long after a burst its effects may take: thrice as long as it.
func (o *Options) drain() time.Duration { return max(3*o.LoadDuration, 2*time.Second) }

func loadNoLoss() *Check {
	return &Check{
		ID: "load/no-loss", Title: "what was accepted in a burst has its effect", Level: Should, Basis: []Basis{Judgement}, Impact: Load,
		Requirement: "Each event that was accepted in a burst has an effect within 30 seconds.", Source: srcOurs,
		Probe: "Nothing of its own: the observer is asked for the effects of all accepted events of load/burst, for three times as long as it lasted.",
		Doc: Doc{
			Passes:       "Each has an effect by then; one that has none warns.",
			Alternatives: "Working late, within that time.",

			Why:   "Whoever answers 200 takes over the event: it never comes again.",
			Cause: "the queue behind the receiver drops what is too much, or lives in the memory of a process that was restarted",
			Fix:   "answer 200 only when the event is where it lasts",
		},
		needs: needBaseline, phase: phaseLoad, observed: true, Cost: afterBurst(Cost{}),
		Run: func(ctx context.Context, p *Pass) error {
			u, err := p.theBurst(ctx)
			if err != nil {
				return err
			}
			keys := u.keys()
			if len(keys) == 0 {
				p.skip("no event of the burst was accepted")
				return nil
			}
			missing := func(effects map[string]int) int {
				n := 0
				for _, key := range keys {
					if effects[key] == 0 {
						n++
					}
				}
				return n
			}
			effects, err := p.s.observe(ctx, keys, p.s.opts.drain(), func(e map[string]int) bool { return missing(e) == 0 })
			if err != nil {
				return err
			}
			if n := missing(effects); n > 0 {
				p.fail(nil, "no-effect", "%d of %d accepted events had no effect", n, len(keys))
			}
			return nil
		},
	}
}
