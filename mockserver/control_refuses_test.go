package mockserver

import (
	"bytes"
	"net/http"
	"strings"
	"testing"
)

func TestControlRefuses(t *testing.T) {
	long := strings.Repeat("x", 2<<20)
	for _, tt := range []struct {
		name, method, target, body string
		headers                    []string
		status                     int
		field, message             string
	}{
		{"no path", "GET", "/v1/event", "", nil, 404, "", "nothing here: GET /v1/openapi.json lists what there is"},
		{"a path with a slash more", "GET", "/v1/deliveries/", "", nil, 404, "", "nothing here: GET /v1/openapi.json lists what there is"},
		{"a wrong method", "PUT", "/v1/events", "", nil, 405, "", "want the method POST"},
		{"a wrong method where there are several", "POST", "/v1/faults", "", nil, 405, "", "want the method DELETE or GET or PUT"},
		{"HEAD", "HEAD", "/v1/stats", "", nil, 405, "", "want the method GET"},
		{"a wrong method of the dashboard", "POST", "/", "", nil, 405, "", "want the method GET or HEAD"},

		{"no body", "POST", "/v1/events", "", nil, 400, "", "the body is missing: want a JSON object"},
		{"no JSON", "POST", "/v1/events", `{"trigger"`, nil, 400, "", "the body is not one JSON value: unexpected end of JSON input at byte 10"},
		{"two values", "POST", "/v1/events", `{}{}`, nil, 400, "", "the body is not one JSON value: invalid character '{' after top-level value at byte 3"},
		{"no UTF-8", "POST", "/v1/events", "{\"trigger\":\"\xff\"}", nil, 400, "", "the body is not UTF-8"},
		{"no object", "POST", "/v1/events", `[]`, nil, 400, "", "the body must be an object"},
		{"null", "POST", "/v1/events", `null`, nil, 400, "", "the body must be an object"},
		{"no content type", "POST", "/v1/events", `{}`, []string{"Content-Type: "}, 415, "Content-Type", "want Content-Type: application/json"},
		{"a form's content type", "POST", "/v1/events", `{}`, []string{"Content-Type: text/plain"}, 415, "Content-Type", "want Content-Type: application/json"},
		{"another charset", "POST", "/v1/events", `{}`, []string{"Content-Type: application/json; charset=latin1"}, 415, "Content-Type", "want Content-Type: application/json"},
		{"a compressed body", "POST", "/v1/events", `{}`, []string{"Content-Encoding: gzip"}, 415, "Content-Encoding", "want a body without Content-Encoding"},
		{"a large body", "POST", "/v1/events", `{"bodyText":"` + long + `"}`, nil, 413, "", "the body is too large: want at most 2 MiB"},
		{"a body for nothing", "POST", "/v1/reset", `{}`, nil, 400, "", "this call takes no body"},

		{"an unknown member", "POST", "/v1/events", `{"triger":"message_sent"}`, nil, 400, "triger", "triger is unknown: want one of app, body, bodyText, count, force, set, trigger, webhook"},
		{"a member in another case", "POST", "/v1/events", `{"Trigger":"message_sent"}`, nil, 400, "Trigger", "Trigger is unknown: want one of app, body, bodyText, count, force, set, trigger, webhook"},
		{"a hostile member", "POST", "/v1/events", "{\"a\\n\\u001b[31m\":1}", nil, 400, `"a\n\x1b[31m"`, `"a\n\x1b[31m" is unknown: want one of app, body, bodyText, count, force, set, trigger, webhook`},
		{"nothing to play", "POST", "/v1/scenarios", `{}`, nil, 400, "name", "name: want either the name of a scenario, which GET /v1/scenarios lists, or the source of one"},
		{"an unknown scenario", "POST", "/v1/scenarios", `{"name":"nonsense"}`, nil, 400, "name", "name: no such scenario: want one of campaign-blast, edit-war, first-conversation, group-lifecycle, huge-group, long-meeting, missed-call, moderation-incident, out-of-order, reconnect-storm, retry-storm, support-chat"},
		{"a bad scenario", "POST", "/v1/scenarios", `{"source":"title: T\npeople: [anna]\nsteps: [{hope: 1s}]"}`, nil, 400, "source", "source: 3:9: step: want one of do, wait, repeat, for, delivery"},
		{"a speed out of bounds", "POST", "/v1/scenarios", `{"name":"missed-call","speed":0}`, nil, 400, "speed", "speed must be at least 0.001"},
		{"nothing to fire", "POST", "/v1/events", `{}`, nil, 400, "trigger", "trigger: it is required unless there is a body: GET /v1/triggers lists them"},
		{"an unknown trigger", "POST", "/v1/events", `{"trigger":"message_new"}`, nil, 400, "trigger", `trigger: no trigger "message_new"`},
		{"a trigger that is no string", "POST", "/v1/events", `{"trigger":7}`, nil, 400, "trigger", "trigger must be a string"},
		{"an empty trigger", "POST", "/v1/events", `{"trigger":""}`, nil, 400, "trigger", "trigger must not be empty"},
		{"an unknown app", "POST", "/v1/events", `{"trigger":"message_sent","app":"app2"}`, nil, 400, "app", `app: no app "app2": want app1`},
		{"too long a webhook", "POST", "/v1/events", `{"trigger":"message_sent","webhook":"` + strings.Repeat("x", 51) + `"}`, nil, 400, "webhook", "webhook must have at most 50 characters"},
		{"none", "POST", "/v1/events", `{"trigger":"message_sent","count":0}`, nil, 400, "count", "count must be at least 1"},
		{"too many", "POST", "/v1/events", `{"trigger":"message_sent","count":100001}`, nil, 400, "count", "count must be at most 100000"},
		{"half an event", "POST", "/v1/events", `{"trigger":"message_sent","count":1.5}`, nil, 400, "count", "count must be a whole number"},
		{"a count as a power", "POST", "/v1/events", `{"trigger":"message_sent","count":1e2}`, nil, 400, "count", "count: want a whole number in plain digits within its bounds"},
		{"a path that leads to nothing", "POST", "/v1/events", `{"trigger":"message_sent","set":{"data.msg":1}}`, nil, 400, "set", `set: "data.msg": nothing there: "data" has no "msg", only "message"`},
		{"set as text", "POST", "/v1/events", `{"trigger":"message_sent","set":"a=b"}`, nil, 400, "set", "set must be an object of paths and values, or a list of {path, value}, of at most 100 each"},
		{"set without a value", "POST", "/v1/events", `{"trigger":"message_sent","set":[{"path":"region"}]}`, nil, 400, "set", "set must be an object of paths and values, or a list of {path, value}, of at most 100 each"},
		{"two bodies", "POST", "/v1/events", `{"force":true,"bodyText":"x","body":{}}`, nil, 400, "bodyText", "bodyText: it and body exclude each other: leave one out"},
		{"no force", "POST", "/v1/events", `{"bodyText":"x"}`, nil, 400, "bodyText", `bodyText: it is for what breaks the contract: want "force": true beside it, or body for JSON`},
		{"an empty body", "POST", "/v1/events", `{"force":true,"bodyText":""}`, nil, 400, "bodyText", "bodyText: it is empty: want at least one character"},
		{"a body that is no event", "POST", "/v1/events", `{"body":[]}`, nil, 400, "body", "body: no event"},

		{"an unknown parameter", "GET", "/v1/deliveries?status=dead", "", nil, 400, "", `unknown parameter "status": want one of app, webhook, trigger, state, since, until, limit, cursor`},
		{"a parameter where there is none", "GET", "/v1/stats?x=1", "", nil, 400, "", `unknown parameter "x": this call takes none`},
		{"a parameter twice", "GET", "/v1/deliveries?app=a&app=b", "", nil, 400, "app", "app is given more than once"},
		{"an empty parameter", "GET", "/v1/deliveries?app=", "", nil, 400, "app", "app is empty: leave it out or give it a value"},
		{"a malformed query", "GET", "/v1/deliveries?app=%zz", "", nil, 400, "", "the query is malformed: want name=value&name=value, percent-encoded"},
		{"an unknown state", "GET", "/v1/deliveries?state=lost", "", nil, 400, "state", "state must be queued or retrying or delivered or dead or discarded"},
		{"a day for a time", "GET", "/v1/deliveries?since=2026-01-31", "", nil, 400, "since", "since must be a time such as 2026-01-31T12:00:00Z"},
		{"no such day", "GET", "/v1/deliveries?since=2026-02-30T00:00:00Z", "", nil, 400, "since", "since: want a time such as 2026-01-31T12:00:00Z"},
		{"times in the wrong order", "GET", "/v1/deliveries?since=2026-01-31T12:00:00Z&until=2026-01-31T12:00:00Z", "", nil, 400, "until", "until: want a time later than since"},
		{"a page of none", "GET", "/v1/deliveries?limit=0", "", nil, 400, "limit", "limit must be at least 1"},
		{"too large a page", "GET", "/v1/deliveries?limit=1001", "", nil, 400, "limit", "limit must be at most 1000"},
		{"a limit that is no number", "GET", "/v1/deliveries?limit=all", "", nil, 400, "limit", "limit must be a number in plain digits within its bounds"},
		{"a cursor of somebody else's", "GET", "/v1/deliveries?cursor=x", "", nil, 400, "cursor", "cursor: not one of ours: want that of the page before"},
		{"no such delivery", "GET", "/v1/deliveries/d9", "", nil, 404, "id", "no such delivery, or it is not kept any more: GET /v1/deliveries lists them"},
		{"no such delivery to redeliver", "POST", "/v1/deliveries/d9/redeliver", "", nil, 404, "id", "no such delivery, or it is not kept any more: GET /v1/deliveries lists them"},
		{"too long an id", "GET", "/v1/deliveries/" + strings.Repeat("x", 101), "", nil, 400, "id", "id must have at most 100 characters"},
		{"redeliver with a member more", "POST", "/v1/redeliver", `{"state":"dead"}`, nil, 400, "state", "state is unknown: want one of app, since, trigger, until, webhook"},
		{"redeliver at no time", "POST", "/v1/redeliver", `{"since":"now"}`, nil, 400, "since", "since must be a time such as 2026-01-31T12:00:00Z"},

		{"a fault of no kind", "PUT", "/v1/faults", `{"all":{"lose":"5%"}}`, nil, 400, "all.lose", "all.lose is unknown: want one of corrupt, delay, drop, duplicate, reorder, seed, slow-body, truncate, wrong-credentials"},
		{"a fault without percent", "PUT", "/v1/faults", `{"all":{"drop":5}}`, nil, 400, "all.drop", "all.drop must be a percentage from 0% to 100%, such as 5%"},
		{"a fault of more than all", "PUT", "/v1/faults", `{"webhooks":{"app1/orders":{"drop":"101%"}}}`, nil, 400, "webhooks.app1/orders.drop", "webhooks.app1/orders.drop must be a percentage from 0% to 100%, such as 5%"},
		{"a fault with a time that takes none", "PUT", "/v1/faults", `{"all":{"drop":"5%:1s"}}`, nil, 400, "all.drop", "all.drop must be a percentage from 0% to 100%, such as 5%"},
		{"a fault for long", "PUT", "/v1/faults", `{"all":{"delay":"5%:31s"}}`, nil, 400, "", "31s: want a duration above 0 and at most 30s"},
		{"a fault for no time", "PUT", "/v1/faults", `{"all":{"delay":"5%:soon"}}`, nil, 400, "", `"5%:soon": want a duration above 0 and at most 30s after the colon, such as 300ms`},
		{"a seed below 0", "PUT", "/v1/faults", `{"all":{"seed":-1}}`, nil, 400, "all.seed", "all.seed must be at least 0"},
		{"a seed that is too large", "PUT", "/v1/faults", `{"all":{"seed":18446744073709551616}}`, nil, 400, "all.seed", "all.seed: want a whole number in plain digits within its bounds"},
		{"a rule that is no object", "PUT", "/v1/faults", `{"all":null}`, nil, 400, "all", "all must be an object"},

		{"a stream after no position", "GET", "/v1/attempts?after=-2", "", nil, 400, "after", "after must be at least -1"},
		{"a stream after a word", "GET", "/v1/attempts", "", []string{"Last-Event-ID: last"}, 400, "Last-Event-ID", "Last-Event-ID must be a number in plain digits within its bounds"},
		{"a stream at no rate", "GET", "/v1/attempts?rate=0", "", nil, 400, "rate", "rate must be at least 1"},
		{"a stream by time", "GET", "/v1/attempts?since=2026-01-31T12:00:00Z", "", nil, 400, "", `unknown parameter "since": want one of app, webhook, trigger, state, rate, after`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := lively(t)
			c := newCaller(t, s, controlOptions{})
			before := s.snapshot()
			w := c.do(t, ask(tt.method, tt.target, tt.body, tt.headers...))
			got := envelope(t, tt.name, w).Error
			if w.Code != tt.status || got.Field != tt.field || got.Message != tt.message {
				t.Errorf("got %d, field %q, message\n%s, want %d, %q,\n%s", w.Code, got.Field, got.Message, tt.status, tt.field, tt.message)
			}
			if !bytes.Equal(s.snapshot(), before) {
				t.Error("something has changed")
			}
			if allow := w.Header().Get("Allow"); (allow != "") != (w.Code == http.StatusMethodNotAllowed) {
				t.Errorf("got Allow %q with %d", allow, w.Code)
			}
		})
	}
}

