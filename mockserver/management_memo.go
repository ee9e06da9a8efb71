package mockserver

import (
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
)

// maxMemo bounds what a memo keeps, in bytes.
const maxMemo = 8 << 20

// memo knows which texts have passed a schema: what a webhook or a list looks like
// changes far less often than it is asked for.
type memo struct {
	mu    sync.RWMutex // guards what follows
	texts map[*openapi3.Schema]map[string]struct{}
	size  int
}

func (m *memo) has(s *openapi3.Schema, text []byte) bool {
	m.mu.RLock()
	defer m.mu.RUnlock()
	_, ok := m.texts[s][string(text)]
	return ok
}

// add forgets all the others when they are too many.
func (m *memo) add(s *openapi3.Schema, text []byte) {
	m.mu.Lock()
	defer m.mu.Unlock()
	const overhead = 64 // of an entry, about
	if m.size += len(text) + overhead; m.texts == nil || m.size > maxMemo {
		m.texts, m.size = map[*openapi3.Schema]map[string]struct{}{}, len(text)+overhead
	}
	if m.texts[s] == nil {
		m.texts[s] = map[string]struct{}{}
	}
	m.texts[s][string(text)] = struct{}{}
}
