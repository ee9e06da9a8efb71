package mockserver

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"

	"hookproof/schemas"
)

// The credentials of the tests. None of the secret ones may be seen anywhere.
const (
	testKey     = "acct1Key"
	testSecret  = "s3cretOfAcct1"
	otherKey    = "acct2Key"
	otherSecret = "s3cretOfAcct2"
	hookSecret  = "pa55w0rdOfHook"
)

const (
	webhooksPath = "/apps/app1/webhooks"
	ordersPath   = webhooksPath + "/orders"
	triggersPath = ordersPath + "/triggers"
	least        = `{"id":"orders","name":"Orders","webhookURL":"https://hooks.example.com/cometchat"}`
)

// stage is a management API of two accounts, each with two apps, whose every
// answer is held against the document as it is published.
type stage struct {
	testing.TB
	api    *management
	store  *memory
	doc    *openapi3.T
	router routers.Router
	http   bool // URLs may be of http
	log    *bytes.Buffer
	now    time.Time
}

func newStage(t testing.TB, change func(*managementOptions)) *stage {
	t.Helper()
	s := &stage{TB: t, store: newMemory(), log: &bytes.Buffer{}, now: time.Unix(1767225600, 0)}
	o := managementOptions{
		Accounts: []account{
			{Key: testKey, Secret: testSecret, Apps: []string{"app1", "app2"}},
			{Key: otherKey, Secret: otherSecret, Apps: []string{"app3", "app4"}},
		},
		Store: s.store, RatePerMinute: -1,
		Now: func() time.Time { return s.now },
		Log: slog.New(slog.NewTextHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	if change != nil {
		change(&o)
	}
	var err error
	if s.api, err = newManagement(o); err != nil {
		t.Fatal(err)
	}
	s.doc, s.router, s.http = published(), must(gorillamux.NewRouter(published())), o.AllowHTTP
	return s
}

// published is the document as it is published.
var published = sync.OnceValue(func() *openapi3.T {
	doc := must(openapi3.NewLoader().LoadFromData(must(schemas.ManagementAPI())))
	doc.Servers = nil
	return doc
})

// answer is what a request got.
type answer struct {
	status int
	header http.Header
	text   string
	body   map[string]any
}

// request is one of the first account, with a body of JSON, about modern
// webhooks; headers are pairs of a name and a value, "" leaves it out.
func request(t testing.TB, method, target, body string, headers ...string) *http.Request {
	t.Helper()
	var content io.Reader
	if body != "" {
		content = strings.NewReader(body)
	}
	r := httptest.NewRequest(method, target, content)
	all := []string{"key", testKey, "secret", testSecret, "X-Webhook-Version", "2", "Content-Type", "application/json"}
	for pair := range slices.Chunk(append(all, headers...), 2) {
		if pair[1] == "" {
			r.Header.Del(pair[0])
		} else {
			r.Header.Set(pair[0], pair[1])
		}
	}
	return r
}

// send checks what holds for every answer: that it is documented, that it shows
// no secret, and that nothing has changed if it is an error.
func (s *stage) send(r *http.Request) answer {
	s.Helper()
	before := s.store.state()
	call := fmt.Sprintf("%s %.200q", r.Method, r.URL)
	w := httptest.NewRecorder()
	s.api.ServeHTTP(w, r)
	a := answer{status: w.Code, header: w.Header(), text: w.Body.String()}
	if err := json.Unmarshal(w.Body.Bytes(), &a.body); err != nil {
		s.Fatalf("%s: %d %v: %.200q", call, a.status, err, a.text)
	}
	if got := w.Header().Get("Content-Type"); got != "application/json" {
		s.Errorf("%s: content type %q", call, got)
	}
	if err := s.documented(r, a); err != nil {
		s.Errorf("%s: %d %s is not documented: %v", call, a.status, a.text, err)
	}
	if after := s.store.state(); a.status >= 400 && after != before {
		s.Errorf("%s: %d, but the state changed from\n%s to\n%s", call, a.status, before, after)
	}
	for _, secret := range []string{testSecret, otherSecret, hookSecret} {
		if strings.Contains(a.text, secret) || strings.Contains(s.log.String(), secret) {
			s.Errorf("%s: the secret %s is in the answer or the log:\n%s\n%s", call, secret, a.text, s.log)
		}
	}
	return a
}

func (s *stage) documented(r *http.Request, a answer) error {
	route, vars, err := s.router.FindRoute(r)
	if err != nil {
		if a.status != http.StatusNotFound || a.code() != "ERR_API_NOT_FOUND" {
			return fmt.Errorf("want 404 ERR_API_NOT_FOUND")
		}
		return s.doc.Components.Schemas["ErrorAnswer"].Value.VisitJSON(a.body)
	}
	if a.status != http.StatusInternalServerError && route.Operation.Responses.Status(a.status) == nil {
		return fmt.Errorf("the operation has no such status")
	}
	in := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{Request: r, Route: route, PathParams: vars},
		Status:                 a.status, Header: a.header, Options: &openapi3filter.Options{MultiError: true, IncludeResponseStatus: true},
	}
	text := a.text
	if s.http {
		text = strings.ReplaceAll(text, `"http://`, `"https://`)
	}
	return openapi3filter.ValidateResponse(r.Context(), in.SetBodyBytes([]byte(text)))
}

func (s *stage) do(method, target, body string, headers ...string) answer {
	s.Helper()
	return s.send(request(s, method, target, body, headers...))
}

// ok is do for what must be done.
func (s *stage) ok(method, target, body string, headers ...string) answer {
	s.Helper()
	a := s.do(method, target, body, headers...)
	if a.status != http.StatusOK {
		s.Fatalf("%s %s %s: %d %s, want 200", method, target, body, a.status, a.text)
	}
	return a
}

// refused is do for what must be refused.
func (s *stage) refused(status int, code, method, target, body string, headers ...string) answer {
	s.Helper()
	a := s.do(method, target, body, headers...)
	if a.status != status || a.code() != code {
		s.Errorf("%s %.200s %.200s: %d %s, want %d %s", method, target, body, a.status, a.text, status, code)
	}
	return a
}

func (a answer) err() map[string]any {
	e, _ := a.body["error"].(map[string]any)
	return e
}

func (a answer) code() string    { s, _ := a.err()["code"].(string); return s }
func (a answer) message() string { s, _ := a.err()["message"].(string); return s }

// details are the error's as JSON, "" if it has none.
func (a answer) details() string {
	if a.err()["details"] == nil {
		return ""
	}
	return compact(a.err()["details"])
}

// data is the answer's as JSON.
func (a answer) data() string { return compact(a.body["data"]) }

// ids are those of the list in data.
func (a answer) ids() string {
	var ids []string
	list, _ := a.body["data"].([]any)
	for _, v := range list {
		ids = append(ids, v.(map[string]any)["id"].(string))
	}
	return strings.Join(ids, " ")
}

func (a answer) pages() string {
	p := a.body["meta"].(map[string]any)["pagination"].(map[string]any)
	return fmt.Sprintf("total %.0f, count %.0f, per page %.0f, page %.0f of %.0f", p["total"], p["count"], p["per_page"], p["current_page"], p["total_pages"])
}

// compact is v as JSON with sorted members.
func compact(v any) string {
	return strings.TrimSpace(string(encodeAnswer(must(decode(string(encodeAnswer(v)))))))
}

func TestOperationsAreThoseOfTheDocument(t *testing.T) {
	s := newStage(t, nil)
	want := []string{}
	for _, item := range s.doc.Paths.Map() {
		for _, op := range item.Operations() {
			want = append(want, op.OperationID)
		}
	}
	slices.Sort(want)
	if got := slices.Sorted(maps.Keys(operations())); !slices.Equal(got, want) || len(got) != 8 {
		t.Errorf("operations are %q, want %q", got, want)
	}
}

func decode(text string) (any, error) {
	var v any
	err := json.Unmarshal([]byte(text), &v)
	return v, err
}
