package mockserver

import (
	"context"
	"net"
	"net/http"
	"strings"
	"testing"
)

// TestControlTakesNoForeignHost checks that a name that was made to lead to
// loopback does not open the server to the pages under it.
func TestControlTakesNoForeignHost(t *testing.T) {
	for _, tt := range []struct {
		host string
		want int
	}{
		{"localhost", 200},
		{"LOCALHOST:9000", 200},
		{"127.0.0.1:9000", 200},
		{"127.9.9.9", 200},
		{"[::1]:9000", 200},
		{"[::1]", 200},
		{"192.0.2.7:9000", 200}, // where the connection came to
		{"[::ffff:192.0.2.7]:9000", 200},
		{"192.0.2.8:9000", 403},
		{"evil.example", 403},
		{"evil.example:9000", 403},
		{"localhost.evil.example", 403},
		{"127.0.0.1.evil.example:80", 403},
		{"2130706433", 403},
		{"", 403},
		{"[", 403},
	} {
		c := newCaller(t, newFake(), controlOptions{})
		for _, target := range []string{"/v1/stats", "/", "/login"} {
			r := ask("GET", target, "", "Host: "+tt.host)
			r = r.WithContext(context.WithValue(r.Context(), http.LocalAddrContextKey, &net.TCPAddr{IP: net.IPv4(192, 0, 2, 7), Port: 9000}))
			w := c.do(t, r)
			if want := tt.want; w.Code != want && (target != "/login" || want != 200 || w.Code != 303) {
				t.Errorf("%s at %q: got %d %.200s, want %d", target, tt.host, w.Code, w.Body, want)
			}
		}
		// The token shows that the caller is no page.
		c = newCaller(t, newFake(), controlOptions{Token: "s3cret"})
		if w := c.do(t, ask("GET", "/v1/stats", "", "Host: "+tt.host, "Authorization: Bearer s3cret")); w.Code != 200 {
			t.Errorf("%q with the token: got %d %s, want 200", tt.host, w.Code, w.Body)
		}
	}
}

func TestControlTakesNoForeignOrigin(t *testing.T) {
	for _, tt := range []struct {
		name    string
		headers []string
		want    bool
	}{
		{"a program", nil, true},
		{"its own page", []string{"Origin: http://localhost:8080"}, true},
		{"its own page, as browsers say", []string{"Origin: http://localhost:8080", "Sec-Fetch-Site: same-origin"}, true},
		{"the address bar", []string{"Sec-Fetch-Site: none"}, true},
		{"another origin", []string{"Origin: https://evil.example"}, false},
		{"another port", []string{"Origin: http://localhost:3000"}, false},
		{"another port, as browsers say", []string{"Origin: http://localhost:3000", "Sec-Fetch-Site: same-site"}, false},
		{"another site", []string{"Sec-Fetch-Site: cross-site"}, false},
		{"a frame without origin", []string{"Origin: null"}, false},
	} {
		for _, call := range []struct{ method, target, body string }{
			{"POST", "/v1/events", `{"trigger":"message_sent"}`}, {"POST", "/v1/deliveries/d000001/redeliver", ""}, {"POST", "/v1/redeliver", ""},
			{"PUT", "/v1/faults", "{}"}, {"DELETE", "/v1/faults", ""}, {"POST", "/v1/reset", ""}, {"GET", "/v1/attempts", ""},
		} {
			for _, token := range []string{"", "s3cret"} {
				s := lively(t)
				c := newCaller(t, s, controlOptions{Token: token})
				before := string(s.snapshot())
				r := ask(call.method, call.target, call.body, tt.headers...)
				if token != "" {
					r.AddCookie(&http.Cookie{Name: cookieName, Value: newGate(token).cookie})
				}
				ctx, cancel := context.WithCancel(r.Context())
				cancel() // a stream would stay
				w := c.do(t, r.WithContext(ctx))
				if taken := w.Code < 300; taken != tt.want {
					t.Errorf("%s, %s %s: got %d %s, want taken %t", tt.name, call.method, call.target, w.Code, w.Body, tt.want)
				}
				if !tt.want && (w.Code != http.StatusForbidden || string(s.snapshot()) != before) {
					t.Errorf("%s, %s %s: got %d, want 403 and nothing changed", tt.name, call.method, call.target, w.Code)
				}
			}
		}
	}
}

