package mockserver

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

func TestControlOperationsAreTheDocuments(t *testing.T) {
	doc, err := openapi3.NewLoader().LoadFromData(controlYAML)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, item := range doc.Paths.Map() {
		for _, op := range item.Operations() {
			got = append(got, op.OperationID)
		}
	}
	slices.Sort(got)
	if want := slices.Sorted(maps.Keys(controlOperations())); !slices.Equal(got, want) {
		t.Errorf("operations of the document are %q, want those of the map: %q", got, want)
	}
	tags := map[string]bool{}
	for _, tag := range doc.Tags {
		tags[tag.Name] = true
	}
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			if op.Summary == "" || len(op.Tags) != 1 || !tags[op.Tags[0]] || op.Responses.Default() == nil {
				t.Errorf("%s %s: want a summary, one of the tags and a default response", method, path)
			}
		}
	}
}

// lively is a fake with a delivery of each state but discarded: d000001
// delivered, d000002 dead, d000003 retrying, d000004 queued.
func lively(t testing.TB) *fake {
	t.Helper()
	s := newFake()
	if _, err := s.Fire(t.Context(), Fire{Trigger: "message_sent", Count: 2}); err != nil {
		t.Fatal(err)
	}
	s.attempt("d000001", 200)
	for range 3 {
		s.attempt("d000002", 500)
	}
	s.attempt("d000003", 0)
	return s
}

