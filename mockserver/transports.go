package mockserver

import (
	"net/http"
	"sync"

	"hookproof/mockserver/delivery"
)

// transports are the connections of a worker: one pool for all webhooks, and
// around it the faults of those that have some.
type transports struct {
	plain *http.Transport

	mu      sync.Mutex
	wrapped map[delivery.Faults]http.RoundTripper
}

// maxWrapped bounds the sets of faults that are remembered.
const maxWrapped = 256

func newTransports(o WorkerOptions) *transports {
	return &transports{
		plain:   delivery.NewTransport(delivery.TransportOptions{RootCAs: o.RootCAs}),
		wrapped: map[delivery.Faults]http.RoundTripper{},
	}
}

// with returns the transport that does faults.
func (t *transports) with(f delivery.Faults) http.RoundTripper {
	t.mu.Lock()
	defer t.mu.Unlock()
	w, ok := t.wrapped[f]
	if !ok {
		if len(t.wrapped) >= maxWrapped {
			clear(t.wrapped)
		}
		w = f.Wrap(t.plain)
		t.wrapped[f] = w
	}
	return w
}

func (t *transports) close() { t.plain.CloseIdleConnections() }
