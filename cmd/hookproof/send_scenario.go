package main

import (
	"context"
	"iter"
	"time"

	"hookproof/fixtures"
)

// sendScenario plays a scenario to a receiver.
func (p *program) sendScenario(ctx context.Context, url string, f *sendFlags) error {
	if err := withoutCredentials("URL", url, f.auth); err != nil {
		return err
	}
	if err := f.check(); err != nil {
		return err
	}
	for _, other := range []struct {
		flag  string
		given bool
	}{{"set", len(f.set) > 0}, {"body", f.bodyFrom != ""}, {"force", f.force}, {"count", f.count != 1}, {"retry", f.retry}} {
		if other.given {
			return usagef("--%s: a scenario says itself what is sent and how often: leave it out", other.flag)
		}
	}
	scenario, err := findScenario("--scenario", f.scenario)
	if err != nil {
		return err
	}
	s, err := f.sending(p, url)
	if err != nil {
		return err
	}
	defer s.close()
	if !f.seedGiven() {
		f.seed = freshSeed(time.Now(), scenario.Events())
		say(p.stderr, "seed %d: --seed repeats these events\n", f.seed)
	}
	r := &replaying{
		s: s, speed: float64(f.speed), connections: 32, conversations: &fixtures.Conversations{}, dryRun: f.dryRun, json: f.json, out: p.stdout,
	}
	if f.speed == 0 {
		r.speed = -1
	}
	if r.speed < 0 {
		r.connections, r.conversations = 1, nil // strictly in its order
	}
	o := worldOf(f.seed, f.identity())
	o.Hurry = false
	return r.run(ctx, deliveries(scenario, fixtures.NewWorld(o)))
}

// deliveries yields what a scenario delivers.
func deliveries(s *fixtures.Scenario, w *fixtures.World) iter.Seq2[toReplay, error] {
	return func(yield func(toReplay, error) bool) {
		n := 0
		for d := range s.Run(w) {
			n++
			if !yield(toReplay{line: n, at: d.At, body: d.Body, trigger: d.Trigger}, nil) {
				return
			}
		}
	}
}
