package conformance

import (
	"cmp"
	"context"
	"slices"
	"time"

	"hookproof/mockserver/traffic"
)

func loadSpike() *Check {
	return &Check{
		ID: "load/spike", Title: "a hundred events in a second are acknowledged in time", Level: Should, Basis: []Basis{Judgement}, Impact: Load,
		Requirement: "Of 100 events in one second at least 99.5 % are accepted, and the 99th percentile of the acknowledgements is at most 2 s.", Source: srcOurs,
		Probe: "As load/burst, five times as many a second for a tenth of its time.",
		Doc: Doc{
			Passes:       "At least 99.5 % are accepted, and the 99th percentile is at most 2 s, counted from when each was due; else it warns.",
			Alternatives: "429 and 503 are judged by load/shedding.",

			Why:   "A call in a large group or a campaign reaches everyone at once.",
			Cause: "the receiver works before it answers, on a few threads or connections to a database",
			Fix:   "put the event on a queue, answer 200 at once and work afterwards",
		},
		Implied: []string{"load/burst"},
		needs:   needBaseline, phase: phaseLoad, Cost: func(o *Options) Cost { return surgeCost(o.spike()) },
		Run: func(ctx context.Context, p *Pass) error {
			u, err := p.s.surge(ctx, p.Check.ID, p.s.opts.spike(), p.s.loadSource())
			if err == nil {
				p.judgeSurge(u, 99)
			}
			return err
		},
	}
}

func (o *Options) spike() traffic.Arrivals {
	return traffic.Arrivals{Model: traffic.Constant, Rate: traffic.Rate(spikeFactor * o.LoadRate), Duration: o.LoadDuration / 10, Seed: o.Seed}
}

func loadRetryStorm() *Check {
	gaps := func(o *Options) []time.Duration { return []time.Duration{0, o.retryGap(), 2 * o.retryGap()} }
	return &Check{
		ID: "load/retry-storm", Title: "an outage's events, all at once and again, are acknowledged", Level: Should, Basis: []Basis{BestPractice}, Impact: Load,
		Requirement: "50 events that come three times each, all at once, are accepted, and have one effect each.", Source: srcPractice,
		Probe: "50 events at once, and the same again 0.1 s and 0.3 s later (10 and 30 s with the real clock).",
		Doc: Doc{
			Passes:       "2xx within 2 s for all; else it warns, and 429 and 503 do too. With an observer, anything but one effect of each warns.",
			Alternatives: "Answering duplicates without telling them apart, if nobody observes effects.",

			Why:   "After an outage the retries of all that was missed come within seconds, many of what had arrived after all.",
			Cause: "the check for duplicates reads before it writes, so that copies at the same time pass it; or it locks all events against each other",
			Fix:   "record the idempotency key of an event with a unique constraint in the same transaction as its effect",
		},
		needs: needBaseline, phase: phaseLoad,
		Cost: func(o *Options) Cost {
			return Cost{Requests: 3 * stormEvents, Events: 3 * stormEvents, Pause: 3*o.retryGap() + 3*time.Second}
		},
		Run: func(ctx context.Context, p *Pass) error {
			source := p.s.loadSource()
			source.bodies = nil
			for range stormEvents {
				source.Next(nil)
			}
			bodies := source.bodies
			for i, gap := range gaps(&p.s.opts) {
				if !pause(ctx, gap) {
					return ctx.Err()
				}
				u, err := p.s.surge(ctx, p.Check.ID, traffic.Arrivals{Model: traffic.Burst, Rate: stormEvents, Duration: time.Second}, &fixedSource{bodies})
				if err != nil {
					return err
				}
				u.bodies = bodies
				n, most := u.broken()
				if shed := u.shed(); shed > n {
					most = "turned away with 429 or 503"
				}
				if n += u.shed(); n > 0 {
					p.fail(nil, "lost", "of %d events at once %d were not acknowledged the %s time, most of them %s", stormEvents, n, []string{"first", "second", "third"}[i], most)
					return nil
				}
				if i == 2 && p.s.opts.Observe != nil {
					return p.oneEffectEach(ctx, u.keys())
				}
			}
			return nil
		},
	}
}

