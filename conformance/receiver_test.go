package conformance_test

import (
	"bytes"
	"encoding/json"
	"io"
	"mime"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"hookproof/schemas"
)

// The credentials of the model receiver. The password has both cases and no
// word in it that any text of a report might contain by chance.
const (
	user = "vendor"
	pass = "Zq7xWv93KdTm4pLs"
	// previous is the password before it.
	previous = "Hb2nRy58GcXe6vUjQ"
	// blocked is a text that before_message has to keep from being sent.
	blocked = "hookproof: buy now"
)

// request is a delivery as the model receiver sees it before it answers.
type request struct {
	*http.Request
	body    []byte
	event   map[string]any // nil if the body is no JSON object
	trigger string
	ordinal int  // of authorised plain text messages, from 1
	busy    int  // requests in flight, this one included
	wrong   int  // wrong credentials so far, this one included
	seen    bool // the same bytes came before
	nth     int  // of this connection, from 1
}

// message returns data.message, or nil.
func (q *request) message() map[string]any { return dig(q.event, "data", "message") }

func dig(m map[string]any, names ...string) map[string]any {
	for _, n := range names {
		m, _ = m[n].(map[string]any)
	}
	return m
}

// model is a receiver that conforms but for one fault. It is written after the
// provider's requirements, not after the checks.
type model struct {
	fault fault

	mu      sync.Mutex
	effects map[string]int
	bodies  map[string]bool
	conns   map[string]int
	known   map[string]bool
	failing map[string]bool // idempotency keys whose next event fails after its work
	ordinal int
	wrong   int
	busy    atomic.Int32
	turn    sync.Mutex   // see fault.serial
	down    atomic.Int64 // until when, in Unix nanoseconds
	open    connections
}

func newModel(f fault) *model {
	return &model{fault: f, effects: map[string]int{}, bodies: map[string]bool{}, conns: map[string]int{}, known: map[string]bool{}, failing: map[string]bool{}}
}

func (m *model) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	busy := int(m.busy.Add(1))
	defer m.busy.Add(-1)
	if m.fault.serial {
		m.turn.Lock()
		defer m.turn.Unlock()
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
	if err != nil {
		if m.fault.unread != nil && m.fault.unread(m, w, body, err) {
			return
		}
		http.Error(w, "body too large", http.StatusRequestEntityTooLarge)
		return
	}
	q := m.look(r, body, busy)
	if busy > 1 || m.fault.together {
		time.Sleep(5 * time.Millisecond) // long enough for parallel requests to meet
		q.busy = max(q.busy, int(m.busy.Load()))
	}
	if m.fault.applies != nil {
		if body := m.fault.applies(q); body != nil {
			m.apply(&request{body: body})
		}
	}
	// What breaks on a payload breaks after the credentials were checked.
	in := !strings.HasPrefix(m.fault.check, "payload/") || q.presents(user, pass)
	if in && m.fault.instead != nil && m.fault.instead(w, q) {
		return
	}
	switch {
	case strings.HasSuffix(r.Host, ".invalid"):
		http.Error(w, "not served here", http.StatusMisdirectedRequest)
	case time.Now().UnixNano() < m.down.Load() || m.crowded():
		http.Error(w, "no", http.StatusInternalServerError)
	case r.Method != http.MethodPost:
		w.Header().Set("Allow", "POST")
		http.Error(w, "POST only", http.StatusMethodNotAllowed)
	case !m.authorised(q):
		if m.fault.effectAnyway {
			m.apply(q)
		}
		if !m.fault.noChallenge {
			w.Header().Set("WWW-Authenticate", `Basic realm="webhook"`)
		}
		http.Error(w, "unauthorized", http.StatusUnauthorized)
	case !isJSON(r.Header.Get("Content-Type")):
		http.Error(w, "want JSON", http.StatusUnsupportedMediaType)
	case q.trigger == "" || dig(q.event, "data") == nil:
		http.Error(w, "want a JSON object", http.StatusBadRequest)
	case !m.knows(q):
		http.Error(w, "not found", http.StatusNotFound)
	case m.failsNow(q):
		m.apply(q)
		http.Error(w, "broken before it could answer", http.StatusInternalServerError)
	default:
		m.apply(q)
		if q.trigger == "before_message" && dig(q.event, "data", "data")["text"] == blocked {
			io.WriteString(w, `{"action": "do_not_propagate"}`)
			return
		}
		w.WriteHeader(http.StatusOK)
	}
}

