//go:build e2e && unix

package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// e2eCrash: what a server has accepted is delivered, and known as delivered,
// although it and its worker are killed again and again.
func e2eCrash(t *testing.T, bin string) {
	const (
		events = 20_000
		kills  = 10
	)
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed of the kills: %d", seed)
	rng := rand.New(rand.NewPCG(seed, 0))

	s := e2eServes(t, bin, "--data", t.TempDir(), "--nats-listen", fmt.Sprint("127.0.0.1:", e2eFreePort(t)), "--nats-token", mockToken, "--no-worker")
	nats := s.addresses().NATS
	worker := e2eWorks(t, bin, nats)
	sink := e2eSinks(t)
	s.webhook("hook", sink.url, true)

	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	accepted, fired := e2eFires(ctx, s, "hook", events)
	// Each kill comes when so many are accepted and some milliseconds later, and
	// more are being fired.
	moments := make([]int64, kills)
	for i := range moments {
		moments[i] = rng.Int64N(events * 9 / 10)
	}
	slices.Sort(moments)
	victims := rng.Perm(kills) // half of them are the server
	for i, moment := range moments {
		accepted.reach(ctx, moment, moment+events/10)
		time.Sleep(time.Duration(rng.IntN(50)) * time.Millisecond)
		if victims[i]%2 == 0 {
			s.process.kill()
			s.process.keepsCalm(t)
			s.start()
		} else {
			worker.kill()
			worker.keepsCalm(t)
			worker = e2eWorks(t, bin, nats)
		}
	}
	if err := fired(); err != nil {
		t.Fatal(err)
	}
	// What a dead worker had in hand comes back half a minute later at most.
	s.settled(90 * time.Second)
	accepted.arrived(t, sink)
	accepted.recorded(t, s)
	s.process.keepsCalm(t)
	worker.keepsCalm(t)
}
