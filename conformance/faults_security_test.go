package conformance_test

import (
	"fmt"
	"net/http"
	"strings"
)

// withHeader sets a header of every answer to a request for which the condition holds.
func withHeader(name, value string, when func(*request) bool) func(http.ResponseWriter, *request) bool {
	return func(w http.ResponseWriter, q *request) bool {
		if when(q) {
			w.Header().Set(name, value)
		}
		return false
	}
}

// page answers with a page of HTML.
func page(w http.ResponseWriter, status int, text string) bool {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	return answer(status, text)(w)
}

func malformed(q *request) bool {
	return q.Method == http.MethodPost && string(q.body) == `{"trigger":`
}

var securityFaults = []fault{
	{check: "auth/other-header", name: "a forwarded username trusted", authorises: func(q *request) bool { return q.Header.Get("X-Forwarded-User") == user }},
	{check: "auth/other-header", name: "Proxy-Authorization taken for Authorization", authorises: func(q *request) bool { return q.Header.Get("Proxy-Authorization") != "" }},
	{check: "auth/path-variants", name: "credentials checked at one spelling of the path", authorises: func(q *request) bool { return q.URL.Path == "/hook/" }},
	{check: "auth/duplicate", name: "the right one of two headers picked", code: "either", authorises: func(q *request) bool {
		return strings.Contains(strings.Join(q.Header["Authorization"], ","), base64Of(user+":"+pass)) && len(q.Header["Authorization"]) > 1
	}},
	{check: "auth/suffix", name: "a password that ends at a NUL", authorises: func(q *request) bool {
		u, p, _ := q.BasicAuth()
		return u == user && strings.HasPrefix(p, pass+"\x00")
	}},
	{check: "auth/scheme-bearer", name: "Digest taken for Basic", authorises: func(q *request) bool { return q.header() == "Digest "+base64Of(user+":"+pass) }},
	{check: "auth/user-case", name: "the case of the username ignored", code: "case-ignored", informs: true, authorises: func(q *request) bool {
		u, p, _ := q.BasicAuth()
		return u != user && strings.EqualFold(u, user) && p == pass
	}},
	{check: "auth/before-parse", name: "the body parsed first", code: "parsed-first", informs: true, instead: on(400, "", malformed)},
	{check: "auth/scheme-case", name: "basic is not Basic", code: "case-matters", informs: true, instead: on(401, "", func(q *request) bool { return strings.HasPrefix(q.header(), "basic ") })},
	{check: "auth/csrf-hint", name: "419 to a valid event", code: "csrf", informs: true, instead: on(419, "", isEvent)},
	{check: "method/override", name: "an override that is let through", authorises: func(q *request) bool { return q.Header.Get("X-HTTP-Method-Override") == "GET" }},

	{check: "security/no-credential-echo", name: "a refusal that dumps the request's headers", instead: func(w http.ResponseWriter, q *request) bool {
		return malformed(q) && answer(400, fmt.Sprint(q.Header))(w)
	}},
	{check: "security/no-stacktrace", name: "a traceback in a refusal", code: "stack-trace", instead: on(400, "Traceback (most recent call last):\n  File \"/srv/app.py\", line 12, in hook\nValueError: no", malformed)},
	{check: "security/no-stacktrace", name: "an error of the database in a refusal", code: "database-error", instead: on(400, "SQLSTATE[22P02]: invalid input", malformed)},
	{check: "security/no-stacktrace", name: "a debug console", code: "debug-console", fails: true, instead: func(w http.ResponseWriter, q *request) bool {
		return malformed(q) && page(w, 400, "<!doctype html><title>ValueError // Werkzeug Debugger</title>")
	}},
	{check: "security/no-payload-echo", name: "the text in a page", instead: func(w http.ResponseWriter, q *request) bool {
		return strings.HasPrefix(q.text(), "<b>hookproof") && page(w, 200, "<html>got "+q.text()+"</html>")
	}},
	{check: "security/header-crlf", name: "a text that becomes a header", instead: withHeader("X-Hookproof-Injected", "yes", func(q *request) bool { return strings.Contains(q.text(), "\r\nX-Hookproof-Injected:") })},
	{check: "security/user-enum", name: "no such user", code: "differs", informs: true, instead: func(w http.ResponseWriter, q *request) bool {
		u, _, ok := q.BasicAuth()
		return ok && u != user && answer(401, "no such user")(w)
	}, noChallenge: false},
	{check: "security/version-banner", name: "a version in Server", code: "banner", informs: true, instead: withHeader("Server", "hook/1.2.3", always)},
	{check: "security/security-headers", name: "the middleware of a website", code: "browser-headers", informs: true, instead: withHeader("X-Frame-Options", "DENY", always)},
	{check: "security/cors", name: "every origin allowed", code: "any-origin", informs: true, instead: withHeader("Access-Control-Allow-Origin", "*", always)},
}
