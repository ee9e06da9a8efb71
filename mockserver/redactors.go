package mockserver

import (
	"net/url"
	"sync"

	"hookproof/mockserver/delivery"
)

// redactors remember how to clean what is recorded of each webhook.
type redactors struct {
	mu    sync.Mutex
	known map[redactorKey]*delivery.Redactor
}

// redactorKey is what a webhook has that is secret or holds secrets.
type redactorKey struct{ url, username, password string }

// maxRedactors bounds those that are remembered.
const maxRedactors = 4096

func newRedactors() *redactors { return &redactors{known: map[redactorKey]*delivery.Redactor{}} }

func (r *redactors) of(w *Webhook) *delivery.Redactor {
	key := redactorKey{w.URL, w.Username, w.Password}
	r.mu.Lock()
	defer r.mu.Unlock()
	one, ok := r.known[key]
	if !ok {
		if len(r.known) >= maxRedactors {
			clear(r.known)
		}
		var query url.Values
		if u, err := url.Parse(w.URL); err == nil {
			query = u.Query()
		}
		one = delivery.NewRedactor(w.Username, w.Password, query)
		r.known[key] = one
	}
	return one
}
