package conformance_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"hookproof/conformance"
)

// TestLegitimateBehaviourIsNeverPunished runs receivers that conform in
// other ways than the model: none of them may fail or be warned.
func TestLegitimateBehaviourIsNeverPunished(t *testing.T) {
	t.Parallel()
	refuse := func(code int) func(http.ResponseWriter, *request) bool {
		return func(w http.ResponseWriter, q *request) bool {
			return q.Method == http.MethodPost && !q.presents(user, pass) && answer(code, "no")(w)
		}
	}
	for name, f := range map[string]fault{
		"refuses with 400":            {instead: refuse(400)},
		"refuses with 403":            {instead: refuse(403)},
		"hides the endpoint with 404": {instead: refuse(404)},
		"answers with JSON": {instead: func(w http.ResponseWriter, q *request) bool {
			w.Header().Set("Content-Type", "application/json")
			return isEvent(q) && q.presents(user, pass) && answer(200, `{"error":null,"signature":"none","hmac":false}`)(w)
		}},
		"answers with a page of HTML": {instead: func(w http.ResponseWriter, q *request) bool {
			w.Header().Set("Content-Type", "text/html")
			return isEvent(q) && q.presents(user, pass) && answer(200, "<html><body>thanks, the firewall says hello</body></html>")(w)
		}},
		"closes every connection": {instead: func(w http.ResponseWriter, _ *request) bool { w.Header().Set("Connection", "close"); return false }},
		"speaks HTTP/1.0 only": {instead: func(w http.ResponseWriter, q *request) bool {
			if !isEvent(q) || !q.presents(user, pass) {
				w.Header().Set("Connection", "close")
				return false
			}
			conn, _, err := http.NewResponseController(w).Hijack()
			if err != nil {
				return false
			}
			conn.Write([]byte("HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nok"))
			conn.Close()
			return true
		}},
		"acknowledges whatever is no event": {instead: func(w http.ResponseWriter, q *request) bool {
			return q.Method == http.MethodPost && q.presents(user, pass) && q.event == nil && answer(200, "")(w)
		}},
		"drops what is no event with 204": {instead: func(w http.ResponseWriter, q *request) bool {
			return q.Method == http.MethodPost && q.presents(user, pass) && (q.event == nil || q.trigger == "hookproof_unknown_event") && answer(204, "")(w)
		}},
		"refuses strange credentials by closing": {instead: func(_ http.ResponseWriter, q *request) bool {
			if h := q.header(); h == "Basic %%%" || q.Method == http.MethodPost && q.Header["Authorization"] == nil {
				panic(http.ErrAbortHandler)
			}
			return false
		}},
		"answers GET with a health page": {instead: func(w http.ResponseWriter, q *request) bool {
			return q.Method == http.MethodGet && answer(200, "healthy")(w)
		}},
		"does not know GET": {instead: func(w http.ResponseWriter, q *request) bool {
			return q.Method == http.MethodGet && answer(404, "")(w)
		}},
		"redirects GET": {instead: func(w http.ResponseWriter, q *request) bool {
			w.Header().Set("Location", "/login")
			return q.Method == http.MethodGet && answer(302, "")(w)
		}},
		"insists on a length": {instead: func(w http.ResponseWriter, q *request) bool {
			return len(q.TransferEncoding) > 0 && answer(411, "")(w)
		}},
		"answers before reading the body": {instead: func(w http.ResponseWriter, q *request) bool {
			return isEvent(q) && q.presents(user, pass) && answer(200, "")(w)
		}},
		"takes one of two Authorization headers": {authorises: func(q *request) bool { return q.presents(user, pass) }},
		"ignores the case of usernames": {authorises: func(q *request) bool {
			u, p, _ := q.BasicAuth()
			return strings.EqualFold(u, user) && p == pass
		}},
		"parses before it checks credentials": {instead: on(422, "", func(q *request) bool { return q.Method == http.MethodPost && q.event == nil })},
		"is all that its host serves, and echoes events as JSON": {instead: func(w http.ResponseWriter, q *request) bool {
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Access-Control-Allow-Origin", "*")
			return isEvent(q) && q.presents(user, pass) && answer(200, string(q.body))(w)
		}},
		"knows no other method than POST": {instead: on(501, "", func(q *request) bool { return q.Method != http.MethodPost })},
		"does not take long headers":      {instead: on(431, "", func(q *request) bool { return len(q.Header.Get("X-Hookproof-Long")) > 4000 })},
		"takes any content type": {instead: func(w http.ResponseWriter, q *request) bool {
			return isEvent(q) && q.presents(user, pass) && answer(200, "")(w)
		}},
		"refuses what is not of its app": {instead: on(403, "", func(q *request) bool { return isEvent(q) && q.event["appId"] == "hpt-other-app" })},
		"is particular about odd bodies": {instead: on(422, "", func(q *request) bool {
			return q.bodyHas(`\u0000`) || q.bodyHas("\xff") || q.bodyHas("\ufeff") || levels(q.event) > 100 || len(q.body) > 200<<10 || q.age() > 24*time.Hour
		})},
		"tells what is wrong with a body": {instead: on(400, `SyntaxError: Unexpected end of JSON input at line 1`, malformed)},
		"redirects other spellings of its path": {instead: func(w http.ResponseWriter, q *request) bool {
			w.Header().Set("Location", "/hook")
			return q.URL.Path != "/hook" && answer(308, "")(w)
		}},
		"is behind a catch-all page": {instead: func(w http.ResponseWriter, q *request) bool {
			return q.URL.Path != "/hook" && page(w, 200, "<!doctype html><title>shop</title>")
		}},
		"sends early hints": {instead: func(w http.ResponseWriter, q *request) bool { w.WriteHeader(http.StatusEarlyHints); return false }},
		"sets cookies": {instead: func(w http.ResponseWriter, _ *request) bool {
			http.SetCookie(w, &http.Cookie{Name: "csrf", Value: "1"})
			return false
		}},
		"takes half a second": {instead: func(_ http.ResponseWriter, q *request) bool {
			if plainText(q) && q.nth > 15 {
				time.Sleep(500 * time.Millisecond)
			}
			return false
		}},
		"is slow once": {instead: func(_ http.ResponseWriter, q *request) bool {
			if plainText(q) && q.nth == 15 {
				time.Sleep(1500 * time.Millisecond)
			}
			return false
		}},
	} {
		if testing.Short() && len(name)%5 != 0 {
			continue // see TestOnlyTheRightCheckNoticesAFault
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, f)
			s.options.Profile = conformance.All
			r := s.run(t)
			for _, res := range r.Results {
				if res.Outcome == conformance.Failed || res.Outcome == conformance.Warned || res.Outcome == conformance.Inconclusive || res.Outcome == conformance.Errored {
					t.Errorf("%s = %s: %s %+v", res.ID, res.Outcome, res.Reason, res.Findings)
				}
			}
			if r.Verdict != conformance.Conforms {
				t.Errorf("Verdict = %q, want conforms", r.Verdict)
			}
		})
	}
}