func TestControlCalls(t *testing.T) {
	for _, tt := range []struct {
		name, method, target, body string
		status                     int
		want                       []string // in the answer
	}{
		{"fire", "POST", "/v1/events", `{"trigger":"user_blocked"}`, 202, []string{`{"events":1,"deliveries":1,"ids":["d000005"]}`}},
		{"fire to one webhook", "POST", "/v1/events", `{"app":"app1","trigger":"message_sent","webhook":"audit","count":3}`, 202, []string{`"events":3,"deliveries":3`}},
		{"fire to nobody", "POST", "/v1/events", `{"trigger":"group_created"}`, 202, []string{`{"events":1,"deliveries":0,"ids":[]}`}},
		{"fire what is no JSON", "POST", "/v1/events", `{"bodyText":"{","force":true,"webhook":"audit"}`, 202, []string{`"deliveries":1`}},
		{"list", "GET", "/v1/deliveries", "", 200, []string{`{"deliveries":[{"id":"d000004"`, `"last":"timeout"`, `"next":"2026-01-31T12:00:14Z"`}},
		{"list a page", "GET", "/v1/deliveries?limit=2", "", 200, []string{`"id":"d000003"`, `"cursor":"2"`}},
		{"list the next page", "GET", "/v1/deliveries?limit=2&cursor=2", "", 200, []string{`{"deliveries":[{"id":"d000002"`}},
		{"list by state and webhook", "GET", "/v1/deliveries?state=dead&webhook=audit&app=app1&trigger=message_sent", "", 200, []string{`{"deliveries":[{"id":"d000002"`}},
		{"list by time", "GET", "/v1/deliveries?since=2026-01-31T12:00:02Z&until=2026-01-31T12:00:03Z", "", 200, []string{`{"deliveries":[{"id":"d000002"`}},
		{"list nothing", "GET", "/v1/deliveries?state=discarded", "", 200, []string{`{"deliveries":[]}`}},
		{"get", "GET", "/v1/deliveries/d000002", "", 200, []string{`"body":"{`, `"number":3`, `"why":"the last of 3 attempts"`, `"Authorization":["[redacted]"]`}},
		{"get one without attempts", "GET", "/v1/deliveries/d000004", "", 200, []string{`"log":[]`}},
		{"get by an encoded id", "GET", "/v1/deliveries/%64000001", "", 200, []string{`"id":"d000001"`}},
		{"redeliver", "POST", "/v1/deliveries/d000002/redeliver", "", 202, []string{`"state":"queued"`}},
		{"redeliver all dead", "POST", "/v1/redeliver", "", 202, []string{`{"redelivered":1}`}},
		{"redeliver dead ones that match", "POST", "/v1/redeliver", `{"app":"app1","webhook":"orders","trigger":"message_sent"}`, 202, []string{`{"redelivered":0}`}},
		{"redeliver dead ones by time", "POST", "/v1/redeliver", `{"since":"2026-01-31T12:00:02Z","until":"2026-01-31T12:00:03+00:00"}`, 202, []string{`{"redelivered":1}`}},
		{"faults", "GET", "/v1/faults", "", 200, []string{`{"all":{}}`}},
		{"faults on", "PUT", "/v1/faults", `{"all":{"drop":"5%","delay":"20%:300ms","seed":7},"webhooks":{"app1/orders":{}}}`, 200, []string{`{"all":{"drop":"5%","delay":"20%:300ms","seed":7},"webhooks":{"app1/orders":{}}}`}},
		{"no faults on", "PUT", "/v1/faults", `{}`, 200, []string{`{"all":{}}`}},
		{"faults off", "DELETE", "/v1/faults", "", 200, []string{`{"all":{}}`}},
		{"reset", "POST", "/v1/reset", "", 200, []string{`{"status":"ok"}`}},
		{"apps", "GET", "/v1/apps", "", 200, []string{`"app":"app1"`, `"id":"off"`, `"enabled":false`}},
		{"scenarios", "GET", "/v1/scenarios", "", 200, []string{`"name":"missed-call"`, `"title":"`, `"events":18`, `"source":"title: `}},
		{"play", "POST", "/v1/scenarios", `{"name":"missed-call","seed":7,"speed":2.5}`, 202, []string{`"seed":7`, `"events":18`, `"seconds":2.5`}},
		{"play one's own", "POST", "/v1/scenarios", `{"source":"title: T\npeople: [anna, ben]\nsteps: [{do: send, from: anna, to: ben}]"}`, 202, []string{`"events":1`}},
		{"triggers", "GET", "/v1/triggers", "", 200, []string{`"name":"message_sent"`, `"group":"message"`, `"tier":"required"`}},
		{"stats", "GET", "/v1/stats", "", 200, []string{`{"queued":1,"retrying":1,"dead":1,"delivered":1,"failed":4,"workers":1}`}},
		{"health", "GET", "/v1/health", "", 200, []string{`{"status":"ok"}`}},
		{"ready", "GET", "/v1/ready", "", 200, []string{`{"status":"ok"}`}},
		{"document", "GET", "/v1/openapi.json", "", 200, []string{`"openapi":"3.0.3"`, `"/v1/events"`}},
		{"document as YAML", "GET", "/v1/openapi.yaml", "", 200, []string{"openapi: 3.0.3"}},
		{"metrics", "GET", "/metrics", "", 200, []string{`hookproof_queue_depth{state="queued"} 1`}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := newCaller(t, lively(t), controlOptions{})
			w := c.do(t, ask(tt.method, tt.target, tt.body))
			if w.Code != tt.status {
				t.Fatalf("got %d %s, want %d", w.Code, w.Body, tt.status)
			}
			for _, want := range tt.want {
				if !strings.Contains(w.Body.String(), want) {
					t.Errorf("got %s, want %s in it", w.Body, want)
				}
			}
		})
	}
}