// TestControlBoundsBodies checks that what is declared too large is not read,
// and what does not say is read up to the bound.
func TestControlBoundsBodies(t *testing.T) {
	c := newCaller(t, newFake(), controlOptions{})
	r := ask("POST", "/v1/events", "{}")
	r.ContentLength = maxControlBody + 1
	r.Body = http.NoBody
	if w := c.do(t, r); w.Code != http.StatusRequestEntityTooLarge || w.Header().Get("Connection") != "close" {
		t.Errorf("got %d, Connection %q, want 413, close", w.Code, w.Header().Get("Connection"))
	}
	r = ask("POST", "/v1/events", `"`+strings.Repeat("x", maxControlBody)+`"`)
	r.ContentLength = -1
	if w := c.do(t, r); w.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("got %d, want 413", w.Code)
	}
	if w := c.do(t, ask("POST", "/v1/events", strings.Repeat("[", 1<<20))); w.Code != http.StatusBadRequest {
		t.Errorf("deep nesting: got %d, want 400", w.Code)
	}
}

func FuzzControl(f *testing.F) {
	f.Add("POST", "/v1/events", `{"trigger":"message_sent","set":{"region":"us"}}`, "Content-Type", "application/json")
	f.Add("POST", "/v1/events", `{"body":{"trigger":"x"},"force":true,"count":2}`, "Origin", "http://localhost:8080")
	f.Add("GET", "/v1/deliveries?state=dead&limit=3&since=2026-01-31T12:00:00Z", "", "Host", "127.0.0.1")
	f.Add("GET", "/v1/deliveries/%64000001", "", "Authorization", "Bearer x")
	f.Add("PUT", "/v1/faults", `{"all":{},"webhooks":{"app1/orders":{}}}`, "Content-Type", "Application/JSON; charset=UTF-8")
	f.Add("DELETE", "/v1/faults", "", "Sec-Fetch-Site", "cross-site")
	f.Add("POST", "/login", "token=x", "Cookie", "hookproof=x")
	f.Add("HEAD", "/app.js", "", "Range", "bytes=1-2")
	f.Add("GET", "/app.js", "", "Range", "bytes==1-1-2")
	f.Add("GET", "/app.css", "", "If-Match", `"x"`)
	f.Add("GET", "//v1//stats", "", "Last-Event-ID", "1")
	f.Fuzz(func(t *testing.T, method, target, body, header, value string) {
		if !strings.HasPrefix(target, "/") || strings.ContainsAny(target, " \r\n\t") || strings.HasPrefix(target, "/v1/attempts") {
			return // no request line, or one that stays
		}
		req, err := http.NewRequest(method, "http://localhost:8080"+target, strings.NewReader(body))
		if err != nil {
			return
		}
		req.Header.Set("Content-Type", "application/json")
		if header == "Host" {
			req.Host = value
		} else {
			req.Header.Set(header, value)
		}
		const token = "s3cret-token-of-the-server"
		for _, o := range []controlOptions{{}, {Token: token}} {
			s := lively(t)
			before := s.snapshot()
			c := newCaller(t, s, o)
			r := req.Clone(t.Context())
			r.Body, _ = req.GetBody()
			w := c.do(t, r)
			if w.Code >= 500 {
				t.Errorf("%s %q: got %d %s", method, target, w.Code, w.Body)
			}
			if w.Code >= 400 && !bytes.Equal(s.snapshot(), before) {
				t.Errorf("%s %q: got %d, but something has changed", method, target, w.Code)
			}
			if strings.Contains(w.Body.String(), token) {
				t.Errorf("%s %q shows the token", method, target)
			}
		}
	})
}
