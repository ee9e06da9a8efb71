package mockserver

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

func TestUnknownAPIs(t *testing.T) {
	s := newStage(t, nil)
	s.ok("POST", webhooksPath, least)
	for _, c := range []struct{ method, path, words string }{
		{"GET", "/", "path is not"},
		{"GET", "/apps", "path is not"},
		{"GET", "/apps/app1", "path is not"},
		{"GET", "//apps/app1/webhooks", "path is not"},
		{"GET", "/apps//webhooks", "path is not"},
		{"GET", webhooksPath + "/", "path is not"},
		{"GET", webhooksPath + "//orders", "path is not"},
		{"GET", "/apps/app1/../app1/webhooks", "path is not"},
		{"GET", "/apps/app1%2Fwebhooks", "path is not"},
		{"GET", "/v3" + webhooksPath, "path is not"},
		{"GET", "/Apps/app1/webhooks", "path is not"},
		{"HEAD", webhooksPath, "the method HEAD"},
		{"OPTIONS", webhooksPath, "the method OPTIONS"},
		{"PATCH", ordersPath, "the method PATCH"},
		{"POST", ordersPath, "the method POST"},
		{"PUT", triggersPath, "the method PUT"},
		{"post", webhooksPath, "the method post"},
		{strings.Repeat("M", 5000), webhooksPath, "the method " + strings.Repeat("M", 100) + "…"},
	} {
		a := s.refused(404, "ERR_API_NOT_FOUND", c.method, c.path, "")
		if got := a.message(); !strings.Contains(got, c.words) {
			t.Errorf("%.20s %s: message %q, want it to have %q", c.method, c.path, got, c.words)
		}
	}
}

func TestAnyHostIsServed(t *testing.T) {
	s := newStage(t, nil)
	for _, base := range []string{"http://localhost:8080", "https://apimgmt.cometchat.io", "http://[::1]:9"} {
		s.ok("GET", base+webhooksPath, "")
	}
}

func TestCredentials(t *testing.T) {
	s := newStage(t, nil)
	for _, c := range []struct{ key, secret, code string }{
		{"", "", "AUTH_ERR_EMPTY_AUTH_HEADER"},
		{testKey, "", "AUTH_ERR_EMPTY_AUTH_HEADER"},
		{"", testSecret, "AUTH_ERR_EMPTY_AUTH_HEADER"},
		{testKey, otherSecret, "AUTH_ERR_APIKEY_NOT_FOUND"},
		{otherKey, testSecret, "AUTH_ERR_APIKEY_NOT_FOUND"},
		{testKey, testSecret + "x", "AUTH_ERR_APIKEY_NOT_FOUND"},
		{strings.ToUpper(testKey), testSecret, "AUTH_ERR_APIKEY_NOT_FOUND"},
		{testSecret, testKey, "AUTH_ERR_APIKEY_NOT_FOUND"},
		{strings.Repeat("k", 900_000), "x", "AUTH_ERR_APIKEY_NOT_FOUND"},
	} {
		for _, call := range []string{"GET " + webhooksPath, "POST " + webhooksPath, "GET /apps/none/webhooks", "DELETE " + triggersPath} {
			method, path, _ := strings.Cut(call, " ")
			s.refused(401, c.code, method, path, "", "key", c.key, "secret", c.secret)
		}
	}
}

func TestAppsOfOtherAccountsAreNotFound(t *testing.T) {
	s := newStage(t, nil)
	s.ok("POST", "/apps/app3/webhooks", least, "key", otherKey, "secret", otherSecret)
	for _, app := range []string{"app3", "App1", "none", "%00", "app1%2F", strings.Repeat("a", 5000), "%ff"} {
		a := s.refused(404, "ERR_APP_NOT_FOUND", "GET", "/apps/"+app+"/webhooks", "")
		if len(a.text) > 400 {
			t.Errorf("%.20s: the answer has %d bytes", app, len(a.text))
		}
	}
	s.refused(404, "ERR_APP_NOT_FOUND", "DELETE", "/apps/app3/webhooks/orders", "")
	s.refused(404, "ERR_APP_NOT_FOUND", "POST", "/apps/app3/webhooks", "no JSON")
	if got := s.refused(404, "ERR_APP_NOT_FOUND", "GET", "/apps/none/webhooks", "").message(); got != "The account has no app none." {
		t.Errorf("message %q", got)
	}
}

func TestWebhookIDsInPaths(t *testing.T) {
	s := newStage(t, nil)
	s.ok("POST", webhooksPath, least)
	s.ok("GET", webhooksPath+"/%6Frders", "")
	for _, id := range []string{"Orders", "orders%20", "%00", "a%2Fb", "..", strings.Repeat("a", 5000), "%ff%ff"} {
		if a := s.refused(404, "ERR_WEBHOOK_NOT_FOUND", "GET", webhooksPath+"/"+id, ""); len(a.text) > 400 {
			t.Errorf("%.20s: the answer has %d bytes", id, len(a.text))
		}
	}
}

