package mockserver

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/routers"
)

// asked is what a request asks for but for its body: the operation, and the
// variables of its path. It does not change.
type asked struct {
	key   string // see knownAsked
	route *routers.Route
	vars  map[string]string
	// query is set if the path, the query and the headers have passed their checks.
	query url.Values
}

// Bounds of the requests that are known to have passed.
const (
	maxAsked    = 1024
	maxAskedKey = 512 // bytes of one's method, path, query and headers
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

// key is all that the operation and the judgement depend on.
func (k *knownAsked) key(r *http.Request) string {
	parts := make([]string, 0, 8)
	parts = append(parts, r.Method, r.URL.EscapedPath(), r.URL.RawQuery)
	for _, name := range k.headers {
		parts = append(parts, r.Header[name]...)
		parts = append(parts, "") // the next is another's
	}
	return strings.Join(parts, "\n")
}

func (k *knownAsked) get(key string) *asked {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return k.byKey[key]
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
