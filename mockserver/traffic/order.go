package traffic

import "sync"

// order keeps the events of a conversation apart: each waits until the one before
// it is done.
type order struct {
	mu   sync.Mutex
	last map[string]*turn // the last of each conversation in which something is under way
}

// turn is the place of an event in its conversation.
type turn struct {
	key    string
	before *turn
	done   chan struct{}
}

func newOrder() *order { return &order{last: map[string]*turn{}} }

// join takes the next place. Who joins in order is served in order.
func (o *order) join(key string) *turn {
	o.mu.Lock()
	defer o.mu.Unlock()
	t := &turn{key: key, before: o.last[key], done: make(chan struct{})}
	o.last[key] = t
	return t
}

// wait waits for the one before, and tells whether there was one. The nil turn is
// always free.
func (t *turn) wait() (waited bool) {
	if t.free() {
		return false
	}
	<-t.before.done
	t.before = nil // lest all that were before be kept
	return true
}

// free tells whether there is nothing to wait for.
func (t *turn) free() bool { return t == nil || t.before == nil }

// leave lets the next one go.
func (o *order) leave(t *turn) {
	if t == nil {
		return
	}
	o.mu.Lock()
	if o.last[t.key] == t {
		delete(o.last, t.key)
	}
	o.mu.Unlock()
	close(t.done)
}