// connections are those of the model's server, by their state.
type connections struct {
	mu    sync.Mutex
	state map[net.Conn]http.ConnState
}

func (c *connections) track(conn net.Conn, state http.ConnState) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.state == nil {
		c.state = map[net.Conn]http.ConnState{}
	}
	if state == http.StateClosed || state == http.StateHijacked {
		delete(c.state, conn)
	} else {
		c.state[conn] = state
	}
}

// crowded tells whether there are more connections than the fault allows.
func (m *model) crowded() bool {
	m.open.mu.Lock()
	defer m.open.mu.Unlock()
	begun := 0
	for _, state := range m.open.state {
		if state == http.StateNew {
			begun++
		}
	}
	return m.fault.crowd > 0 && len(m.open.state) > m.fault.crowd || m.fault.waiting > 0 && begun > m.fault.waiting
}

func (m *model) authorised(q *request) bool {
	if m.fault.authorises != nil && m.fault.authorises(q) {
		return true
	}
	u, p, ok := q.BasicAuth()
	return ok && u == user && p == pass && len(q.Header["Authorization"]) == 1
}

func isJSON(contentType string) bool {
	t, _, err := mime.ParseMediaType(contentType)
	return err == nil && t == "application/json"
}

func (m *model) look(r *http.Request, body []byte, busy int) *request {
	q := &request{Request: r, body: body, busy: busy}
	if json.Unmarshal(body, &q.event) == nil && q.event != nil {
		q.trigger, _ = q.event["trigger"].(string)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	u, p, ok := r.BasicAuth()
	good := ok && u == user && p == pass
	if !good && r.Header["Authorization"] != nil {
		m.wrong++
	}
	if good && q.trigger == "message_sent" {
		m.ordinal++
	}
	m.conns[r.RemoteAddr]++
	q.wrong, q.ordinal, q.nth = m.wrong, m.ordinal, m.conns[r.RemoteAddr]
	q.seen = m.bodies[string(body)]
	m.bodies[string(bytes.Clone(body))] = true
	return q
}

// apply is the work that an event causes, once per idempotency key.
func (m *model) apply(q *request) {
	key, err := schemas.Key(q.body)
	if err != nil {
		return
	}
	if m.fault.swallows != nil && m.fault.swallows(q) {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fault.counts != nil && m.fault.counts(q) {
		m.effects[key]++
	} else if m.effects[key] == 0 {
		m.effects[key] = 1
	}
}

func (m *model) knows(q *request) bool {
	if m.fault.remembers == nil {
		return true
	}
	makes, needs := m.fault.remembers(q)
	m.mu.Lock()
	defer m.mu.Unlock()
	if makes != "" {
		m.known[makes] = true
	}
	return needs == "" || m.known[needs]
}

func (m *model) observe(keys []string) map[string]int {
	m.mu.Lock()
	defer m.mu.Unlock()
	out := map[string]int{}
	for _, k := range keys {
		out[k] = m.effects[k]
	}
	return out
}

// failNext makes the next event with a key fail after its work.
func (m *model) failNext(key string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.failing[key] = true
}

func (m *model) failsNow(q *request) bool {
	key, err := schemas.Key(q.body)
	m.mu.Lock()
	defer m.mu.Unlock()
	fails := err == nil && m.failing[key]
	delete(m.failing, key)
	return fails
}

// text returns the text of a message, "" for other events.
func (q *request) text() string {
	s, _ := dig(q.message(), "data")["text"].(string)
	return s
}

// is tells whether a message has a member of a value, such as category action.
func (q *request) is(member, value string) bool {
	s, _ := q.message()[member].(string)
	return s == value
}

func (q *request) bodyHas(s string) bool { return strings.Contains(string(q.body), s) }
