package mockserver

import (
	"context"
	"encoding/json"
	"slices"
	"sync"
)

// memory keeps configurations in this process.
type memory struct {
	mu     sync.Mutex // guards what follows
	apps   map[string]configuration
	made   uint64 // changes
	broken error  // what change fails with, before anything else
	faster int    // how often another node is faster: the next changes are tried once more each
}

func newMemory() *memory { return &memory{apps: map[string]configuration{}} }

func (m *memory) read(appID string) configuration {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.apps[appID]
}

func (m *memory) revision(string) uint64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.made
}

func (m *memory) change(_ context.Context, appID string, f func(*configuration) error) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.broken != nil {
		return m.broken
	}
	for {
		c := clone(m.apps[appID])
		if err := f(&c); err != nil {
			return err
		}
		if m.faster == 0 {
			m.apps[appID] = c
			m.made++
			return nil
		}
		m.faster--
	}
}

// state is all that is kept, comparable.
func (m *memory) state() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return string(must(json.Marshal(m.apps)))
}

func clone(c configuration) configuration {
	c.Webhooks = slices.Clone(c.Webhooks)
	for i := range c.Webhooks {
		c.Webhooks[i].Triggers = slices.Clone(c.Webhooks[i].Triggers)
	}
	return c
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
