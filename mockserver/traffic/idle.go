package traffic

import (
	"slices"
	"sync"
	"time"
)

// idle are lines over plain TCP that are connected and have nothing to do.
//
// Their workers wait, each for its connection to have something to read. What is due
// is written by the scheduler itself, at once: to wake a worker first would cost more
// than to write, and on a machine at rest a tenth of a millisecond. The answer wakes
// the worker.
type idle struct {
	mu      sync.Mutex // guards what follows, and what of its lines the scheduler uses
	lines   []*http1   // the one that was used last is at the end
	over    bool       // no line may rest any more
	wanted  bool       // the scheduler waits for a line
	offered chan struct{}

	contended bool // the scheduler, whose it is, has had to wait for mu
}

func newIdle() *idle { return &idle{offered: make(chan struct{}, 1)} }

// resting is what a line in idle was told.
type resting struct {
	fd    uintptr
	told  told
	job   job
	sent  time.Duration // since the start of the run
	wrote int
	err   error
}

// told is what ends the rest of a line.
type told int

const (
	nothing told = iota // it still rests, or its connection has ended
	sendJob             // its request was written, as far as that went
	takeJob             // a job waits in the channel
	stop                // the run is over
)

// largestDirect bounds the events that the scheduler writes itself: what it writes has
// to fit into the socket's buffer.
const largestDirect = 8 << 10

var longAgo = time.Unix(1, 0)

// rest waits until the line is told something. If it returns nothing, the connection
// is of no use any more.
func (l *http1) rest(i *idle) told {
	_ = l.conn.SetDeadline(time.Time{}) // what is wrong with the connection shows at once
	if l.aborted.Load() {               // before the deadline was moved
		return nothing
	}
	begun := false
	l.resting = resting{}
	_ = l.raw.Read(func(fd uintptr) (done bool) { // what fails here fails in the next read
		i.mu.Lock()
		defer i.mu.Unlock()
		if !begun {
			begun = true
			l.resting.fd = fd
			return !i.add(l)
		}
		if !l.get(fd) {
			return false
		}
		i.remove(l) // nobody has asked for what has come
		return true
	})
	i.mu.Lock()
	defer i.mu.Unlock()
	i.remove(l)
	return l.resting.told
}

// add begins the rest of a line, unless the run is over.
func (i *idle) add(l *http1) bool {
	if i.over {
		l.resting.told = stop
		return false
	}
	i.lines = append(i.lines, l)
	if i.wanted {
		i.wanted = false
		select {
		case i.offered <- struct{}{}:
		default: // from before, and not yet taken
		}
	}
	return true
}

// remove takes a line out, if it still rests.
func (i *idle) remove(l *http1) {
	if n := slices.Index(i.lines, l); n >= 0 {
		i.lines = slices.Delete(i.lines, n, n+1)
	}
}

// pop takes a line out that rests, nil if none does.
func (i *idle) pop() *http1 {
	n := len(i.lines) - 1
	if n < 0 {
		return nil
	}
	l := i.lines[n]
	i.lines[n], i.lines = nil, i.lines[:n]
	return l
}

// give has a line that rests send a job, and tells whether there was one. If there
// was none and wait is set, offered says when there may be.
func (i *idle) give(j job, start time.Time, timeout time.Duration, wait bool) bool {
	if !i.mu.TryLock() {
		i.contended = true
		i.mu.Lock()
	}
	defer i.mu.Unlock()
	l := i.pop()
	if i.wanted = wait && l == nil; l == nil {
		return false
	}
	l.compose(j.event.body)
	now := time.Now()
	_ = l.conn.SetDeadline(now.Add(timeout))
	l.resting.told, l.resting.job, l.resting.sent = sendJob, j, now.Sub(start)
	l.resting.wrote, l.resting.err = l.put(l.resting.fd)
	if l.resting.wrote < len(l.out) {
		_ = l.conn.SetDeadline(longAgo) // wakes its worker, which does the rest
	}
	return true
}

// call has a line that rests take a job from the channel, and tells whether there was
// one; otherwise offered says when there may be.
func (i *idle) call() bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	l := i.pop()
	if i.wanted = l == nil; l == nil {
		return false
	}
	l.resting.told = takeJob
	_ = l.conn.SetDeadline(longAgo)
	return true
}

// end tells all lines that the run is over.
func (i *idle) end() {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.over = true
	for l := i.pop(); l != nil; l = i.pop() {
		l.resting.told = stop
		_ = l.conn.SetDeadline(longAgo)
	}
}

// answered is the rest of the exchange that give has begun, which may last until the
// deadline.
func (l *http1) answered(deadline time.Time) outcome {
	wrote, err := l.resting.wrote, l.resting.err
	if wrote < len(l.out) && err == nil {
		_ = l.conn.SetDeadline(deadline)
		wrote, err = l.writeRest(wrote, err)
	}
	o, keep := l.conclude(wrote, err)
	l.ended(&o, keep)
	return o
}
