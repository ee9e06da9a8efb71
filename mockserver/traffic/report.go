package traffic

import (
	"context"
	"time"
)

// reportEvery is how often progress is told.
const reportEvery = 250 * time.Millisecond

// report tells the progress until ctx ends.
func (r *run) report(ctx context.Context) {
	if r.o.Progress == nil {
		return
	}
	tick := time.NewTicker(reportEvery)
	defer tick.Stop()
	var before [int(time.Second/reportEvery) + 1]int64 // sent, at the last ticks
	for n := 0; ; n++ {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		p := Progress{Elapsed: max(0, r.now()), Due: r.due.Load(), Sent: r.sent.Load()}
		p.InFlight = p.Sent - r.done.Load()
		copy(before[1:], before[:])
		before[0] = p.Sent
		if ticks := min(n, len(before)-1); ticks > 0 {
			p.Rate = float64(p.Sent-before[ticks]) / (time.Duration(ticks) * reportEvery).Seconds()
		}
		r.recorder.progress(&p)
		r.o.Progress(p)
	}
}

// progress adds what the recorder knows.
func (r *recorder) progress(p *Progress) {
	r.mu.Lock()
	defer r.mu.Unlock()
	p.Errors = r.sum.Errors()
	p.P50, p.P99 = r.sum.Latency.Quantile(50), r.sum.Latency.Quantile(99)
}
