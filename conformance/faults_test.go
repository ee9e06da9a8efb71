package conformance_test

import (
	"crypto/tls"
	"net/http"
	"slices"
	"strings"
	"time"

	"hookproof/conformance"
)

// fault is one way in which the model receiver, or the configuration of the
// run, breaks exactly one requirement.
type fault struct {
	check string // the id of the check that must notice it, and the only one
	name  string // what is wrong, in a few words
	code  string // the code of the finding, if it matters which
	// informs tells that the check only informs, with that code, which it does
	// about no conforming receiver.
	informs bool
	fails   bool   // the finding fails although the check is no MUST
	profile string // of the run, if it is another than all

	instead    func(http.ResponseWriter, *request) bool // answers in the model's place, or not
	authorises func(*request) bool                      // accepts what the model would refuse
	// remembers says what an event makes known and what it needs to be known;
	// what is not known is refused with 404.
	remembers                           func(*request) (makes, needs string)
	noChallenge, effectAnyway, together bool

	overTLS bool                         // needs the TLS server
	cert    func(*authority) leafOptions // of the TLS server
	tls     func(*tls.Config)
	broken  func(*stage)               // of the transport
	options func(*conformance.Options) // of the run
	path    string                     // appended to the target's URL
	host    string                     // in place of the usual one, port and all
	// applies is an event that the request has the effect of, wrongly.
	applies func(*request) []byte
	// counts has an effect for each copy of an event, swallows none.
	counts, swallows func(*request) bool
	serial           bool // one request at a time, its reading included
	crowd, waiting   int  // connections, and those without a request yet, beyond which nothing is accepted
	// unread answers where the body could not be read to its end, or not.
	unread func(m *model, w http.ResponseWriter, begun []byte, err error) bool
	http2  bool // the TLS server speaks HTTP/2 too
}

func answer(status int, text string) func(http.ResponseWriter) bool {
	return func(w http.ResponseWriter) bool {
		w.WriteHeader(status)
		w.Write([]byte(text))
		return true
	}
}

// on answers with an error where the condition holds.
func on(status int, text string, when func(*request) bool) func(http.ResponseWriter, *request) bool {
	return func(w http.ResponseWriter, q *request) bool {
		return when(q) && answer(status, text)(w)
	}
}

func isEvent(q *request) bool { return q.Method == http.MethodPost && q.event != nil }

func (q *request) header() string { return q.Header.Get("Authorization") }

// presents tells whether the request carries these Basic credentials.
func (q *request) presents(u, p string) bool {
	gu, gp, ok := q.BasicAuth()
	return ok && gu == u && gp == p
}

func always(*request) bool { return true }

// faults has one entry or more for each check of the suite.
var faults = slices.Concat(firstFaults, securityFaults, transportFaults, eventFaults, wireFaults, legacyFaults, loadFaults, moreFaults)

