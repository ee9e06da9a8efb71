//go:build e2e && bench && linux

package main

import (
	"flag"
	"testing"
	"time"
)

var (
	benchTools  = flag.String("tools", "", "folder with stripe-mock and prism; \"\" leaves the peers out")
	benchRounds = flag.Int("rounds", 7, "how often each figure is taken")
	benchRound  = flag.Duration("round", 2*time.Second, "how long a round of load takes")
)

// TestBench measures the built command beside its peers. All contestants take
// turns in each round, so that what else the machine does meets them alike; the
// medians count. With -update the figures go into mockserver/BENCHMARKS.md.
func TestBench(t *testing.T) {
	bin := e2eBuild(t)
	var tables []benchTable
	for _, measure := range []struct {
		name string
		f    func(*testing.T, string) benchTable
	}{
		{"Management", benchManagement},
		{"Start", benchStart},
		{"Deliveries", benchDeliveries},
		{"Neighbours", benchNeighbours},
	} {
		t.Run(measure.name, func(t *testing.T) { tables = append(tables, measure.f(t, bin)) })
	}
	if !t.Failed() {
		benchWrite(t, benchFile, tables)
	}
}
