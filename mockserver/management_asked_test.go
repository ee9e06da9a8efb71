package mockserver

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
)

// TestWhatIsKnownIsJudgedAsBefore: a request that has passed lets no other pass
// that differs in anything which is judged.
func TestWhatIsKnownIsJudgedAsBefore(t *testing.T) {
	s := newStage(t, nil)
	s.ok("POST", webhooksPath, least)
	for range 2 {
		s.ok("GET", ordersPath, "")
		s.ok("GET", webhooksPath+"?perPage=1", "")
		s.refused(400, "ERR_BAD_REQUEST", "GET", webhooksPath+"?perPage=0", "")
		s.refused(400, "ERR_BAD_REQUEST", "GET", webhooksPath+"?perPage=1&perPage=x;", "")
		s.refused(404, "ERR_WEBHOOK_NOT_FOUND", "GET", ordersPath+"x", "")
		s.refused(404, "ERR_API_NOT_FOUND", "PATCH", ordersPath, "")
		for version, want := range map[string]int{"2": 200, "": 404, "1": 404, "two": 400} {
			r := request(t, "GET", ordersPath, "")
			r.Header.Del("X-Webhook-Version")
			if version != "" {
				r.Header.Set("X-Webhook-Version", version)
			}
			if got := s.send(r).status; got != want {
				t.Errorf("version %q: status %d, want %d", version, got, want)
			}
		}
		r := request(t, "GET", ordersPath, "")
		r.Header.Set("secret", "another")
		if got := s.send(r).status; got != http.StatusUnauthorized {
			t.Errorf("wrong secret: status %d, want 401", got)
		}
	}
}

func TestKnownRequestsAreBounded(t *testing.T) {
	s := newStage(t, func(o *managementOptions) { o.RatePerMinute = -1 })
	known := s.api.contract.known
	for i := range 2*maxAsked + 10 {
		s.ok("GET", fmt.Sprintf("%s?searchKey=%d", webhooksPath, i), "")
		if len(known.byKey) > maxAsked {
			t.Fatalf("%d requests are known, want at most %d", len(known.byKey), maxAsked)
		}
	}
	before := len(known.byKey)
	s.ok("GET", webhooksPath+"?searchKey="+strings.Repeat("x", maxAskedKey), "")
	if got := len(known.byKey); got != before {
		t.Errorf("%d requests are known after a long one, want %d as before", got, before)
	}
}

// TestKnownAnswersAreOfNow: what has been answered already is answered anew once
// anything has changed, by whomever, and never by another server.
func TestKnownAnswersAreOfNow(t *testing.T) {
	s := newStage(t, func(o *managementOptions) { o.RatePerMinute = 100 })
	node := newStage(t, func(o *managementOptions) { o.Store = s.store }) // what s made it changes as well
	node.store = s.store
	stranger := newStage(t, nil)

	get := func(want string) {
		t.Helper()
		left := -1
		for i := range 3 { // the first is told, the others are known
			a := s.ok("GET", ordersPath, "")
			if !strings.Contains(a.text, want) {
				t.Errorf("answer %d lacks %s: %s", i, want, a.text)
			}
			if i > 0 && a.header.Get("Content-Length") != fmt.Sprint(len(a.text)) {
				t.Errorf("answer %d: length %q, want %d", i, a.header.Get("Content-Length"), len(a.text))
			}
			now, err := strconv.Atoi(a.header.Get("X-Rate-Limit-Remaining"))
			if err != nil || i > 0 && now != left-1 {
				t.Errorf("answer %d: %d calls left (%v), want one less than %d", i, now, err, left)
			}
			left = now
		}
	}
	s.ok("POST", webhooksPath, least)
	get(`"enabled":true`)
	stranger.refused(404, "ERR_WEBHOOK_NOT_FOUND", "GET", ordersPath, "")
	stranger.ok("POST", webhooksPath, strings.Replace(least, "https://", "https://other.", 1))
	for range 2 { // of the same revision
		if a := stranger.ok("GET", ordersPath, ""); !strings.Contains(a.text, "https://other.") {
			t.Errorf("another server's answer: %s", a.text)
		}
		get("https://hooks.")
	}
	s.ok("PUT", ordersPath, `{"enabled":false}`)
	get(`"enabled":false`)
	node.ok("PUT", ordersPath, `{"enabled":true}`)
	get(`"enabled":true`)
	node.ok("DELETE", ordersPath, "")
	for range 2 {
		s.refused(404, "ERR_WEBHOOK_NOT_FOUND", "GET", ordersPath, "")
	}
}
