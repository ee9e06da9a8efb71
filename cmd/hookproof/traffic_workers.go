package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strconv"

	"hookproof/mockserver/fleet"
	"hookproof/mockserver/queue"
	"hookproof/mockserver/traffic"
)

// trafficWorkers is a flag: 0 is auto.
type trafficWorkers int

func (w *trafficWorkers) Type() string { return "NUMBER" }

func (w *trafficWorkers) String() string {
	if *w == 0 {
		return "auto"
	}
	return strconv.Itoa(int(*w))
}

func (w *trafficWorkers) Set(text string) error {
	if text == "auto" {
		*w = 0
		return nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > fleet.MaxWorkers {
		return fmt.Errorf("want 1 to %d, or auto", fleet.MaxWorkers)
	}
	*w = trafficWorkers(n)
	return nil
}

// distributed tells whether workers make the run. A queue in the environment alone,
// where it may be for others, does not say so.
func (f *trafficFlags) distributed() bool { return f.given("nats") || f.given("workers") }

// checkWorkers finds what does not go together.
func (f *trafficFlags) checkWorkers(p *program) error {
	switch {
	case f.distributed() && f.queue.nats.value(p.getenv) == "":
		return usagef("--workers: want --nats, the queue that they work for")
	case f.distributed() && f.log != "":
		return usagef("--log: what workers send is not logged: leave it out, or --nats")
	}
	return nil
}

// shareTraffic has workers make a run.
func (p *program) shareTraffic(ctx context.Context, f *trafficFlags, plan *trafficPlan, o traffic.Options) (*traffic.Result, error) {
	warn := &warnings{w: p.stderr}
	q, err := f.queue.open(ctx, p, logTo(warn, false))
	if err != nil {
		return nil, err
	}
	defer func() { _ = q.Close() }() // it is somebody else's
	spec, err := json.Marshal(plan)
	if err != nil {
		return nil, err
	}
	res, err := fleet.Run(ctx, q, fleet.Options{Traffic: o, Spec: spec, Workers: int(f.workers)})
	if errors.Is(err, fleet.ErrNoWorkers) {
		return nil, &exitError{statusFailed, fmt.Errorf("--nats: %w: start hookproof worker --nats on each machine that is to send", err)}
	}
	return res, err
}

// shareOfTraffic takes part in runs of traffic until ctx ends.
func shareOfTraffic(ctx context.Context, q *queue.Queue, name string, log *slog.Logger) error {
	return fleet.Work(ctx, q, fleet.Worker{Name: name, Log: log, Prepare: func(spec []byte) (func(int, traffic.Part) (traffic.Options, error), error) {
		var plan trafficPlan
		if err := json.Unmarshal(spec, &plan); err != nil {
			return nil, fmt.Errorf("not a plan of this hookproof: %w", err)
		}
		if _, err := plan.options(); err != nil {
			return nil, err
		}
		return func(n int, part traffic.Part) (traffic.Options, error) {
			o, err := plan.options()
			if err != nil {
				return o, err
			}
			o.Source, err = plan.source(n, mostOfPart(&plan, part))
			return o, err
		}, nil
	}})
}

// mostOfPart is how many ids a part may need.
func mostOfPart(t *trafficPlan, p traffic.Part) int64 {
	const spare, flatOut, ofScenario = 1000, 1_000_000, 110 // see plays
	most := int64(flatOut)
	if t.Arrivals.Rate != traffic.Max {
		// Bursts and chance are within the double; parts are all as long but the last.
		most = spare + 2*int64(float64(t.Arrivals.Rate)*max(1, (p.To-p.From).Seconds())/float64(p.Lanes))
	}
	if t.Scenario != nil {
		most *= ofScenario
	}
	return most
}
