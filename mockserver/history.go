package mockserver

import (
	"strings"
	"sync"

	"hookproof/mockserver/queue"
)

const (
	// maxHistory bounds the deliveries that a node remembers.
	maxHistory = 100_000
	// maxPositions bounds the attempts of a delivery that it can show.
	maxPositions = 32
)

// history is what a node remembers of the logs: each delivery's state and
// where its attempts are. It is safe for concurrent use.
type history struct {
	mu     sync.RWMutex
	byID   map[string]*record
	oldest *record // the records are a list, in the order in which they were heard of
	newest *record
	counts map[State]int
	names  map[string]string // one copy of each name
}

// record is a delivery and where the logs have more of it.
type record struct {
	Delivery
	attempts []queue.Position // in the log of attempts
	made     int              // attempts that were learned of
	dead     queue.Position   // in the log of the dead, 0 if it is not there
	seen     queue.Position   // of the last note that was learned

	older, newer *record
}

func newHistory() *history {
	h := &history{}
	h.clear()
	return h
}

// clear forgets everything. The caller holds the lock, or is the only one.
func (h *history) clear() {
	h.byID, h.counts, h.names = map[string]*record{}, map[State]int{}, map[string]string{}
	h.oldest, h.newest = nil, nil
}

func (h *history) reset() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.clear()
}

// learn takes a note of the log of attempts into the history. Notes may come
// twice, and that of an attempt before that of the acceptance.
func (h *history) learn(p queue.Position, n note) {
	h.mu.Lock()
	defer h.mu.Unlock()
	n = h.own(n)
	r, known := h.byID[n.id]
	if !known {
		r = h.add(n)
	}
	if p <= r.seen {
		return
	}
	r.seen = p
	switch {
	case n.kind == noteAccepted && known && n.accepted.Equal(r.Accepted):
		return // an attempt was faster
	case n.kind == noteDiscard:
		r.attempts = append(r.attempts, p) // for its event; it is no attempt
	case n.kind == noteAttempt:
		if len(r.attempts) == maxPositions {
			r.attempts = r.attempts[1:]
		}
		r.attempts = append(r.attempts, p)
		r.made++
		r.Attempts = max(r.Attempts, r.made)
		if n.accepted.Before(r.Accepted) {
			return // from before it began anew
		}
	}
	if n.last != "" {
		r.Last, r.MS = n.last, n.ms
	}
	r.Accepted = n.accepted
	r.move(h, n)
}

// expect takes an acceptance into the history that the log has just stored, and
// that will come from there again, behind what was stored before it.
func (h *history) expect(n note) {
	h.mu.Lock()
	defer h.mu.Unlock()
	n = h.own(n)
	r, known := h.byID[n.id]
	switch {
	case !known:
		h.add(n).move(h, n)
	case n.accepted.After(r.Accepted):
		r.Accepted = n.accepted
		r.move(h, n)
	}
}

// learnDead takes a note of the log of the dead, which is read before that of
// attempts and may know of older deliveries.
func (h *history) learnDead(p queue.Position, n note) {
	if n.kind == noteDead {
		n.dead = p
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	n = h.own(n)
	r, known := h.byID[n.id]
	if !known {
		r = h.add(n)
	}
	r.Attempts, r.Last = max(r.Attempts, n.attempt), n.last
	r.move(h, n)
}

func (h *history) add(n note) *record {
	if len(h.byID) >= maxHistory {
		h.forget()
	}
	r := &record{
		Delivery: Delivery{
			ID: strings.Clone(n.id), App: n.app, Webhook: n.webhook, Trigger: n.trigger, State: n.state, Accepted: n.accepted,
		},
		older: h.newest,
	}
	if h.newest != nil {
		h.newest.newer = r
	} else {
		h.oldest = r
	}
	h.newest = r
	h.byID[r.ID] = r
	h.counts[r.State]++
	return r
}

// move changes a record's state to that of a note.
func (r *record) move(h *history, n note) {
	h.counts[r.State]--
	r.State, r.Updated, r.Next, r.dead = n.state, n.at, n.next, n.dead
	h.counts[r.State]++
}

// own returns a note whose names keep nothing of the text that it was read from:
// else each record would hold on to a message of the log.
func (h *history) own(n note) note {
	n.app, n.webhook, n.trigger, n.last = h.name(n.app), h.name(n.webhook), h.name(n.trigger), h.name(n.last)
	n.state = State(h.name(string(n.state)))
	return n
}

// name returns a name as one string for all who have it.
func (h *history) name(s string) string {
	if known, ok := h.names[s]; ok {
		return known
	}
	if len(h.names) > 10_000 { // triggers that were forced may be many
		clear(h.names)
	}
	s = strings.Clone(s)
	h.names[s] = s
	return s
}

// forget drops the oldest record that is at its end, or else the oldest.
func (h *history) forget() {
	r := h.oldest
	for range 1000 {
		if r == nil || r.State == Delivered || r.State == Discarded {
			break
		}
		r = r.newer
	}
	if r == nil || r.State != Delivered && r.State != Discarded {
		r = h.oldest
	}
	if r.older != nil {
		r.older.newer = r.newer
	} else {
		h.oldest = r.newer
	}
	if r.newer != nil {
		r.newer.older = r.older
	} else {
		h.newest = r.older
	}
	delete(h.byID, r.ID)
	h.counts[r.State]--
}

// get returns a copy of a record.
func (h *history) get(id string) (record, bool) {
	h.mu.RLock()
	defer h.mu.RUnlock()
	r, ok := h.byID[id]
	if !ok {
		return record{}, false
	}
	return r.copy(), true
}

func (r *record) copy() record {
	return record{Delivery: r.Delivery, attempts: append([]queue.Position(nil), r.attempts...), dead: r.dead}
}

// page returns deliveries that match, the newest first, from behind the one
// with the id after; "" is from the newest. more tells whether there are others.
func (h *history) page(f *Filter, limit int, after string) (page []Delivery, more bool) {
	h.mu.RLock()
	defer h.mu.RUnlock()
	r := h.newest
	if after != "" {
		last, ok := h.byID[after]
		if !ok {
			return nil, false // forgotten, and so are those behind it
		}
		r = last.older
	}
	for ; r != nil; r = r.older {
		if !f.has(&r.Delivery) {
			continue
		}
		if len(page) == limit {
			return page, true
		}
		page = append(page, r.Delivery)
	}
	return page, false
}

// matching returns copies of all records that match, the oldest first.
func (h *history) matching(f *Filter) []record {
	h.mu.RLock()
	defer h.mu.RUnlock()
	var found []record
	for r := h.oldest; r != nil; r = r.newer {
		if f.has(&r.Delivery) {
			found = append(found, r.copy())
		}
	}
	return found
}

func (h *history) count(s State) int {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return h.counts[s]
}

// has tells whether a delivery is one that the filter chooses.
func (f *Filter) has(d *Delivery) bool {
	is := func(want, got string) bool { return want == "" || want == got }
	return is(f.App, d.App) && is(f.Webhook, d.Webhook) && is(f.Trigger, d.Trigger) && is(string(f.State), string(d.State)) &&
		!d.Accepted.Before(f.Since) && (f.Until.IsZero() || d.Accepted.Before(f.Until))
}
