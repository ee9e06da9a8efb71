package mockserver

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"hookproof/fixtures"
	"hookproof/mockserver/queue"
	"hookproof/schemas"
)

// MaxPlays bounds the scenarios that are played at once.
const MaxPlays = 16

// Play says which scenario to play.
type Play struct {
	App      string             // "" if the server has one app only
	Webhook  string             // only to this one; "" is every webhook that wants the trigger
	Scenario *fixtures.Scenario // required
	Seed     uint64             // 0 is a fresh one
	// Speed is how many times as fast as in its own time it is played; 0 is at once.
	Speed float64
}

// Played is what was begun by a Play.
type Played struct {
	Seed    uint64  `json:"seed"`    // gives the same scenario again
	Events  int     `json:"events"`  // that will be delivered, to each webhook that wants them then
	Seconds float64 `json:"seconds"` // that it will take
}

// plays are the scenarios that are being played.
type plays struct {
	mu     sync.Mutex
	stop   map[int]context.CancelFunc
	next   int
	played sync.WaitGroup
}

// begin makes room for one more, and returns what ends it.
func (p *plays) begin(ctx context.Context) (context.Context, func(), bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.stop) == MaxPlays || ctx.Err() != nil {
		return nil, nil, false
	}
	if p.stop == nil {
		p.stop = map[int]context.CancelFunc{}
	}
	ctx, cancel := context.WithCancel(ctx)
	p.next++
	id := p.next
	p.stop[id] = cancel
	return ctx, func() {
		cancel()
		p.mu.Lock()
		defer p.mu.Unlock()
		delete(p.stop, id)
	}, true
}

// end ends all.
func (p *plays) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, stop := range p.stop {
		stop()
	}
}

// Play begins a scenario: its people are new, and what is told of it is accepted for
// delivery when the scenario says, to the webhooks that want it then. It ends with
// Run or Reset; what was accepted is delivered all the same. An error is a
// *RequestError, and nothing was begun.
func (s *Server) Play(_ context.Context, p Play) (Played, error) {
	app, err := s.appOf(p.App)
	if err != nil {
		return Played{}, err
	}
	c := s.store.read(app.ID)
	switch {
	case p.Scenario == nil:
		return Played{}, &RequestError{"name", "want the name of a scenario: GET /v1/scenarios lists them"}
	case cmp.Or(c.Generation, app.Generation).schemas() == schemas.Legacy:
		return Played{}, &RequestError{"app", "all that is told of scenarios is modern, the app's webhooks are of the legacy generation"}
	case p.Webhook != "" && c.webhook(p.Webhook) == nil:
		return Played{}, &RequestError{"webhook", fmt.Sprintf("app %s has no webhook %.60q", app.ID, p.Webhook)}
	case p.Speed != 0 && !(p.Speed >= 0.001 && p.Speed <= 1e6):
		return Played{}, &RequestError{"speed", "want 0.001 to 1000000 times as fast, or none for at once"}
	}
	ctx, done, ok := s.plays.begin(s.running)
	if !ok {
		return Played{}, &RequestError{"name", fmt.Sprintf("%d scenarios are being played: want one to end before", MaxPlays)}
	}
	if p.Seed == 0 {
		p.Seed = 1 + rand.Uint64N(1<<53-1) // a number that every program can read
	}
	all, took := s.stage(app, p)
	s.plays.played.Go(func() {
		defer done()
		s.perform(ctx, app, p, all)
	})
	return Played{Seed: p.Seed, Events: len(all), Seconds: math.Round(took.Seconds()*1000) / 1000}, nil
}

// stage returns what will be delivered, and how long that takes. What happens ends
// about when its delivery does: nothing is told that is still to come.
func (s *Server) stage(app App, p Play) ([]fixtures.Delivery, time.Duration) {
	now := time.Now()
	run := func(start time.Time) []fixtures.Delivery {
		return slices.Collect(p.Scenario.Run(fixtures.NewWorld(fixtures.Options{
			Seed: p.Seed, AppID: app.ID, Region: app.Region, WebhookID: webhookMark,
			FirstID: now.UnixMicro(), Start: start, Documented: s.worlds.documented,
		})))
	}
	all := run(now)
	span := all[len(all)-1].At.Sub(all[0].At)
	took := time.Duration(0)
	if p.Speed > 0 {
		took = time.Duration(float64(span) / p.Speed)
	}
	return run(now.Add(min(0, took-span) - recently)), took
}

// perform accepts deliveries when they are due.
func (s *Server) perform(ctx context.Context, app App, p Play, all []fixtures.Delivery) {
	start := time.Now()
	for _, d := range all {
		due := start
		if p.Speed > 0 {
			due = start.Add(time.Duration(float64(d.At.Sub(all[0].At)) / p.Speed))
		}
		if !sleep(ctx, time.Until(due)) {
			return
		}
		if err := s.acceptEvent(ctx, app, p.Webhook, d.Event); err != nil && !errors.Is(err, context.Canceled) {
			s.log.Warn("a scenario's event is not delivered", "trigger", d.Trigger, "error", err)
		}
	}
}

// acceptEvent accepts an event for the webhooks that want it now.
func (s *Server) acceptEvent(ctx context.Context, app App, webhook string, e fixtures.Event) error {
	targets, err := s.targets(app.ID, webhook, e.Trigger, false)
	if _, refused := errors.AsType[*RequestError](err); refused {
		return nil // that webhook does not want it
	}
	if err != nil || len(targets) == 0 {
		return err
	}
	now := time.Now()
	jobs := make([]queue.Job, len(targets))
	for i, t := range targets {
		jobs[i] = queue.Job{
			Lane: lane(app.ID, t.ID), ID: newID(), Trigger: e.Trigger, Attempt: 1, Accepted: now, Due: now, Body: addressed(e.Body, t.ID, true),
		}
	}
	return s.accept(ctx, jobs, &Fired{})
}

// sleep tells whether the time passed before ctx ended.
func sleep(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}