func TestParametersOutOfBounds(t *testing.T) {
	s := newStage(t, nil)
	const perPage, page = "must be a whole number from 1 to 1000", "must be a whole number from 1 to 2147483647"
	for _, c := range []struct{ query, version, want string }{
		{"perPage=0", "2", `{"perPage":["must be at least 1"]}`},
		{"perPage=1001", "2", `{"perPage":["must be at most 1000"]}`},
		{"perPage=-1", "2", `{"perPage":["must be at least 1"]}`},
		{"perPage=ten", "2", `{"perPage":["` + perPage + `"]}`},
		{"perPage=1.5", "2", `{"perPage":["` + perPage + `"]}`},
		{"perPage=1e2", "2", `{"perPage":["` + perPage + `"]}`},
		{"perPage=99999999999999999999", "2", `{"perPage":["` + perPage + `"]}`},
		{"perPage=", "2", `{"perPage":["must not be empty"]}`},
		{"page=0", "2", `{"page":["must be at least 1"]}`},
		{"page=2147483648", "2", `{"page":["` + page + `"]}`},
		{"page=x&perPage=y", "3", `{"X-Webhook-Version":["must be 1 or 2"],"page":["` + page + `"],"perPage":["` + perPage + `"]}`},
		{"", "0", `{"X-Webhook-Version":["must be 1 or 2"]}`},
		{"", "two", `{"X-Webhook-Version":["must be 1 or 2"]}`},
		{"", "2.0", `{"X-Webhook-Version":["must be 1 or 2"]}`},
		{"", strings.Repeat("2", 900_000), `{"X-Webhook-Version":["must be 1 or 2"]}`},
	} {
		a := s.refused(400, "ERR_BAD_REQUEST", "GET", webhooksPath+"?"+c.query, "", "X-Webhook-Version", c.version)
		if a.details() != c.want || a.message() != "The request is invalid." {
			t.Errorf("%s, version %.20s: %s, want details %s", c.query, c.version, a.text, c.want)
		}
	}
	r := request(t, "GET", webhooksPath, "")
	r.Header["X-Webhook-Version"] = []string{""}
	if a := s.send(r); a.status != 400 || a.details() != `{"X-Webhook-Version":["must not be empty"]}` {
		t.Errorf("empty version: %d %s", a.status, a.text)
	}
	for _, query := range []string{"perPage=%zz", "perPage=1;page=2", "%"} {
		r := request(t, "GET", webhooksPath, "")
		r.URL.RawQuery = query
		if a := s.send(r); a.status != 400 || a.message() != "The query of the URL is malformed." {
			t.Errorf("%s: %d %s", query, a.status, a.text)
		}
	}
}

func TestBodiesThatAreNoObjects(t *testing.T) {
	s := newStage(t, nil)
	s.ok("POST", webhooksPath, least)
	const no = "The body is not a JSON object"
	for _, c := range []struct{ name, body, message string }{
		{"empty", "", no + ": it is empty."},
		{"blank", " \r\n\t", no + ": it is empty."},
		{"words", "hello", no + ": it goes wrong at byte 1."},
		{"broken off", `{"id":"a"`, no + ": it goes wrong at byte 9."},
		{"single quotes", `{'id':'a'}`, no + ": it goes wrong at byte 2."},
		{"with a comma too many", `{"id":"a",}`, no + ": it goes wrong at byte 11."},
		{"NaN", `{"id":NaN}`, no + ": it goes wrong at byte 7."},
		{"a second value", `{} {}`, no + ": it goes wrong at byte 4."},
		{"trailing data", `{}x`, no + ": it goes wrong at byte 3."},
		{"byte order mark", "\ufeff{}", no + ": it goes wrong at byte 1."},
		{"NUL", "{}\x00", no + ": it goes wrong at byte 3."},
		{"no UTF-8", "{\"name\":\"\xff\"}", no + ": it is not in UTF-8."},
		{"a form", "id=a&name=b", no + ": it goes wrong at byte 1."},
		{"null", "null", no + "."},
		{"a list", "[]", no + "."},
		{"a string", `"a"`, no + "."},
		{"a number", `1e999`, no + "."},
		{"nesting without an end", strings.Repeat("[", 100_000), no + ": it goes wrong at byte 10001."},
		{"nesting", strings.Repeat(`{"a":`, 100_000) + "1" + strings.Repeat("}", 100_000), no + ": it goes wrong at byte 50001."},
	} {
		for _, call := range []string{"POST " + webhooksPath, "PUT " + ordersPath, "POST " + triggersPath, "DELETE " + triggersPath} {
			method, path, _ := strings.Cut(call, " ")
			if got := s.refused(400, "ERR_BAD_REQUEST", method, path, c.body).message(); got != c.message {
				t.Errorf("%s, %s: message %q, want %q", call, c.name, got, c.message)
			}
		}
	}
	deep := strings.Replace(strings.Replace(least, "{", `{"more":`+strings.Repeat("[", 9_000)+strings.Repeat("]", 9_000)+",", 1), "orders", "deep", 1)
	s.ok("POST", webhooksPath, deep)
}