// TestControlFires checks what becomes of each member of a fire.
func TestControlFires(t *testing.T) {
	for _, tt := range []struct {
		name, body, fired string
	}{
		{"values by path, in their order", `{"trigger":"message_sent","webhook":"orders","set":{"data.message.data.text":1,"/trigger":"message_sent","region":"us","data.message.data.text":"<é>"}}`, `"text": "<é>"`},
		{"values in a list", `{"trigger":"message_sent","webhook":"orders","set":[{"path":"region","value":"in"},{"path":"data.message.data.text","value":null}]}`, `"text": null`},
		{"a value that is a long number", `{"trigger":"message_sent","webhook":"orders","set":{"region":12345678901234567890.10}}`, `"region": 12345678901234567890.10`},
		{"a body as it is written", `{"webhook":"orders","body":{ "trigger":"message_sent","n":1.0}}`, `{ "trigger":"message_sent","n":1.0}`},
		{"a body that is null", `{"webhook":"orders","force":true,"body":null}`, `null`},
		{"a body that is no JSON", `{"webhook":"orders","force":true,"bodyText":"{\"a\""}`, `{"a"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newFake()
			c := newCaller(t, s, controlOptions{})
			if w := c.do(t, ask("POST", "/v1/events", tt.body)); w.Code != http.StatusAccepted {
				t.Fatalf("got %d %s, want 202", w.Code, w.Body)
			}
			d, err := s.Delivery(t.Context(), "d000001")
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(d.Body, tt.fired) {
				t.Errorf("fired %s, want %s in it", d.Body, tt.fired)
			}
		})
	}
}

// TestControlWhenTheStoreFails checks that callers learn that it failed, and
// only the log how.
func TestControlWhenTheStoreFails(t *testing.T) {
	for _, tt := range []struct {
		err           error
		code, message string
	}{
		{errors.New("store at nats://user:pa55word@host is gone"), "unavailable", "the store failed: try again; the server's log says more"},
		{fmt.Errorf("queue: %w", ErrFull), "unavailable", "the queue is full: try again when deliveries have been made"},
	} {
		for _, call := range [][3]string{
			{"POST", "/v1/events", `{"trigger":"message_sent"}`}, {"GET", "/v1/deliveries"}, {"GET", "/v1/deliveries/d000001"},
			{"POST", "/v1/deliveries/d000001/redeliver"}, {"POST", "/v1/redeliver"}, {"PUT", "/v1/faults", `{}`}, {"DELETE", "/v1/faults"},
			{"POST", "/v1/reset"}, {"GET", "/v1/stats"},
		} {
			var log logged
			s := lively(t)
			c := newCaller(t, s, controlOptions{Log: log.logger()})
			s.fail(tt.err)
			w := c.do(t, ask(call[0], call[1], call[2]))
			got := envelope(t, call[1], w).Error
			if w.Code != http.StatusServiceUnavailable || got.Code != tt.code || got.Message != tt.message {
				t.Errorf("%s %s: got %d %s, want 503 %s", call[0], call[1], w.Code, w.Body, tt.message)
			}
			if isLogged, want := strings.Contains(log.String(), tt.err.Error()), !errors.Is(tt.err, ErrFull); isLogged != want {
				t.Errorf("%s %s: log is %q, error in it %t, want %t", call[0], call[1], log.String(), isLogged, want)
			}
		}
	}
}

func TestControlSaysWhyItIsNotReady(t *testing.T) {
	s := newFake()
	c := newCaller(t, s, controlOptions{})
	s.fail(errors.New("no worker\nis there"))
	w := c.do(t, ask("GET", "/v1/ready", ""))
	if got := envelope(t, "ready", w).Error; w.Code != http.StatusServiceUnavailable || got.Message != "not ready: no worker is there" {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
	if w := c.do(t, ask("GET", "/v1/health", "")); w.Code != http.StatusOK {
		t.Errorf("health is %d, want 200", w.Code)
	}
	w = c.do(t, ask("GET", "/metrics", ""))
	if w.Code != http.StatusOK || strings.Contains(w.Body.String(), "queue_depth") || !strings.Contains(w.Body.String(), "hookproof_attempts_total") {
		t.Errorf("metrics are %d %.200s, want all but the depths", w.Code, w.Body)
	}
}

func TestControlDocumentsAgree(t *testing.T) {
	c := newCaller(t, newFake(), controlOptions{})
	text := c.do(t, ask("GET", "/v1/openapi.json", "")).Body.Bytes()
	got, err := openapi3.NewLoader().LoadFromData(text)
	if err != nil {
		t.Fatal(err)
	}
	want, err := openapi3.NewLoader().LoadFromData(c.do(t, ask("GET", "/v1/openapi.yaml", "")).Body.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	g, _ := json.Marshal(got)
	w, _ := json.Marshal(want)
	if string(g) != string(w) {
		t.Error("JSON and YAML differ")
	}
}
