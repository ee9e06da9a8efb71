package mockserver

import (
	"net/http"
	"net/url"
	"sync"

	"hookproof/mockserver/delivery"
)

// redactors remember how to clean what is recorded of each webhook, and what
// has been cleaned of its requests, which are all alike but for their bodies.
type redactors struct {
	mu    sync.Mutex
	known map[redactorKey]*redacted
}

// redacted is a webhook's redactor, and its requests without secrets.
type redacted struct {
	*delivery.Redactor
	url    string
	header http.Header // not to be changed
}

// redactorKey is what a webhook has that its requests depend on.
type redactorKey struct {
	url, username, password string
	useBasicAuth            bool
}

// maxRedactors bounds those that are remembered.
const maxRedactors = 4096

func newRedactors() *redactors { return &redactors{known: map[redactorKey]*redacted{}} }

// of is for a webhook to which m is an attempt.
func (r *redactors) of(w *Webhook, m *delivery.Attempt) *redacted {
	key := redactorKey{w.URL, w.Username, w.Password, w.UseBasicAuth}
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
		redactor := delivery.NewRedactor(w.Username, w.Password, query)
		one = &redacted{redactor, redactor.Clean(m.URL), redactor.Header(m.Header)}
		r.known[key] = one
	}
	return one
}