func TestBodiesOutOfBounds(t *testing.T) {
	s := newStage(t, nil)
	s.ok("POST", webhooksPath, least)
	with := func(member string) string { return strings.Replace(least, "{", "{"+member+",", 1) }
	long := func(n int) string { return strings.Repeat("a", n) }
	for _, c := range []struct{ name, call, body, want string }{
		{"nothing", "POST " + webhooksPath, `{}`, `{"id":["is required"],"name":["is required"],"webhookURL":["is required"]}`},
		{
			"everything", "POST " + webhooksPath,
			`{"id":"a b","name":"","webhookURL":"http://localhost","useBasicAuth":true,"username":"a b","password":"` + hookSecret + `!","enabled":"true","retryOnFailure":null}`,
			`{"enabled":["must be true or false"],"id":["must have only letters, digits, _ and -"],"name":["must not be empty"],` +
				`"password":["must have only letters and digits"],"retryOnFailure":["must be true or false"],"username":["must have only letters and digits"],` +
				`"webhookURL":["must start with https://; a mock server started with --allow-http takes http://, too","` + privateWords + `"]}`,
		},
		{
			"types", "POST " + webhooksPath, `{"id":7,"name":["a"],"webhookURL":{},"useBasicAuth":1e999,"username":true,"password":null}`,
			`{"id":["must be a string"],"name":["must be a string"],"password":["must be a string"],"useBasicAuth":["must be true or false"],"username":["must be a string"],"webhookURL":["must be a string"]}`,
		},
		{"long id", "POST " + webhooksPath, strings.Replace(least, "orders", long(51), 1), `{"id":["must have at most 50 characters"]}`},
		{"long name", "POST " + webhooksPath, strings.Replace(least, "Orders", strings.Repeat("ж", 51), 1), `{"name":["must have at most 50 characters"]}`},
		{"long URL", "POST " + webhooksPath, strings.Replace(least, "/cometchat", "/"+long(232), 1), `{"webhookURL":["must have at most 255 characters"]}`},
		{"long credentials", "POST " + webhooksPath, with(`"username":"` + long(51) + `","password":"` + long(101) + `"`), `{"password":["must have at most 100 characters"],"username":["must have at most 50 characters"]}`},
		{"Basic auth without credentials", "POST " + webhooksPath, with(`"useBasicAuth":true`), `{"password":["is required with useBasicAuth"],"username":["is required with useBasicAuth"]}`},
		{"Basic auth without a password", "POST " + webhooksPath, with(`"useBasicAuth":true,"username":"u"`), `{"password":["is required with useBasicAuth"]}`},
		{"names in another case", "POST " + webhooksPath, `{"ID":"a","Name":"A","webhookurl":"https://a.example"}`, `{"id":["is required"],"name":["is required"],"webhookURL":["is required"]}`},
		{"a change of types", "PUT " + ordersPath, `{"name":7,"enabled":"no","webhookURL":"ftp://a.example"}`, `{"enabled":["must be true or false"],"name":["must be a string"],"webhookURL":["must start with https://"]}`},
		{"no list", "POST " + triggersPath, `{}`, `{"triggerIds":["is required"]}`},
		{"a string for a list", "DELETE " + triggersPath, `{"triggerIds":"message_sent"}`, `{"triggerIds":["must be a list"]}`},
		{"an empty list", "DELETE " + triggersPath, `{"triggerIds":[]}`, `{"triggerIds":["must have at least 1 item"]}`},
		{"a long list", "POST " + triggersPath, `{"triggerIds":["a"` + strings.Repeat(`,"a"`, 200) + `]}`, `{"triggerIds":["must have at most 200 items"]}`},
		{"a list of nothing right", "POST " + triggersPath, `{"triggerIds":[1` + strings.Repeat(`,1`, 500_000) + `]}`, `{"triggerIds":["must have at most 200 items"]}`},
		{"items", "POST " + triggersPath, `{"triggerIds":[1,null,"","message_sent","` + long(101) + `",[]]}`, `{"triggerIds":["each must be a string","each must not be empty","each must have at most 100 characters"]}`},
	} {
		method, path, _ := strings.Cut(c.call, " ")
		a := s.refused(400, "ERR_BAD_REQUEST", method, path, c.body)
		if a.details() != c.want {
			t.Errorf("%s: details %s, want %s", c.name, a.details(), c.want)
		}
	}
}

