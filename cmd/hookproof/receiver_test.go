package main

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"hookproof/conformance"
	"hookproof/fixtures"
	"hookproof/schemas"
)

func TestReferenceReceiverConforms(t *testing.T) {
	t.Parallel()
	l := newLedger(ledgerOptions{})
	t.Cleanup(func() { l.close(context.Background()) })
	h := newReceiver(receiverOptions{username: "vendor", password: "CorrectHorseBattery7"}, l)
	conformance.Test(t, h, conformance.Options{
		Username: "vendor", Password: "CorrectHorseBattery7", Profile: "recommended", Observe: l.effects, Strict: true,
	})
}

// event returns the body of an event of a trigger.
func event(t *testing.T, trigger string) []byte {
	t.Helper()
	e, err := fixtures.NewWorld(fixtures.Options{}).Do(trigger)
	if err != nil {
		t.Fatal(err)
	}
	return e.Body
}

// ask makes one request of a receiver.
func ask(h http.Handler, change func(*http.Request), body []byte) *http.Response {
	r := httptest.NewRequest(http.MethodPost, "/", bytes.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	change(r)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func TestReceiverAnswers(t *testing.T) {
	good := event(t, "message_sent")
	basic := func(user, pass string) func(*http.Request) {
		return func(r *http.Request) { r.SetBasicAuth(user, pass) }
	}
	right := basic("vendor", "secret")
	with := func(change func(*http.Request)) func(*http.Request) {
		return func(r *http.Request) { right(r); change(r) }
	}
	header := func(name, value string) func(*http.Request) {
		return with(func(r *http.Request) { r.Header.Set(name, value) })
	}
	for _, tt := range []struct {
		name   string
		change func(*http.Request)
		body   []byte
		want   int
		header string // that the answer must have
	}{
		{"an event", right, good, 200, ""},
		{"with a query", with(func(r *http.Request) { r.URL.RawQuery = "a=b" }), good, 200, ""},
		{"a media type in capitals", header("Content-Type", "Application/JSON"), good, 200, ""},
		{"a charset in capitals", header("Content-Type", `application/json;Charset="UTF-8"`), good, 200, ""},
		{"no encoding", header("Content-Encoding", "Identity"), good, 200, ""},
		{"an unknown trigger", right, []byte(`{"trigger":"x","data":{}}`), 200, ""},
		{"a violation of the contract", right, []byte(`{"trigger":"message_sent","data":{}}`), 200, ""},
		{"no credentials", func(*http.Request) {}, good, 401, "WWW-Authenticate"},
		{"a wrong user", basic("vendors", "secret"), good, 401, "WWW-Authenticate"},
		{"a wrong password", basic("vendor", "Secret"), good, 401, "WWW-Authenticate"},
		{"the beginning of the password", basic("vendor", "secre"), good, 401, "WWW-Authenticate"},
		{"two headers", with(func(r *http.Request) { r.Header.Add("Authorization", r.Header.Get("Authorization")) }), good, 401, "WWW-Authenticate"},
		{"credentials before anything else", func(r *http.Request) { r.Method, r.URL.Path = "GET", "/x" }, nil, 401, "WWW-Authenticate"},
		{"another path", with(func(r *http.Request) { r.URL.Path = "/x" }), good, 404, ""},
		{"the path twice", with(func(r *http.Request) { r.URL.Path = "//" }), good, 404, ""},
		{"GET", with(func(r *http.Request) { r.Method = http.MethodGet }), nil, 405, "Allow"},
		{"PUT", with(func(r *http.Request) { r.Method = http.MethodPut }), good, 405, "Allow"},
		{"no media type", with(func(r *http.Request) { r.Header.Del("Content-Type") }), good, 415, ""},
		{"another media type", header("Content-Type", "text/json"), good, 415, ""},
		{"a malformed media type", header("Content-Type", "application/json; charset"), good, 415, ""},
		{"another charset", header("Content-Type", "application/json; charset=utf-16"), good, 415, ""},
		{"a compressed body", header("Content-Encoding", "gzip"), good, 415, "Accept-Encoding"},
		{"too large, and says so", right, bytes.Repeat([]byte(" "), schemas.MaxPayload+1), 413, "Connection"},
		{"too large, and does not say so", with(func(r *http.Request) { r.ContentLength = -1 }), bytes.Repeat([]byte(" "), schemas.MaxPayload+1), 413, ""},
		{"an empty body", right, nil, 400, ""},
		{"half a body", right, good[:len(good)/2], 400, ""},
		{"two bodies", right, append(bytes.Clone(good), good...), 400, ""},
		{"null", right, []byte("null"), 400, ""},
		{"an array", right, []byte("[]"), 400, ""},
		{"a string", right, []byte(`"x"`), 400, ""},
		{"nested without end", right, []byte(strings.Repeat("[", 100_000)), 400, ""},
		{"a trigger that is a number", right, []byte(`{"trigger":1,"data":{}}`), 400, ""},
		{"no trigger", right, []byte(`{"data":{}}`), 400, ""},
		{"data that are an array", right, []byte(`{"trigger":"message_sent","data":[]}`), 400, ""},
		{"data that are null", right, []byte(`{"trigger":"message_sent","data":null}`), 400, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l := newLedger(ledgerOptions{})
			defer l.close(t.Context())
			resp := ask(newReceiver(receiverOptions{username: "vendor", password: "secret"}, l), tt.change, tt.body)
			if resp.StatusCode != tt.want {
				t.Errorf("status %d, want %d", resp.StatusCode, tt.want)
			}
			if tt.header != "" && resp.Header.Get(tt.header) == "" {
				t.Errorf("no %s in %v", tt.header, resp.Header)
			}
		})
	}
}

func TestReceiverAnswersAsTold(t *testing.T) {
	l := newLedger(ledgerOptions{})
	defer l.close(t.Context())
	same := func(*http.Request) {}
	h := newReceiver(receiverOptions{status: 202, delay: 50 * time.Millisecond, failFirst: 1}, l)
	body := event(t, "message_sent")
	for i, want := range []int{503, 202, 202} {
		start := time.Now()
		if got := ask(h, same, body).StatusCode; got != want {
			t.Errorf("status %d of answer %d, want %d", got, i, want)
		}
		if took := time.Since(start); took < h.delay {
			t.Errorf("answer %d took %s, want %s or more", i, took, h.delay)
		}
	}
	// What is no event is refused at once, and is none of the first.
	start := time.Now()
	if got := ask(h, same, nil).StatusCode; got != 400 {
		t.Errorf("status %d of no event, want 400", got)
	}
	if took := time.Since(start); took >= h.delay {
		t.Errorf("a refusal took %s, want less than %s", took, h.delay)
	}
}

func TestReceiverGivesUpOnASenderThatDid(t *testing.T) {
	l := newLedger(ledgerOptions{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	h := newReceiver(receiverOptions{delay: time.Hour}, l)
	ask(h, func(r *http.Request) { *r = *r.WithContext(ctx) }, event(t, "message_sent"))
	// It either had taken the event or not; it must only not hang, nor lose count.
	sum := l.close(t.Context())
	if got := int64(sum.events) + sum.silent; got != 1 {
		t.Errorf("%d events and refusals, want 1", got)
	}
}