// oneEffectEach fails what events that came three times have done more than once.
func (p *Pass) oneEffectEach(ctx context.Context, keys []string) error {
	effects, err := p.s.observe(ctx, keys, p.s.opts.drain(), func(e map[string]int) bool {
		for _, key := range keys {
			if e[key] == 0 {
				return false
			}
		}
		return true
	})
	if err != nil {
		return err
	}
	more, none := 0, 0
	for _, key := range keys {
		switch n := effects[key]; {
		case n == 0:
			none++
		case n > 1:
			more++
		}
	}
	if more > 0 {
		p.fail(nil, "repeated", "%d of %d events that came three times had more than one effect", more, len(keys))
	}
	if none > 0 {
		p.fail(nil, "no-effect", "%d of %d events that were acknowledged three times had no effect", none, len(keys))
	}
	return nil
}

func loadSustained() *Check {
	return &Check{
		ID: "load/sustained", Title: "under a steady load the receiver does not tire", Level: May, Basis: []Basis{Judgement}, Impact: Load,
		Requirement: "Under 5 events a second for 5 minutes fewer than 0.5 % fail, and acknowledgements do not become slower.", Source: srcOurs,
		Probe: "As load/burst, at a quarter of its rate for thirty times as long. If times have grown, up to 10 single events follow.",
		Doc: Doc{
			Passes: "Always; 0.5 % or more that are not acknowledged, and times that grow from the first third to the last, inform, " +
				"unless a single event after it is as quick as before: then something else was busy for a while.",
			Alternatives: "A slow first minute, or a slow last one.",

			Why:   "What grows with each event, a table without an index or a list in memory, shows in minutes.",
			Cause: "something is kept of each event and searched for each event",
			Fix:   "index what is searched, bound what is kept",
		},
		Implied: []string{"load/burst"},
		needs:   needBaseline, phase: phaseLoad, Cost: func(o *Options) Cost { return surgeCost(o.sustained()) },
		Run: func(ctx context.Context, p *Pass) error {
			u, err := p.s.surge(ctx, p.Check.ID, p.s.opts.sustained(), p.s.loadSource())
			if err != nil {
				return err
			}
			p.measure("p95", float64(u.Latency.Quantile(95).Microseconds())/1000, "ms")
			if n, _ := u.broken(); float64(n+u.shed()) > mostUndelivered/100*float64(u.Scheduled) {
				p.info(nil, "lost", "%d of %d events were not acknowledged", n+u.shed(), u.Scheduled)
			}
			times := acknowledged(u.attempts)
			grown, sure := trend(times)
			if !sure {
				return nil
			}
			// A receiver that searches what it has kept is slow for a single event too. A
			// machine that was busy with something else, be it ours, is not for long.
			quick, err := p.quickAtRest(ctx, times[:len(times)/3])
			if err != nil {
				return err
			}
			if !quick {
				p.info(nil, "drift", "acknowledgements became slower, by %s from the beginning to the end", ms(grown))
			}
			return nil
		},
	}
}

// Single events after a load, and the pause before each.
const (
	rested      = 10
	restedApart = 100 * time.Millisecond
)

// quickAtRest sends a few plain events, one after another, until one is accepted no
// slower than those before.
func (p *Pass) quickAtRest(ctx context.Context, before []time.Duration) (bool, error) {
	for range rested {
		if !pause(ctx, restedApart) {
			return false, ctx.Err()
		}
		body, err := p.s.plainEvent()
		if err != nil {
			return false, err
		}
		x, err := p.send(ctx, probe{body: body})
		if err != nil {
			return false, err
		}
		if x.accepted() && !slower(before, x.attempt.Timing.LastByte) {
			return true, nil
		}
	}
	return false, nil
}