var firstFaults = []fault{
	{check: "preflight/url-scheme", name: "plain http in mode certify", broken: func(s *stage) { s.scheme = "http" }, overTLS: true},
	{check: "preflight/url-length", name: "a URL of 300 characters", path: "/" + strings.Repeat("x", 300)},
	{check: "preflight/cred-limits", name: "a password of 101 characters", options: func(o *conformance.Options) { o.Password = strings.Repeat("Zq7xW", 20) + "x" },
		authorises: func(q *request) bool { return q.presents(user, strings.Repeat("Zq7xW", 20)+"x") }},
	{check: "preflight/triggers-known", name: "a misspelt trigger", options: func(o *conformance.Options) { o.Triggers = append(o.Triggers, "message_send") }},

	{check: "tls/dns-resolves", name: "no such host", overTLS: true, broken: func(s *stage) { s.unresolved = true }},
	{check: "tls/dns-public", name: "a private address in mode certify", overTLS: true, broken: func(s *stage) { s.address = "10.1.2.3" }, options: func(o *conformance.Options) { o.Mode = conformance.Certify }},
	{check: "tls/connect", name: "nothing listens", overTLS: true, broken: func(s *stage) { s.closed = true }},
	{check: "tls/connect", name: "nothing listens, plain http", broken: func(s *stage) { s.closed = true }},
	{check: "tls/handshake", name: "plain http on the port", overTLS: true, broken: func(s *stage) { s.plain = true }},
	{check: "tls/chain", name: "a self-signed certificate", code: "self-signed", overTLS: true, cert: func(*authority) leafOptions { return leafOptions{selfSigned: true} }},
	{check: "tls/chain", name: "an unknown authority", code: "untrusted", overTLS: true, cert: func(*authority) leafOptions { return leafOptions{issuer: newAuthority()} }},
	{check: "tls/chain", name: "a missing intermediate", code: "incomplete-chain", overTLS: true, cert: func(a *authority) leafOptions { return leafOptions{issuer: a.intermediate(), alone: true} }},
	{check: "tls/chain", name: "an expired intermediate", code: "expired-authority", overTLS: true, cert: func(a *authority) leafOptions { return leafOptions{issuer: a.expired(), chain: true} }},
	{check: "tls/hostname", name: "a certificate for another name", overTLS: true, cert: func(*authority) leafOptions { return leafOptions{names: []string{"other.test"}} }},
	{check: "tls/hostname", name: "a common name only", overTLS: true, cert: func(*authority) leafOptions { return leafOptions{names: []string{}} }},
	{check: "tls/validity", name: "an expired certificate", code: "expired", overTLS: true, cert: func(*authority) leafOptions { return leafOptions{from: -90 * day, to: -day} }},
	{check: "tls/validity", name: "a certificate of tomorrow", code: "not-yet-valid", overTLS: true, cert: func(*authority) leafOptions { return leafOptions{from: day, to: 90 * day} }},
	{check: "tls/expiry-soon", name: "ten days left of ninety", overTLS: true, cert: func(*authority) leafOptions { return leafOptions{from: -80 * day, to: 10 * day} }},
	{check: "tls/version-floor", name: "TLS 1.1 at most", overTLS: true, tls: func(c *tls.Config) { c.MinVersion, c.MaxVersion = tls.VersionTLS10, tls.VersionTLS11 }},
	{check: "tls/version-legacy", name: "TLS 1.0 still on", overTLS: true, tls: func(c *tls.Config) { c.MinVersion = tls.VersionTLS10 }},
	{check: "tls/key", name: "RSA of 1024 bits", code: "weak-key", overTLS: true, cert: func(*authority) leafOptions { return leafOptions{rsa: 1024} }},
	{check: "tls/no-mtls", name: "a client certificate demanded over TLS 1.3", overTLS: true, tls: func(c *tls.Config) { c.ClientAuth = tls.RequireAnyClientCert }},
	{check: "tls/no-mtls", name: "a client certificate demanded over TLS 1.2", overTLS: true, tls: func(c *tls.Config) { c.ClientAuth, c.MaxVersion = tls.RequireAnyClientCert, tls.VersionTLS12 }},
	{check: "tls/redirect-none", name: "a redirect to another path", instead: func(w http.ResponseWriter, q *request) bool {
		if q.URL.Path != "/hooks/" {
			http.Redirect(w, q.Request, "/hooks/", http.StatusPermanentRedirect)
		}
		return q.URL.Path != "/hooks/"
	}},

	{check: "method/post", name: "405 to POST", instead: on(405, "", func(q *request) bool { return q.Method == http.MethodPost })},
	{check: "method/get-status", name: "500 to GET", instead: on(500, "", func(q *request) bool { return q.Method == http.MethodGet })},

	{check: "content/json", name: "415 to JSON", instead: on(415, "", isEvent)},
	{check: "content/json", name: "400 about the content type", instead: on(400, "bad content-type", isEvent)},
	{check: "content/case", name: "the media type compared letter by letter", instead: on(415, "", func(q *request) bool { return strings.HasPrefix(q.Header.Get("Content-Type"), "A") })},
	{check: "content/charset", name: "no parameter allowed", instead: on(415, "", func(q *request) bool { return strings.Contains(q.Header.Get("Content-Type"), "charset") })},
	{check: "content/header-names", name: "authorization in lower case not found", instead: on(401, "", func(q *request) bool { return q.raw("\r\nauthorization:") })},
	{check: "content/header-names", name: "CONTENT-TYPE in upper case not found", instead: on(415, "", func(q *request) bool { return q.raw("\r\nCONTENT-TYPE:") })},
	{check: "content/no-signature-needed", name: "a signature demanded, and said so", instead: on(401, "missing signature", isEvent)},
	{check: "content/no-signature-needed", name: "a signature demanded silently", instead: func(w http.ResponseWriter, q *request) bool {
		if isEvent(q) && q.Header.Get("X-Cometchat-Signature") == "" {
			return answer(401, "unauthorized")(w)
		}
		return isEvent(q) && answer(401, "the signature does not match")(w)
	}},

	{check: "content/no-signature-needed", name: "any signature will do", instead: on(401, "unauthorized", func(q *request) bool {
		return isEvent(q) && q.Header.Get("X-Cometchat-Signature") == ""
	})},

	{check: "ack/accept", name: "500 to everything", instead: on(500, "", isEvent)},
	{check: "ack/accept", name: "404", instead: on(404, "", isEvent)},
	{check: "ack/accept", name: "the connection dropped", instead: func(w http.ResponseWriter, q *request) bool { panic(http.ErrAbortHandler) }},
	{check: "ack/accept", name: "a CSRF token demanded", instead: on(403, "CSRF token missing", isEvent)},
	{check: "ack/exact-200", name: "204", instead: func(w http.ResponseWriter, q *request) bool {
		return isEvent(q) && q.presents(user, pass) && answer(204, "")(w)
	}},
	{check: "ack/all-triggers", name: "one trigger rejected", instead: on(400, "unsupported event", func(q *request) bool { return q.trigger == "recording_generated" && q.presents(user, pass) })},
	{check: "ack/all-triggers", name: "one trigger slow", code: "slow", instead: func(_ http.ResponseWriter, q *request) bool {
		if q.trigger == "recording_generated" && q.presents(user, pass) {
			time.Sleep(2050 * time.Millisecond)
		}
		return false
	}},
	{check: "ack/latency-hard", name: "two slow answers", instead: func(_ http.ResponseWriter, q *request) bool {
		if q.Method == http.MethodPost && q.nth > 6 && q.nth < 9 && plainText(q) {
			time.Sleep(2100 * time.Millisecond)
		}
		return false
	}},
	{check: "ack/latency-comfort", name: "two answers of more than a second", instead: func(_ http.ResponseWriter, q *request) bool {
		if q.Method == http.MethodPost && q.nth > 6 && q.nth < 9 && plainText(q) {
			time.Sleep(1100 * time.Millisecond)
		}
		return false
	}},
	{check: "ack/complete", name: "less than Content-Length promises", instead: func(w http.ResponseWriter, q *request) bool {
		if isEvent(q) {
			w.Header().Set("Content-Length", "100")
			w.WriteHeader(200)
			w.Write([]byte("ok"))
			w.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		}
		return false
	}},
	{check: "ack/stable", name: "500 once in a while", instead: on(500, "", func(q *request) bool { return q.nth == 9 && plainText(q) })},

	{check: "payload/unknown-field", name: "unknown members in the envelope refused", instead: on(400, "additional properties", func(q *request) bool { return q.event["hookproofText"] != nil })},
	{check: "payload/unknown-field", name: "unknown members in data refused", instead: on(400, "", func(q *request) bool { return dig(q.event, "data")["hookproofText"] != nil })},
	{check: "payload/unknown-field", name: "unknown members in the message refused", instead: on(400, "", func(q *request) bool { return q.message()["hookproofText"] != nil })},
	{check: "payload/optional-missing", name: "entities needed", instead: on(500, "KeyError: 'entities'", func(q *request) bool {
		return q.trigger == "message_sent" && q.is("category", "message") && dig(q.message(), "data", "entities") == nil
	})},
	{check: "payload/variants", name: "a member who is thought to have an avatar", code: "variant", instead: on(500, "KeyError: 'avatar'", func(q *request) bool {
		if q.trigger != "group_member_joined" {
			return false
		}
		for _, m := range dig(q.event, "data", "members") {
			if u, ok := m.(map[string]any); ok && u["avatar"] == nil && u["lastActiveAt"] == nil {
				return true
			}
		}
		return false
	})},
	{check: "payload/variants", name: "half an emoji in a message without entities", code: "variant", instead: on(500, "UnicodeEncodeError", func(q *request) bool {
		data := dig(q.event, "data", "message", "data")
		return data != nil && data["entities"] == nil && q.bodyHas(`cut \ud83d"`)
	})},
	{check: "payload/unknown-trigger", name: "unknown triggers rejected", instead: on(400, "unknown event", func(q *request) bool { return q.trigger == "hookproof_unknown_event" })},
	{check: "payload/key-order", name: "the trigger must come first", instead: on(400, "", func(q *request) bool {
		return q.trigger != "" && !strings.HasPrefix(strings.TrimSpace(strings.TrimPrefix(string(q.body), "{")), `"trigger"`)
	})},
	{check: "payload/whitespace", name: "only minified bodies", instead: on(400, "", func(q *request) bool { return strings.HasPrefix(string(q.body), "{\n") })},
	{check: "payload/action-message", name: "every message_sent has a text", instead: on(500, "KeyError: 'text'", func(q *request) bool {
		return q.trigger == "message_sent" && q.is("category", "action") && q.is("type", "message")
	})},
	{check: "payload/edited-both-shapes", name: "edits as documented only", instead: on(500, "", func(q *request) bool { return q.trigger == "message_edited" && !q.is("category", "action") })},
	{check: "payload/type-variants", name: "no video", instead: on(500, "", func(q *request) bool { return q.is("type", "video") && q.is("category", "message") })},
	{check: "payload/receiver-kinds", name: "no tags", instead: on(500, "", func(q *request) bool { return q.message()["tags"] != nil })},
	{check: "payload/receiver-kinds", name: "no threads", instead: on(500, "", func(q *request) bool { return q.message()["parentId"] != nil })},
	{check: "payload/unicode", name: "right-to-left marks", instead: on(500, "", func(q *request) bool { return strings.Contains(q.text(), "\u202e") })},
	{check: "payload/unicode", name: "surrogate pairs", instead: on(500, "", func(q *request) bool { return q.bodyHas(`\ud83d\udc69`) })},
	{check: "payload/html-quotes", name: "a firewall's taste in texts", instead: on(500, "", func(q *request) bool { return strings.Contains(q.text(), "DROP TABLE") })},
	{check: "payload/text-empty", name: "an empty text taken for a missing one", instead: on(422, "text is required", func(q *request) bool { return plainText(q) && q.text() == "" })},
	{check: "payload/text-9k", name: "a column of 5,000 characters", instead: on(500, "value too long", func(q *request) bool { return len([]rune(q.text())) > 5000 })},
	{check: "payload/size-64k", name: "a limit of 50,000 bytes", instead: on(413, "", func(q *request) bool { return len(q.body) > 50_000 })},
	{check: "payload/malformed", name: "the parser's error not caught", instead: on(500, "", func(q *request) bool { return string(q.body) == `{"trigger":` })},
	{check: "payload/empty", name: "the empty body not expected", instead: on(500, "", func(q *request) bool { return len(q.body) == 0 && q.Method == http.MethodPost })},
	{check: "payload/non-object", name: "null dereferenced", instead: on(500, "TypeError: Cannot read properties of null", func(q *request) bool { return string(q.body) == "null" })},
	{check: "payload/non-object", name: "the connection dropped on null", instead: func(_ http.ResponseWriter, q *request) bool {
		if string(q.body) == "null" {
			panic(http.ErrAbortHandler)
		}
		return false
	}},

	{check: "idempotency/duplicate-ack", name: "409 to a duplicate", instead: on(409, "", func(q *request) bool { return q.seen && isEvent(q) })},

	{check: "order/inverted", name: "404 to the deletion of an unknown message", remembers: func(q *request) (string, string) {
		switch id, _ := q.message()["id"].(string); {
		case q.trigger == "message_sent":
			return id, ""
		case q.trigger == "message_deleted" && q.is("category", "action"):
			of, _ := dig(q.message(), "data", "entities", "on", "entity")["id"].(string)
			return "", of
		}
		return "", ""
	}},
	{check: "order/orphan", name: "404 to the update of an unknown group", remembers: func(q *request) (string, string) {
		switch guid, _ := dig(q.event, "data", "group")["guid"].(string); q.trigger {
		case "group_created":
			return guid, ""
		case "group_updated":
			return "", guid
		}
		return "", ""
	}},

	{check: "http/keepalive", name: "connections dropped after an answer", instead: func(w http.ResponseWriter, q *request) bool {
		return isEvent(q) && q.presents(user, pass) && drop(w)
	}},
	{check: "http/parallel", name: "one at a time", together: true, instead: on(503, "", func(q *request) bool { return q.busy > 1 })},
	{check: "http/chunked", name: "Content-Length needed", instead: on(400, "", func(q *request) bool { return len(q.TransferEncoding) > 0 })},

	{check: "auth/configured", name: "no credentials at all", options: func(o *conformance.Options) { o.Username, o.Password = "", "" }, authorises: always},
	{check: "auth/valid", name: "other credentials", instead: on(401, "", func(q *request) bool { return q.presents(user, pass) })},
	{check: "auth/none", name: "a missing header let through", authorises: func(q *request) bool { return q.Header["Authorization"] == nil }},
	{check: "auth/any-basic", name: "any Basic header let through", authorises: func(q *request) bool { return strings.HasPrefix(q.header(), "Basic ") }},
	{check: "auth/any-basic", name: "any header will do, and none is redirected", authorises: func(q *request) bool { return q.Header["Authorization"] != nil },
		instead: func(w http.ResponseWriter, q *request) bool {
			w.Header().Set("Location", "/login")
			return q.Method == http.MethodPost && q.Header["Authorization"] == nil && answer(302, "")(w)
		}},
	{check: "auth/wrong-pass", name: "any password of the right length", authorises: func(q *request) bool {
		u, p, _ := q.BasicAuth()
		return u == user && len(p) == len(pass) && !strings.EqualFold(p, pass)
	}},
	{check: "auth/wrong-user", name: "only the password compared", authorises: func(q *request) bool { u, p, _ := q.BasicAuth(); return u != "" && p == pass }},
	{check: "auth/swapped", name: "either order", authorises: func(q *request) bool { return q.presents(pass, user) }},
	{check: "auth/empty-pass", name: "an empty password let through", authorises: func(q *request) bool { return q.presents(user, "") }},
	{check: "auth/empty-user", name: "an empty username let through", authorises: func(q *request) bool { return q.presents("", pass) }},
	{check: "auth/prefix", name: "startsWith", authorises: func(q *request) bool {
		u, p, ok := q.BasicAuth()
		return ok && u == user && len(p) > 3 && strings.HasPrefix(pass, p)
	}},
	{check: "auth/suffix", name: "a longer password let through", authorises: func(q *request) bool { u, p, _ := q.BasicAuth(); return u == user && strings.HasPrefix(p, pass) }},
	{check: "auth/case", name: "a case-insensitive comparison", authorises: func(q *request) bool { u, p, _ := q.BasicAuth(); return u == user && strings.EqualFold(p, pass) }},
	{check: "auth/empty", name: "an empty header let through", authorises: func(q *request) bool { return q.Header["Authorization"] != nil && q.header() == "" }},
	{check: "auth/empty", name: "a lone scheme let through", authorises: func(q *request) bool { return q.header() == "Basic" }},
	{check: "auth/bad-base64", name: "500 to bad base64", code: "auth-error-5xx", instead: on(500, "", func(q *request) bool { return q.header() == "Basic %%%" })},
	{check: "auth/no-colon", name: "a missing colon let through", authorises: func(q *request) bool { return q.header() == "Basic "+base64Of(user+pass) }},
	{check: "auth/scheme-bearer", name: "any scheme let through", authorises: func(q *request) bool { return q.header() == "Bearer "+base64Of(user+":"+pass) }},
	{check: "auth/in-query", name: "credentials from the query", authorises: func(q *request) bool { return q.URL.Query().Get("password") == pass }},
	{check: "auth/in-body", name: "credentials from the body", authorises: func(q *request) bool { return q.event["password"] == pass }},
	{check: "auth/all-triggers", name: "calls let through", authorises: func(q *request) bool {
		return strings.HasPrefix(q.trigger, "call_") && q.Header["Authorization"] == nil
	}},
	{check: "auth/every-request", name: "the connection authorised", authorises: func(q *request) bool { return q.nth > 1 && q.Header["Authorization"] == nil }},
	{check: "auth/challenge", name: "401 without a challenge", noChallenge: true},
	{check: "auth/no-effect", name: "refused events processed", effectAnyway: true},
	{check: "auth/lockout", name: "a lock after fourteen failures", profile: conformance.Recommended, instead: on(403, "locked", func(q *request) bool { return q.wrong >= 14 && q.presents(user, pass) })},
}

const day = 24 * time.Hour

// plainText tells whether a request is a plain valid text message.
func plainText(q *request) bool {
	return q.trigger == "message_sent" && q.is("category", "message") && q.is("type", "text")
}
