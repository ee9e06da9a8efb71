package mockserver

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
)

// caller calls a control surface and holds every answer against its document.
type caller struct {
	handler http.Handler
	router  routers.Router
}

func newCaller(t testing.TB, c controlled, o controlOptions) *caller {
	t.Helper()
	h, err := newControl(c, o)
	if err != nil {
		t.Fatal(err)
	}
	document, err := theControlDocument()
	if err != nil {
		t.Fatal(err)
	}
	return &caller{h, document.router}
}

// ask is a call for loopback, with a JSON body if there is one. Headers are
// "Name: value".
func ask(method, target, body string, headers ...string) *http.Request {
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	r.Host = "localhost:8080"
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		if name == "Host" {
			r.Host = value
			continue
		}
		r.Header.Set(name, value)
	}
	return r
}

// do returns the answer, which the document must describe if it describes the call.
func (c *caller) do(t testing.TB, r *http.Request) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	c.handler.ServeHTTP(w, r)
	c.judge(t, r, w)
	return w
}

func (c *caller) judge(t testing.TB, r *http.Request, w *httptest.ResponseRecorder) {
	t.Helper()
	what := r.Method + " " + r.URL.String()
	for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin", "Cache-Control": "no-store"} {
		if got := w.Header().Get(name); got != want {
			t.Errorf("%s: %s is %q, want %q", what, name, got, want)
		}
	}
	if csp := w.Header().Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") || !strings.Contains(csp, "frame-ancestors 'none'") || strings.Contains(csp, "unsafe") {
		t.Errorf("%s: Content-Security-Policy is %q", what, csp)
	}
	if w.Code >= 400 && !strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") {
		envelope(t, what, w)
	}
	route, params, err := c.router.FindRoute(r)
	if err != nil {
		return
	}
	err = openapi3filter.ValidateResponse(context.Background(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{Request: r, PathParams: params, Route: route},
		Status:                 w.Code,
		Header:                 w.Header(),
		Body:                   io.NopCloser(bytes.NewReader(w.Body.Bytes())),
		Options:                filterOptions(),
	})
	if err != nil {
		t.Errorf("%s: the answer %d %.300s breaks the document: %v", what, w.Code, w.Body, err)
	}
}

// envelope returns the error of an answer, which must be one of ours.
func envelope(t testing.TB, what string, w *httptest.ResponseRecorder) controlError {
	t.Helper()
	var e controlError
	dec := json.NewDecoder(bytes.NewReader(w.Body.Bytes()))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&e); err != nil || w.Header().Get("Content-Type") != "application/json" {
		t.Fatalf("%s: got %d %s %.200s, want the envelope of errors", what, w.Code, w.Header().Get("Content-Type"), w.Body)
	}
	if m := e.Error.Message; m == "" || len(m) > 1000 || strings.ContainsAny(m, "\r\n") || e.Error.Code == "" {
		t.Errorf("%s: got code %q, message %q, want a code and one line", what, e.Error.Code, m)
	}
	return e
}