func (o *Options) sustained() traffic.Arrivals {
	return traffic.Arrivals{Model: traffic.Poisson, Rate: traffic.Rate(o.LoadRate / 4), Duration: sustainedLonger * o.LoadDuration, Seed: o.Seed}
}

// notablySlower is what acknowledgements have to grow by.
const notablySlower = 20 * time.Millisecond

// acknowledged returns the times to the answers in the order of the requests.
func acknowledged(attempts []traffic.Attempt) []time.Duration {
	var times []time.Duration
	for _, a := range slices.SortedFunc(slices.Values(attempts), func(a, b traffic.Attempt) int { return cmp.Compare(a.Sent, b.Sent) }) {
		if a.Failure == "" {
			times = append(times, a.Done-a.Sent)
		}
	}
	return times
}

// trend compares the median of the last third of the times with the first third.
func trend(times []time.Duration) (grown time.Duration, sure bool) {
	const enough = 30
	if len(times) < enough {
		return 0, false
	}
	third := len(times) / 3
	first, after := times[:third], percentile(times[len(times)-third:], 50)
	return after - percentile(first, 50), slower(first, after)
}

// slower tells of a time that it is more than those before: by more than their median and
// by more than is notable, and more than nine tenths of them.
func slower(before []time.Duration, after time.Duration) bool {
	median := percentile(before, 50)
	return after-median > max(median, notablySlower) && percentile(before, 90) < after
}

func loadDeployGap() *Check {
	return &Check{
		ID: "load/deploy-gap", Title: "a deployment during traffic loses nothing", Level: May, Basis: []Basis{Judgement}, Impact: Load,
		Requirement: "While the receiver is replaced, no gap is longer than what the provider's retries bridge.", Source: srcOurs,
		Probe: "2 events a second for a minute, a tenth of load/burst's rate for six times as long, while you deploy. Only if --run names it.",
		Doc: Doc{
			Passes:       "Always; the share that failed and the longest time without an acknowledgement inform.",
			Alternatives: "A gap of less than 10 s, which the first retry bridges.",

			Why:   "Retries come after 10 and 30 seconds: a gap of less than 10 s costs nothing, one of more than 40 s loses events.",
			Cause: "the old process ends before the new one is ready",
			Fix:   "start the new one first, and let the old one end what it has begun",
		},
		byName: true,
		needs:  needBaseline, phase: phaseLoad, Cost: func(o *Options) Cost { return surgeCost(o.deploy()) },
		Run: func(ctx context.Context, p *Pass) error {
			u, err := p.s.surge(ctx, p.Check.ID, p.s.opts.deploy(), p.s.loadSource())
			if err != nil {
				return err
			}
			gap := longestGap(u.attempts)
			p.measure("longest gap", float64(gap.Microseconds())/1000, "ms")
			if n := u.Undelivered(); n > 0 {
				bridged := "which the first retry, after 10 s, bridges"
				switch {
				case gap > 40*time.Second:
					bridged = "which is longer than the retries, after 10 and 30 s, bridge: events are lost"
				case gap > 10*time.Second:
					bridged = "which the second retry, 30 s after the first, bridges"
				}
				p.info(nil, "gap", "%d of %d events failed, and for %s nothing was acknowledged, %s", n, u.Scheduled, ms(gap), bridged)
			}
			return nil
		},
	}
}

func (o *Options) deploy() traffic.Arrivals {
	return traffic.Arrivals{Model: traffic.Constant, Rate: traffic.Rate(o.LoadRate / 10), Duration: deployLonger * o.LoadDuration, Seed: o.Seed}
}

// longestGap is the longest time without an accepted event, of those in which one was
// refused or lost.
func longestGap(attempts []traffic.Attempt) time.Duration {
	last, longest, failed := time.Duration(0), time.Duration(0), false
	for _, a := range attempts {
		if a.Failure != "" || a.Status/100 != 2 {
			failed = true
			longest = max(longest, a.Done-last)
			continue
		}
		if failed {
			longest = max(longest, a.Done-last)
		}
		last, failed = a.Done, false
	}
	return longest
}
