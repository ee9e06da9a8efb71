//go:build !linux

package traffic

import (
	"context"
	"runtime"
	"time"
)

// pacer wakes its goroutine at given times: by a timer up to coarse before, and
// from there by giving way to others until it is time.
type pacer struct {
	alone bool // of use on Linux only
}

const coarse = 2 * time.Millisecond

func newPacer() *pacer { return &pacer{} }

func (*pacer) stop() {}

// until sleeps until a time, and tells whether ctx let it.
func (*pacer) until(ctx context.Context, at time.Time) bool {
	if left := time.Until(at); left > coarse && !wait(ctx, left-coarse) {
		return false
	}
	for time.Now().Before(at) {
		if ctx.Err() != nil {
			return false
		}
		runtime.Gosched()
	}
	return ctx.Err() == nil
}
