package mockserver

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"hookproof/mockserver/delivery"
	"hookproof/mockserver/queue"
)

// The keys of documents: one for each app, and two for all of them.
const (
	appKey    = "app."
	faultsKey = "faults"
	resetKey  = "reset"
)

// store keeps what the nodes share as documents of the queue, and a copy of
// them that follows.
type store struct {
	q      *queue.Queue
	synced chan struct{} // closed when the copy has all there is

	mu      sync.RWMutex
	apps    map[string]versioned[configuration]
	faults  versioned[FaultRules]
	reset   versioned[resetMark]
	changed []chan struct{} // one for each who waits for changes
}

// versioned is a document as it was at a revision.
type versioned[T any] struct {
	revision uint64
	value    T
}

// resetMark says when everything was reset: what was accepted before is void.
type resetMark struct {
	At time.Time `json:"at"`
}

var _ configurations = (*store)(nil)

func newStore(q *queue.Queue) *store {
	return &store{q: q, synced: make(chan struct{}), apps: map[string]versioned[configuration]{}}
}

// run keeps the copy up to date until ctx ends.
func (s *store) run(ctx context.Context) error {
	var once sync.Once
	return s.q.Documents().Watch(ctx, s.learn, func() { once.Do(func() { close(s.synced) }) })
}

// learn takes a document into the copy, unless the copy is newer.
func (s *store) learn(d queue.Document) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var err error
	app, isApp := strings.CutPrefix(d.Key, appKey)
	switch {
	case isApp:
		v := s.apps[app]
		if err = update(&v, d); err == nil {
			s.apps[app] = v
		}
	case d.Key == faultsKey:
		err = update(&s.faults, d)
	case d.Key == resetKey:
		err = update(&s.reset, d)
	}
	if err != nil {
		return // of a later version of hookproof, or not ours
	}
	for _, c := range s.changed {
		select {
		case c <- struct{}{}:
		default:
		}
	}
}

func update[T any](v *versioned[T], d queue.Document) error {
	if d.Revision <= v.revision {
		return nil
	}
	var value T
	if d.Value != nil {
		if err := json.Unmarshal(d.Value, &value); err != nil {
			return err
		}
	}
	*v = versioned[T]{d.Revision, value}
	return nil
}

// changes returns a channel that has a value after each change, or after
// several, and what to call when it is no longer read.
func (s *store) changes() (changes <-chan struct{}, stop func()) {
	c := make(chan struct{}, 1)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.changed = append(s.changed, c)
	return c, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.changed = slices.DeleteFunc(s.changed, func(other chan struct{}) bool { return other == c })
	}
}

func (s *store) read(appID string) configuration {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.apps[appID].value
}

func (s *store) revision(appID string) uint64 {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.apps[appID].revision
}

// has tells whether there is such a webhook.
func (s *store) has(t target) bool {
	c := s.read(t.app)
	return c.webhook(t.webhook) != nil
}

// all returns what every app has.
func (s *store) all() map[string]configuration {
	s.mu.RLock()
	defer s.mu.RUnlock()
	all := make(map[string]configuration, len(s.apps))
	for id, v := range s.apps {
		all[id] = v.value
	}
	return all
}

func (s *store) change(ctx context.Context, appID string, f func(*configuration) error) error {
	var before, after configuration
	err := s.write(ctx, appKey+appID, func(old []byte) (any, error) {
		before, after = configuration{}, configuration{}
		if old != nil {
			if err := errors.Join(json.Unmarshal(old, &before), json.Unmarshal(old, &after)); err != nil {
				return nil, fmt.Errorf("configuration of app %s: %w", appID, err)
			}
		}
		if err := f(&after); err != nil {
			return nil, err
		}
		return &after, nil
	})
	if err != nil {
		return err
	}
	// What waits for a webhook that is gone is not delivered to another that
	// gets its id.
	for _, w := range before.Webhooks {
		if now := after.webhook(w.ID); now == nil || now.CreatedAt != w.CreatedAt {
			if err := s.q.Forget(ctx, lane(appID, w.ID)); err != nil {
				return err
			}
		}
	}
	return nil
}

// write stores what f makes of a document, for all nodes and at once for this one.
func (s *store) write(ctx context.Context, key string, f func(old []byte) (any, error)) error {
	d, err := s.q.Documents().Update(ctx, key, func(old []byte) ([]byte, error) {
		value, err := f(old)
		if err != nil {
			return nil, err
		}
		return json.Marshal(value)
	})
	if err != nil {
		return err
	}
	s.learn(d)
	return nil
}

func (s *store) faultRules() FaultRules {
	s.mu.RLock()
	defer s.mu.RUnlock()
	r := s.faults.value
	r.Webhooks = maps.Clone(r.Webhooks)
	return r
}

func (s *store) faultsOf(t target) delivery.Faults {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.faults.value.of(t)
}

func (s *store) setFaultRules(ctx context.Context, r FaultRules) error {
	return s.write(ctx, faultsKey, func([]byte) (any, error) { return r, nil })
}

// void tells whether what was accepted at that time was before the last reset.
func (s *store) void(accepted time.Time) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return accepted.Before(s.reset.value.At)
}

func (s *store) markReset(ctx context.Context, at time.Time) error {
	return s.write(ctx, resetKey, func([]byte) (any, error) { return resetMark{at}, nil })
}

// lane is where the jobs of a webhook wait.
func lane(app, webhook string) string { return app + "." + webhook }
