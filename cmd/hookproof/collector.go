package main

import (
	"context"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

// Percentages of the garbage collector and the live heap at which one gives way to
// the next.
const (
	startPercent = 400 // what a start allocates stays for the most part
	smallPercent = 200 // a tenth less time for each answer, for some megabytes
	smallHeap    = 64 << 20
)

// collector chooses how much memory the garbage collector lets go to waste: a lot
// while there is little of it. It leaves a choice made by GOGC alone.
type collector struct{ usual int }

// newCollector chooses for a start.
func newCollector() *collector {
	return &collector{usual: debug.SetGCPercent(startPercent)}
}

// stop ends all choices.
func (c *collector) stop() { debug.SetGCPercent(c.usual) }

// run chooses for what follows the start, until ctx ends.
func (c *collector) run(ctx context.Context) {
	debug.SetGCPercent(c.usual)
	if c.usual != 100 { // Go's default
		return
	}
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	now := c.usual
	for {
		metrics.Read(live)
		wanted := c.usual
		if live[0].Value.Kind() == metrics.KindUint64 && live[0].Value.Uint64() < smallHeap {
			wanted = smallPercent
		}
		if wanted != now {
			now = wanted
			debug.SetGCPercent(now) // stops the world for a moment
		}
		if !wait(ctx, time.Second) {
			return
		}
	}
}
