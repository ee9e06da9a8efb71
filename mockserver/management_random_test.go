package mockserver

import (
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"hookproof/schemas"
)

// raw is a request in parts that may be anything.
type raw struct{ method, target, key, secret, version, contentType, body string }

// try sends a request and checks, beyond what send does, that what was done is
// what the document lets be asked for and that the state is sound.
// It returns the status, 0 if the target is none.
func (s *stage) try(x raw) int {
	s.Helper()
	u, err := url.ParseRequestURI(x.target)
	if err != nil {
		return 0 // net/http answers this by itself
	}
	r := &http.Request{
		Method: x.method, URL: u, Host: "localhost", Header: http.Header{},
		Body: io.NopCloser(strings.NewReader(x.body)), ContentLength: int64(len(x.body)),
	}
	for name, v := range map[string]string{"key": x.key, "secret": x.secret, "X-Webhook-Version": x.version, "Content-Type": x.contentType} {
		if v != "" {
			r.Header.Set(name, v)
		}
	}
	a := s.send(r)
	if a.status >= 500 {
		s.Errorf("%+.300v: %d %s", x, a.status, a.text)
	}
	if route, _, err := s.router.FindRoute(r); err == nil && a.status == 200 && route.Operation.RequestBody != nil {
		var v any
		if err := json.Unmarshal([]byte(x.body), &v); err != nil && !strings.Contains(err.Error(), "cannot unmarshal number") {
			s.Errorf("%+.300v: done, but the body is no JSON: %v", x, err)
		} else if err := route.Operation.RequestBody.Value.Content.Get(jsonType).Schema.Value.VisitJSON(v); err != nil {
			s.Errorf("%+.300v: done, but the document has no such request: %v", x, err)
		}
	}
	for app, c := range s.store.apps {
		ids := map[string]bool{}
		for _, w := range c.Webhooks {
			ids[w.ID] = true
			if !slices.IsSorted(w.Triggers) || len(slices.Compact(slices.Clone(w.Triggers))) != len(w.Triggers) {
				s.Errorf("%+.300v: triggers are %q", x, w.Triggers)
			}
		}
		if len(ids) != len(c.Webhooks) || len(ids) > MaxWebhooks || (c.Generation == 0) != (len(ids) == 0) {
			s.Errorf("%+.300v: app %s has %d webhooks of %d ids, generation %d", x, app, len(c.Webhooks), len(ids), c.Generation)
		}
	}
	return a.status
}

func FuzzManagement(f *testing.F) {
	for _, x := range []raw{
		{"POST", webhooksPath, testKey, testSecret, "2", "application/json", least},
		{"GET", webhooksPath + "?perPage=2&page=1&searchKey=o", testKey, testSecret, "2", "", ""},
		{"PUT", ordersPath, testKey, testSecret, "2", "application/json", `{"useBasicAuth":true,"username":"u","password":"p"}`},
		{"POST", triggersPath, testKey, testSecret, "2", "text/plain", `{"triggerIds":["message_sent","message_new"]}`},
		{"DELETE", triggersPath, testKey, testSecret, "2", "", `{"triggerIds":["user_blocked"]}`},
		{"GET", triggersPath, testKey, testSecret, "", "", ""},
		{"DELETE", webhooksPath + "/%6Frders", testKey, testSecret, "1", "", "{}"},
		{"HEAD", "//apps/%00/webhooks/", "", "x", "two", "", "\xff"},
	} {
		f.Add(x.method, x.target, x.key, x.secret, x.version, x.contentType, x.body)
	}
	s := newStage(f, nil)
	f.Fuzz(func(t *testing.T, method, target, key, secret, version, contentType, body string) {
		s.TB = t
		s.log.Reset()
		clear(s.store.apps)
		s.store.apps["app1"] = configuration{Generation: Modern, Webhooks: []Webhook{{
			ID: "orders", Name: "Orders", URL: "https://a.example", Password: hookSecret, Enabled: true, Triggers: []string{"message_sent", "user_blocked"},
		}}}
		s.try(raw{method, target, key, secret, version, contentType, body})
		s.try(raw{method, target, testKey, testSecret, "2", contentType, body})
	})
}

