package mockserver_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"
)

// receiver records what arrives and answers as told.
type receiver struct {
	*httptest.Server

	mu     sync.Mutex
	got    []arrival
	answer func(n int, r *http.Request) int // n counts from 1
}

type arrival struct {
	at     time.Time
	header http.Header
	body   string
}

// newReceiver answers with what answer says, 200 if it is nil.
func newReceiver(tb testing.TB, answer func(n int, r *http.Request) int) *receiver {
	rc := &receiver{answer: answer}
	rc.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		at := time.Now()
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return // a fault cut it
		}
		rc.mu.Lock()
		rc.got = append(rc.got, arrival{at, r.Header.Clone(), string(body)})
		n := len(rc.got)
		rc.mu.Unlock()
		if rc.answer != nil {
			w.WriteHeader(rc.answer(n, r))
		}
	}))
	tb.Cleanup(rc.Close)
	return rc
}

func (rc *receiver) arrivals() []arrival {
	rc.mu.Lock()
	defer rc.mu.Unlock()
	return append([]arrival(nil), rc.got...)
}

// failing answers 500 to the first n events.
func failing(n int) func(int, *http.Request) int {
	return func(i int, _ *http.Request) int {
		if i <= n {
			return http.StatusInternalServerError
		}
		return http.StatusOK
	}
}
