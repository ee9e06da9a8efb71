package traffic

import (
	"context"
	"io"
	"sync"
	"sync/atomic"
	"time"
)

// Source makes the events of a run. It is asked by one goroutine, and ahead. One that
// is an io.Closer is closed at the end.
type Source interface {
	// Next returns dst with the next event, one JSON object, appended to it, and the
	// event's trigger; nil if there are no more.
	Next(dst []byte) (all []byte, trigger string)
}

// Bounds of what is generated ahead: enough for the longest rest of a busy machine
// at the highest rates, and some megabytes at most.
const (
	slabEvents = 64
	slabBytes  = 256 << 10 // a slab is full from here on
	slabsAhead = 32
)

// slab is some events that were made at once. Its memory is used again when the
// last of them is done.
type slab struct {
	buf    []byte
	events []event
	left   atomic.Int32
}

// event is one of a slab.
type event struct {
	n       int64 // of those of the source
	body    []byte
	trigger string
	key     string // of its conversation, "" if its order does not matter
	turn    *turn  // from when it is taken until it is done; nil without a key
	of      *slab
}

// prefetch keeps events ready.
type prefetch struct {
	full  chan *slab
	free  chan *slab
	ready chan struct{} // closed when the first events are made, or none ever will be

	conversation func(body []byte) string // nil if order does not matter
	order        *order

	mu      sync.Mutex // guards what follows
	taken   int64      // events
	now     *slab      // being taken from
	next    int        // of its events
	starved time.Duration
	ended   bool
}

func newPrefetch(conversation func([]byte) string) *prefetch {
	return &prefetch{
		full: make(chan *slab, slabsAhead), free: make(chan *slab, slabsAhead+2), ready: make(chan struct{}),
		conversation: conversation, order: newOrder(),
	}
}

// run makes events until there are no more or ctx ends.
func (p *prefetch) run(ctx context.Context, source Source) {
	var once sync.Once
	ready := func() { once.Do(func() { close(p.ready) }) }
	defer ready()
	defer close(p.full)
	if c, ok := source.(io.Closer); ok {
		defer c.Close()
	}
	for {
		s := p.slab()
		more := p.fill(s, source)
		if len(s.events) > 0 {
			select {
			case p.full <- s:
				ready()
			case <-ctx.Done():
				return
			}
		}
		if !more {
			return
		}
	}
}

func (p *prefetch) slab() *slab {
	select {
	case s := <-p.free:
		return s
	default:
		return &slab{events: make([]event, 0, slabEvents)}
	}
}

// fill makes the events of a slab, and tells whether there may be more.
func (p *prefetch) fill(s *slab, source Source) (more bool) {
	s.buf, s.events = s.buf[:0], s.events[:0]
	more = true
	var ends [slabEvents]int
	for more && len(s.events) < slabEvents && len(s.buf) < slabBytes {
		all, trigger := source.Next(s.buf)
		if all == nil {
			more = false
			break
		}
		s.buf = all
		ends[len(s.events)] = len(all)
		s.events = append(s.events, event{trigger: trigger, of: s})
	}
	start := 0
	for i := range s.events { // only now does the buffer no longer move
		s.events[i].body = s.buf[start:ends[i]:ends[i]]
		start = ends[i]
		if p.conversation != nil {
			s.events[i].key = p.conversation(s.events[i].body)
		}
	}
	s.left.Store(int32(len(s.events)))
	return more
}

// take returns the next event, nil if there are no more.
func (p *prefetch) take() *event {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ended {
		return nil
	}
	if p.now == nil && !p.turn() {
		p.ended = true
		return nil
	}
	e := &p.now.events[p.next]
	e.n = p.taken
	p.taken++
	if p.next++; p.next == len(p.now.events) {
		p.now = nil // it may be filled anew as soon as its last event is done
	}
	if e.key != "" {
		e.turn = p.order.join(e.key)
	}
	return e
}

// turn goes on to the next slab. The lock is held while it waits: nobody else
// could take anything either.
func (p *prefetch) turn() bool {
	p.next = 0
	select {
	case s, ok := <-p.full:
		p.now = s
		return ok
	default:
	}
	from := time.Now()
	s, ok := <-p.full
	p.starved += time.Since(from)
	p.now = s
	return ok
}

// drop is done for an event that was taken and not sent.
func (p *prefetch) drop(e *event) {
	e.turn.wait()
	p.done(e)
}

// done lets the next of the conversation go, and gives the event's memory back.
func (p *prefetch) done(e *event) {
	p.order.leave(e.turn)
	s := e.of
	if s.left.Add(-1) > 0 {
		return
	}
	if cap(s.buf) > 2*slabBytes { // one event was huge
		s.buf = nil
	}
	select {
	case p.free <- s:
	default:
	}
}

// starvedFor returns how long events were waited for.
func (p *prefetch) starvedFor() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.starved
}