// TestRandomRequests sends what clients of all kinds might, the same each time.
func TestRandomRequests(t *testing.T) {
	t.Parallel()
	const seed = 20
	requests := 10_000
	if testing.Short() { // the race detector runs with it
		requests /= 5
	}
	rnd := random{rand.New(rand.NewPCG(seed, seed))}
	s := newStage(t, nil)
	statuses := map[int]int{}
	most := 0
	for i := range requests {
		x := rnd.request()
		statuses[s.try(x)]++
		most = max(most, len(s.store.apps["app1"].Webhooks))
		if t.Failed() {
			t.Fatalf("request %d of seed %d: %+v", i, seed, x)
		}
	}
	for _, status := range []int{200, 400, 401, 404} {
		if statuses[status] < requests/50 {
			t.Errorf("statuses %v: want more of %d", statuses, status)
		}
	}
	if most != MaxWebhooks {
		t.Errorf("at most %d webhooks were there, want %d", most, MaxWebhooks)
	}
}

// random makes requests of which most are nearly right.
type random struct{ *rand.Rand }

func (r random) of(list ...string) string { return list[r.IntN(len(list))] }

// mostly is the first in nine of ten cases.
func (r random) mostly(usual string, others ...string) string {
	if r.IntN(10) > 0 {
		return usual
	}
	return r.of(others...)
}

func (r random) request() raw {
	x := raw{
		method: r.of("GET", "POST", "POST", "POST", "PUT", "DELETE", r.of("HEAD", "PATCH", "OPTIONS", "CONNECT", "get", "")),
		key:    r.mostly(testKey, "", otherKey, "\x00"), secret: r.mostly(testSecret, "", otherSecret, testKey),
		version: r.mostly("2", "", "1", "3", "two", "-2"), contentType: r.mostly("application/json", "", "text/plain", "APPLICATION/JSON;"),
	}
	x.target = "/apps/" + r.mostly("app1", "app2", "app3", "", "%00", "a%2Fb", "..") + "/webhooks"
	depth := r.IntN(3)
	if depth > 0 {
		x.target += "/" + r.mostly(r.id(), "", "%ff", "no id", "orders/")
	}
	if depth > 1 {
		x.target += r.mostly("/triggers", "/trigger", "/triggers/", "//triggers")
	}
	if depth == 0 && x.method == "GET" {
		x.target += "?" + r.of("", "perPage=", "page=", "searchKey=") + r.of("", "0", "1", "7", "1000", "1001", "x", "%zz", "&", ";")
	}
	if depth == 2 {
		x.body = compact(map[string]any{"triggerIds": r.triggers()})
	} else {
		x.body = compact(r.webhook())
	}
	if r.IntN(15) == 0 {
		x.body = r.mangle(x.body)
	}
	return x
}

func (r random) id() string { return fmt.Sprintf("w%d", r.IntN(40)) }

func (r random) webhook() map[string]any {
	w := map[string]any{"id": r.id(), "name": r.of("Orders", "ж", "<&>"), "webhookURL": "https://a.example/" + r.id()}
	for range r.IntN(4) {
		w[r.of("useBasicAuth", "enabled", "retryOnFailure")] = r.IntN(2) == 0
		w["username"], w["password"] = r.of("u", "", "vendor", "a b"), r.of("p", "", hookSecret, hookSecret+"!")
	}
	if r.IntN(8) == 0 {
		w[r.of("id", "name", "webhookURL", "useBasicAuth", "username", "password", "enabled", "more")] = r.value()
	}
	return w
}

func (r random) value() any {
	values := []any{
		nil, true, 7, 1e300, "", " ", "\x00", strings.Repeat("a", r.IntN(300)), []any{}, map[string]any{"a": nil},
		"http://a.example", "https://localhost", "https://u:p@a.example",
	}
	return values[r.IntN(len(values))]
}

func (r random) triggers() []any {
	names := schemas.Names()
	list := []any{}
	for range r.IntN(5) {
		list = append(list, r.mostly(r.of(names...), "", "message_new", "after_message", "call_busy", "__proto__"))
	}
	if r.IntN(10) == 0 {
		list = append(list, r.value())
	}
	return list
}

func (r random) mangle(s string) string {
	at := r.IntN(len(s))
	switch r.IntN(4) {
	case 0:
		return s[:at]
	case 1:
		return s + r.of("x", s, "\x00", "]")
	case 2:
		return s[:at] + string([]byte{byte(r.IntN(256))}) + s[at:]
	}
	return s[:at] + r.of("null", "1e999", `\ud800`, "[[[[", `"`) + s[at:]
}