func TestControlWantsTheToken(t *testing.T) {
	const token = "s3cret-token"
	var log logged
	c := newCaller(t, lively(t), controlOptions{Token: token, Log: log.logger()})
	paths := []string{"/v1/stats", "/v1/deliveries", "/v1/ready", "/v1/openapi.json", "/metrics", "/app.js", "/v1/attempts", "/v1/nothing"}
	for _, tt := range []struct {
		name    string
		headers []string
		known   bool
	}{
		{"none", nil, false},
		{"the token", []string{"Authorization: Bearer " + token}, true},
		{"the token, scheme in lower case", []string{"Authorization: bearer " + token}, true},
		{"another", []string{"Authorization: Bearer s3cret-tokeN"}, false},
		{"its beginning", []string{"Authorization: Bearer s3cret"}, false},
		{"an empty one", []string{"Authorization: Bearer "}, false},
		{"the token as a password", []string{"Authorization: Basic " + token}, false},
		{"the token as a cookie", []string{"Cookie: hookproof=" + token}, false},
		{"another's cookie", []string{"Cookie: hookproof=" + newGate("other").cookie}, false},
		{"an empty cookie", []string{"Cookie: hookproof="}, false},
		{"the cookie", []string{"Cookie: hookproof=" + newGate(token).cookie}, true},
		{"the cookie and a wrong token", []string{"Authorization: Bearer x", "Cookie: hookproof=" + newGate(token).cookie}, false},
	} {
		for _, path := range paths {
			ctx, cancel := context.WithCancel(t.Context())
			cancel() // a stream would stay
			w := c.do(t, ask("GET", path, "", tt.headers...).WithContext(ctx))
			if known := w.Code != http.StatusUnauthorized; known != tt.known {
				t.Errorf("%s, %s: got %d, want known %t", tt.name, path, w.Code, tt.known)
			}
			if w.Code == http.StatusUnauthorized && !strings.HasPrefix(w.Header().Get("WWW-Authenticate"), "Bearer") {
				t.Errorf("%s, %s: got WWW-Authenticate %q", tt.name, path, w.Header().Get("WWW-Authenticate"))
			}
			if answer := w.Body.String() + strings.Join(w.Result().Header["Set-Cookie"], ""); strings.Contains(answer, token) {
				t.Errorf("%s, %s: the answer shows the token", tt.name, path)
			}
		}
		for _, path := range []string{"/v1/health", "/login", "/app.css"} {
			if w := c.do(t, ask("GET", path, "", tt.headers...)); w.Code >= 400 {
				t.Errorf("%s, %s: got %d, want it open", tt.name, path, w.Code)
			}
		}
	}
	if strings.Contains(log.String(), token) {
		t.Error("the log shows the token")
	}
}

// TestControlLogin goes the way of a browser: it is led to the form, and with
// the cookie that it gets there all is open.
func TestControlLogin(t *testing.T) {
	const token = "s3cret&token"
	c := newCaller(t, lively(t), controlOptions{Token: token})
	w := c.do(t, ask("GET", "/", ""))
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/login" {
		t.Fatalf("/ answers %d to %q, want 303 to /login", w.Code, w.Header().Get("Location"))
	}
	if w = c.do(t, ask("GET", "/login", "")); w.Code != 200 || !strings.Contains(w.Body.String(), `name="token"`) {
		t.Fatalf("got %d %s, want the form", w.Code, w.Body)
	}
	form := "Content-Type: application/x-www-form-urlencoded"
	for _, body := range []string{"", "token=", "token=wrong", "token=s3cret&token", "%zz", "password=s3cret%26token"} {
		w = c.do(t, ask("POST", "/login", body, form))
		if w.Code != http.StatusUnauthorized || w.Header().Get("Set-Cookie") != "" || !strings.Contains(w.Body.String(), "not the token") {
			t.Errorf("%q: got %d, cookie %q, want 401", body, w.Code, w.Header().Get("Set-Cookie"))
		}
	}
	if w = c.do(t, ask("POST", "/login?token=s3cret%26token", "", form)); w.Code != http.StatusUnauthorized {
		t.Errorf("the token in the query: got %d, want 401", w.Code)
	}
	if w = c.do(t, ask("POST", "/login", "token="+strings.Repeat("x", maxLogin), form)); w.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("a large form: got %d, want 413", w.Code)
	}
	if w = c.do(t, ask("DELETE", "/login", "")); w.Code != http.StatusMethodNotAllowed {
		t.Errorf("DELETE: got %d, want 405", w.Code)
	}
	if w = c.do(t, ask("POST", "/login", "token=s3cret%26token", form, "Sec-Fetch-Site: cross-site")); w.Code != http.StatusForbidden {
		t.Errorf("from another site: got %d, want 403", w.Code)
	}
	w = c.do(t, ask("POST", "/login", "token=s3cret%26token", form, "Origin: http://localhost:8080"))
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/" {
		t.Fatalf("got %d to %q, want 303 to /", w.Code, w.Header().Get("Location"))
	}
	cookie := w.Result().Cookies()[0]
	if !cookie.HttpOnly || cookie.SameSite != http.SameSiteStrictMode || cookie.Secure || cookie.Path != "/" || strings.Contains(cookie.Value, "s3cret") {
		t.Errorf("got cookie %q, want HttpOnly, SameSite=Strict, without the token", cookie)
	}
	for _, path := range []string{"/", "/app.js", "/v1/stats"} {
		r := ask("GET", path, "")
		r.AddCookie(cookie)
		if w := c.do(t, r); w.Code != 200 {
			t.Errorf("%s with the cookie: got %d, want 200", path, w.Code)
		}
	}
	r := ask("POST", "/v1/reset", "", "Origin: http://localhost:8080")
	r.AddCookie(cookie)
	if w := c.do(t, r); w.Code != 200 {
		t.Errorf("reset with the cookie: got %d, want 200", w.Code)
	}
}

func TestControlLoginOverTLSMakesTheCookieSecure(t *testing.T) {
	c := newCaller(t, newFake(), controlOptions{Token: "s3cret"})
	r := ask("POST", "https://localhost/login", "token=s3cret", "Content-Type: application/x-www-form-urlencoded")
	if w := c.do(t, r); !w.Result().Cookies()[0].Secure {
		t.Errorf("got cookie %q, want Secure", w.Header().Get("Set-Cookie"))
	}
}
