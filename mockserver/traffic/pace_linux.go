package traffic

import (
	"context"
	"runtime"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// pacer wakes its goroutine at given times. The runtime's timers are up to a
// millisecond late; the kernel's are not, if the thread asks for no slack.
type pacer struct {
	slack int
	spare bool // there is another processor for all else
	alone bool // nothing is waiting for the processor of the pacer's goroutine
}

// newPacer ties the goroutine that calls it to its thread until stop.
func newPacer() *pacer {
	runtime.LockOSThread()
	p := &pacer{slack: -1, spare: runtime.GOMAXPROCS(0) > 1}
	if slack, err := unix.PrctlRetInt(unix.PR_GET_TIMERSLACK, 0, 0, 0, 0); err == nil {
		p.slack = slack
		_ = unix.Prctl(unix.PR_SET_TIMERSLACK, 1, 0, 0, 0) // without it, sleeps are 50 µs longer
	}
	return p
}

func (p *pacer) stop() {
	if p.slack >= 0 {
		_ = unix.Prctl(unix.PR_SET_TIMERSLACK, uintptr(p.slack), 0, 0, 0)
	}
	runtime.UnlockOSThread()
}

// coarse is how far ahead the runtime's timers are good enough.
const coarse = 5 * time.Millisecond

// until sleeps until a time, and tells whether ctx let it.
func (p *pacer) until(ctx context.Context, at time.Time) bool {
	for {
		left := time.Until(at)
		switch {
		case ctx.Err() != nil:
			return false
		case left <= 0:
			return true
		case left > 2*coarse:
			p.alone = false
			if !wait(ctx, left-coarse) {
				return false
			}
		default:
			p.sleep(left)
		}
	}
}

// sleep takes a time of at most 2*coarse; signals of the runtime end it early.
//
// The runtime gives the processor of a thread that sleeps to others, and for each
// answer that comes then wakes a second thread to look for work that nobody has. That
// costs more than the answer does. So it is not told of sleeps after which nothing
// waits for this processor; should something do so all the same, the runtime sends a
// signal after 10 ms.
func (p *pacer) sleep(left time.Duration) {
	ts := unix.NsecToTimespec(int64(left))
	if p.spare && p.alone {
		_, _, _ = unix.RawSyscall(unix.SYS_NANOSLEEP, uintptr(unsafe.Pointer(&ts)), 0, 0)
		return
	}
	_ = unix.Nanosleep(&ts, nil)
}