func TestContentTypeDoesNotMatter(t *testing.T) {
	s := newStage(t, nil)
	for i, contentType := range []string{"application/json", "Application/JSON; charset=utf-8", "text/plain;charset=UTF-8", "", "\x7f;;", "application/x-www-form-urlencoded"} {
		s.ok("POST", webhooksPath, strings.Replace(least, "orders", "w"+string(rune('a'+i)), 1), "Content-Type", contentType)
	}
}

// untouched is a body that must not be read.
type untouched struct{ t *testing.T }

func (u untouched) Read([]byte) (int, error) {
	u.t.Error("the body was read")
	return 0, io.EOF
}

func TestLargeBodies(t *testing.T) {
	s := newStage(t, nil)
	r := request(t, "POST", webhooksPath, "")
	r.Body, r.ContentLength = io.NopCloser(untouched{t}), maxBody+1
	if a := s.send(r); a.status != 413 || a.code() != "ERR_BAD_REQUEST" {
		t.Errorf("announced: %d %s, want 413", a.status, a.text)
	}
	fitting := least + strings.Repeat(" ", maxBody-len(least))
	for _, c := range []struct {
		body string
		want int
	}{{fitting, 200}, {fitting + " ", 413}} {
		r := request(t, "POST", webhooksPath, "")
		r.Body, r.ContentLength = io.NopCloser(strings.NewReader(c.body)), -1
		if a := s.send(r); a.status != c.want {
			t.Errorf("%d bytes in chunks: %d %s, want %d", len(c.body), a.status, a.text, c.want)
		}
	}
	r = request(t, "POST", webhooksPath, "")
	r.Body, r.ContentLength = io.NopCloser(io.MultiReader(strings.NewReader(least), failing{})), -1
	if a := s.send(r); a.status != 400 || a.message() != "The body broke off." {
		t.Errorf("broken off: %d %s", a.status, a.text)
	}
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestFailuresOfTheStore(t *testing.T) {
	s := newStage(t, nil)
	body := strings.Replace(least, "{", `{"password":"`+hookSecret+`",`, 1)
	s.ok("POST", webhooksPath, body)
	s.store.broken = errors.New("the bucket is gone")
	for call, body := range map[string]string{
		"POST " + webhooksPath: body, "PUT " + ordersPath: `{"password":"` + hookSecret + `"}`, "DELETE " + ordersPath: "",
		"POST " + triggersPath: `{"triggerIds":["message_sent"]}`, "DELETE " + triggersPath: `{"triggerIds":["message_sent"]}`,
	} {
		s.log.Reset()
		method, path, _ := strings.Cut(call, " ")
		a := s.refused(500, "ERR_INTERNAL_SERVER_ERROR", method, path, body)
		if strings.Contains(a.text, "bucket") || !strings.Contains(s.log.String(), "level=ERROR") || !strings.Contains(s.log.String(), "app app1: the bucket is gone") {
			t.Errorf("%s: answer %s, log %s; want the reason in the log only", call, a.text, s.log)
		}
	}
	s.log.Reset()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if s.send(request(t, "DELETE", ordersPath, "").WithContext(ctx)); s.log.Len() > 0 {
		t.Errorf("a client that left is logged: %s", s.log)
	}
}

func TestAnswersThatBreakTheContractAreNotSent(t *testing.T) {
	s := newStage(t, nil)
	s.store.apps["app1"] = configuration{Generation: Modern, Webhooks: []Webhook{
		{ID: "orders", Name: strings.Repeat(hookSecret, 5), URL: "https://a.example", CreatedAt: -1, Password: hookSecret},
	}}
	for _, path := range []string{ordersPath, webhooksPath} {
		s.log.Reset()
		s.refused(500, "ERR_INTERNAL_SERVER_ERROR", "GET", path, "")
		for _, want := range []string{"level=ERROR", "an answer breaks the contract", "name must have at most 50 characters", "createdAt must be at least 0"} {
			if !strings.Contains(s.log.String(), want) {
				t.Errorf("%s: the log lacks %q:\n%s", path, want, s.log)
			}
		}
	}
	// Nor a status that the operation does not have.
	contract := must(loadManagementContract())
	asked, err := contract.find(httptest.NewRequest("GET", ordersPath, nil))
	if err != nil {
		t.Fatal(err)
	}
	asked.route.Operation.Responses.Delete("default")
	if err := contract.checkAnswer(&http.Request{URL: &url.URL{}}, asked.route, http.StatusTeapot, http.Header{}, encodeAnswer(internalError())); err == nil {
		t.Error("an undocumented status passes")
	}
}
