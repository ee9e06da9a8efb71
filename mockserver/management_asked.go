package mockserver

import (
	"net/http"
	"net/url"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/routers"
)

// asked is what a request asks for but for its body: the operation, and the
// variables of its path. It does not change, but for the answer.
type asked struct {
	key   string // see knownAsked
	route *routers.Route
	vars  map[string]string
	// query is set if the path, the query and the headers have passed their checks.
	query url.Values
	// answer is the last one, if the operation only reads.
	answer atomic.Pointer[knownAnswer]
}

// knownAnswer is the body of an answer that has passed its check.
type knownAnswer struct {
	of       uint64 // the API that gave it; its number, as a pointer would keep all of it
	revision uint64 // of what the app has, as the answer tells it
	text     []byte
	length   []string // of text, as the header has it
	plain    bool     // it was checked with no header but its content type
}

// known returns the answer that m has given already to what is asked for, nil if it
// has not or the app has changed since.
func (a *asked) known(m *management, revision uint64) *knownAnswer {
	if k := a.answer.Load(); k != nil && k.of == m.number && k.revision == revision {
		return k
	}
	return nil
}

// keep remembers an answer to what has been asked for rightly.
func (a *asked) keep(k *knownAnswer) {
	if a.query != nil && len(k.text) <= maxKnownAnswer {
		a.answer.Store(k)
	}
}

// Bounds of the requests that are known to have passed.
const (
	maxAsked    = 1024
	maxAskedKey = 512 // bytes of one's method, path, query and headers
	// maxKnownAnswer bounds the bytes of an answer that is kept with one.
	maxKnownAnswer = 8 << 10
)

// knownAsked remembers what has been asked for rightly: the same few things are
// asked for again and again, and to find the operation and judge the parameters
// costs more than all the rest.
type knownAsked struct {
	headers []string // in canonical form: those that are parameters of any operation

	mu    sync.RWMutex // guards what follows
	byKey map[string]*asked
}

// newKnownAsked learns which headers the document has as parameters.
func newKnownAsked(doc *openapi3.T) *knownAsked {
	k := &knownAsked{byKey: map[string]*asked{}}
	add := func(list openapi3.Parameters) {
		for _, p := range list {
			name := http.CanonicalHeaderKey(p.Value.Name)
			if p.Value.In == openapi3.ParameterInHeader && !slices.Contains(k.headers, name) {
				k.headers = append(k.headers, name)
			}
		}
	}
	for _, item := range doc.Paths.Map() {
		add(item.Parameters)
		for _, o := range item.Operations() {
			add(o.Parameters)
		}
	}
	return k
}

// key appends all that the operation and the judgement depend on.
func (k *knownAsked) key(b []byte, r *http.Request) []byte {
	b = append(append(b, r.Method...), '\n')
	b = append(append(b, r.URL.EscapedPath()...), '\n')
	b = append(append(b, r.URL.RawQuery...), '\n')
	for _, name := range k.headers {
		for _, value := range r.Header[name] {
			b = append(append(b, value...), '\n')
		}
		b = append(b, '\r') // the next is another's
	}
	return b
}

func (k *knownAsked) get(key []byte) *asked {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return k.byKey[string(key)]
}

// add forgets all others when they are too many.
func (k *knownAsked) add(a *asked) {
	if len(a.key) > maxAskedKey {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.byKey) >= maxAsked {
		clear(k.byKey)
	}
	k.byKey[a.key] = a
}
