package main

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"hookproof/schemas"
)

// receiverOptions say how the reference receiver behaves; the zero value
// accepts every event at the root path.
type receiverOptions struct {
	path               string // "" is /
	username, password string // both empty: no authentication
	status             int    // answer to an event; 0 is 200
	delay              time.Duration
	failFirst          int // events to answer with 503 before any other
}

// receiver is the reference receiver: it accepts what CometChat sends, refuses
// everything else, and answers before the work, which its ledger does.
type receiver struct {
	receiverOptions
	ledger *ledger
	events atomic.Int64
}

func newReceiver(o receiverOptions, l *ledger) *receiver {
	if o.path == "" {
		o.path = "/"
	}
	if o.status == 0 {
		o.status = http.StatusOK
	}
	return &receiver{receiverOptions: o, ledger: l}
}

// refusal is an answer to what is no event, or to nobody's.
type refusal struct {
	status int
	reason string
}

func (rc *receiver) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a := &arrival{time: time.Now()}
	refused := rc.refuse(w, r)
	if refused == nil {
		a.body, refused = readEvent(w, r)
	}
	if refused != nil {
		a.status, a.reason = refused.status, refused.reason
		rc.ledger.note(a)
		http.Error(w, refused.reason, refused.status)
		return
	}
	status := rc.answer()
	a.header, a.status = r.Header.Clone(), status
	if !rc.ledger.put(r.Context(), a) {
		// Better refused, and sent again, than accepted and lost.
		w.Header().Set("Retry-After", "10")
		http.Error(w, "too busy to take the event", http.StatusServiceUnavailable)
		return
	}
	if wait(r.Context(), rc.delay) {
		w.WriteHeader(status)
	}
}

// answer is the status of the next event.
func (rc *receiver) answer() int {
	if rc.events.Add(1) <= int64(rc.failFirst) {
		return http.StatusServiceUnavailable
	}
	return rc.status
}

// refuse judges a request by its head. Credentials come first: a stranger
// learns nothing about the rest.
func (rc *receiver) refuse(w http.ResponseWriter, r *http.Request) *refusal {
	if !rc.authentic(r) {
		w.Header().Set("WWW-Authenticate", `Basic realm="hookproof", charset="UTF-8"`)
		return &refusal{http.StatusUnauthorized, "missing or wrong credentials"}
	}
	if r.URL.Path != rc.path {
		return &refusal{http.StatusNotFound, "nothing here: events go to another path"}
	}
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		return &refusal{http.StatusMethodNotAllowed, "want POST"}
	}
	if e := r.Header.Get("Content-Encoding"); e != "" && !strings.EqualFold(e, "identity") {
		w.Header().Set("Accept-Encoding", "identity")
		return &refusal{http.StatusUnsupportedMediaType, "want a body without content encoding"}
	}
	media, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	charset := strings.ToLower(params["charset"])
	if err != nil || media != "application/json" || charset != "" && charset != "utf-8" && charset != "us-ascii" {
		return &refusal{http.StatusUnsupportedMediaType, "want Content-Type application/json in UTF-8"}
	}
	return nil
}

// authentic compares in constant time. Of several Authorization headers none
// is believed: who reads which is anyone's guess.
func (rc *receiver) authentic(r *http.Request) bool {
	if rc.username == "" && rc.password == "" {
		return true
	}
	user, pass, ok := r.BasicAuth()
	return equal(user, rc.username)&equal(pass, rc.password) == 1 && ok && len(r.Header["Authorization"]) == 1
}

// equal compares digests, so that the time does not tell lengths either.
func equal(got, want string) int {
	g, w := sha256.Sum256([]byte(got)), sha256.Sum256([]byte(want))
	return subtle.ConstantTimeCompare(g[:], w[:])
}

// readEvent reads a body that has the shape of an event. Whether it keeps the
// contract is for the ledger to find out: a receiver that answers 400 to an
// event that is merely unexpected has it sent twice more, and then loses it.
func readEvent(w http.ResponseWriter, r *http.Request) ([]byte, *refusal) {
	tooLarge := &refusal{http.StatusRequestEntityTooLarge, "body is too large"}
	if r.ContentLength > schemas.MaxPayload {
		w.Header().Set("Connection", "close")
		return nil, tooLarge
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, schemas.MaxPayload))
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return nil, tooLarge
	}
	if err != nil {
		return nil, &refusal{http.StatusBadRequest, "body is incomplete"}
	}
	var event map[string]json.RawMessage
	if err := json.Unmarshal(body, &event); err != nil || event == nil {
		return nil, &refusal{http.StatusBadRequest, "body is no JSON object"}
	}
	if !strings.HasPrefix(string(event["trigger"]), `"`) || !strings.HasPrefix(string(event["data"]), "{") {
		return nil, &refusal{http.StatusBadRequest, "body is no event: want trigger, a string, and data, an object"}
	}
	return body, nil
}

// wait tells whether the time passed before the sender gave up.
func wait(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}
