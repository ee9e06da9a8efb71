package conformance_test

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"strings"

	"hookproof/conformance"
)

// method tells whether a request has a method.
func method(name string) func(*request) bool {
	return func(q *request) bool { return q.Method == name }
}

// dialing replaces connections to some addresses.
func dialing(o *conformance.Options, suffix string, dial func(context.Context) (net.Conn, error)) {
	other := o.Dial
	o.Dial = func(ctx context.Context, network, addr string) (net.Conn, error) {
		if strings.HasSuffix(addr, suffix) {
			return dial(ctx)
		}
		return other(ctx, network, addr)
	}
}

// accepting is a server that takes everything.
func accepting(ctx context.Context) (net.Conn, error) {
	here, there := net.Pipe()
	go http.Serve(&single{conn: there}, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(200) }))
	return here, nil
}

// single is a listener of one connection.
type single struct{ conn net.Conn }

func (l *single) Accept() (net.Conn, error) {
	if c := l.conn; c != nil {
		l.conn = nil
		return c, nil
	}
	return nil, errors.New("no more")
}
func (l *single) Close() error   { return nil }
func (l *single) Addr() net.Addr { return &net.TCPAddr{} }

const shortPass = "secret123"

var transportFaults = []fault{
	{check: "preflight/url-userinfo", name: "a token in the query", path: "?token=abcdefgh123", overTLS: true},
	{check: "preflight/url-fragment", name: "a fragment", path: "#top"},
	{check: "preflight/cred-strength", name: "a short password", code: "short", overTLS: true, options: func(o *conformance.Options) { o.Password = "Zq7xWv93" }, authorises: func(q *request) bool { return q.presents(user, "Zq7xWv93") }},
	{check: "preflight/cred-strength", name: "a common password", code: "common", overTLS: true, options: func(o *conformance.Options) { o.Password = shortPass }, authorises: func(q *request) bool { return q.presents(user, shortPass) }},
	{check: "preflight/id-limits", name: "white space in the webhook's id", options: func(o *conformance.Options) { o.WebhookID = "my webhook" }},
	{check: "preflight/host-ephemeral", name: "a tunnel", overTLS: true, host: "a1b2.ngrok-free.app", cert: func(*authority) leafOptions { return leafOptions{names: []string{"a1b2.ngrok-free.app"}} }},

	{check: "tls/dns-ipv4", name: "IPv6 only", overTLS: true, broken: func(s *stage) { s.address = "2606:4700::1111" }},
	{check: "tls/dns-all-serve", name: "one of two addresses dead", overTLS: true, options: func(o *conformance.Options) {
		o.Resolve = func(context.Context, string) ([]netip.Addr, error) {
			return []netip.Addr{netip.MustParseAddr("8.8.8.8"), netip.MustParseAddr("8.8.4.4")}, nil
		}
		dialing(o, "8.8.4.4:443", func(context.Context) (net.Conn, error) { return nil, errors.New("nobody there") })
	}},
	{check: "tls/version-1-2", name: "TLS 1.3 only", overTLS: true, tls: func(c *tls.Config) { c.MinVersion = tls.VersionTLS13 }},
	{check: "tls/sni-less", name: "a server name needed", code: "sni-needed", informs: true, overTLS: true, tls: func(c *tls.Config) {
		c.GetConfigForClient = func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
			if hello.ServerName == "" {
				return nil, errors.New("unrecognised name")
			}
			return nil, nil
		}
	}},
	{check: "tls/revoked", name: "a stapled status of revoked", overTLS: true, cert: func(*authority) leafOptions { return leafOptions{revoked: true, chain: true} }},
	{check: "tls/resumption", name: "no session tickets", code: "not-resumed", informs: true, overTLS: true, tls: func(c *tls.Config) { c.SessionTicketsDisabled = true }},
	{check: "tls/alpn", name: "HTTP/2", code: "h2", informs: true, overTLS: true, http2: true},
	{check: "tls/hsts", name: "Strict-Transport-Security", code: "hsts", informs: true, overTLS: true, instead: withHeader("Strict-Transport-Security", "max-age=31536000", always)},
	{check: "tls/port", name: "port 8443", code: "other-port", informs: true, overTLS: true, host: host + ":8443"},
	{check: "tls/port80-nolure", name: "events taken over plain http", overTLS: true, options: func(o *conformance.Options) { dialing(o, ":80", accepting) }},

	{check: "method/get-safe", name: "an event in the query processed", applies: func(q *request) []byte {
		if q.Method == http.MethodGet && q.URL.Query().Get("trigger") != "" {
			return []byte(q.URL.Query().Get("data"))
		}
		return nil
	}},
	{check: "method/put", name: "500 to PUT", code: "put-error", instead: on(500, "", method(http.MethodPut))},
	{check: "method/put", name: "an event processed that came with PUT", code: "effect", applies: func(q *request) []byte {
		if q.Method == http.MethodPut {
			return q.body
		}
		return nil
	}},
	{check: "method/patch", name: "500 to PATCH", instead: on(500, "", method(http.MethodPatch))},
	{check: "method/delete", name: "500 to DELETE", instead: on(500, "", method(http.MethodDelete))},
	{check: "method/head", name: "the connection dropped on HEAD", instead: func(_ http.ResponseWriter, q *request) bool {
		if q.Method == http.MethodHead {
			panic(http.ErrAbortHandler)
		}
		return false
	}},
	{check: "method/options", name: "500 to OPTIONS", instead: on(500, "", func(q *request) bool { return q.Method == http.MethodOptions && q.header() != "" })},
	{check: "method/trace", name: "TRACE echoed", instead: func(w http.ResponseWriter, q *request) bool {
		return q.Method == http.MethodTrace && answer(200, "TRACE "+q.Header.Get("X-Hookproof-Dummy"))(w)
	}},
	{check: "method/connect-unknown", name: "500 to FOO", instead: on(500, "", method("FOO"))},

	{check: "content/accept-headers", name: "406 to what is no page", instead: on(406, "", func(q *request) bool { return q.Header.Get("Accept") == "application/json" })},
	{check: "content/no-ua", name: "a filter of user agents", instead: on(403, "", func(q *request) bool { return strings.HasPrefix(q.UserAgent(), "axios") })},
	{check: "content/no-ua", name: "a user agent needed", instead: on(403, "", func(q *request) bool { return q.UserAgent() == "" })},
	{check: "content/missing", name: "500 to a missing content type", instead: on(500, "", func(q *request) bool { return isEvent(q) && q.Header.Get("Content-Type") == "" })},
	{check: "content/wrong", name: "500 to a form", instead: on(500, "", func(q *request) bool { return strings.HasSuffix(q.Header.Get("Content-Type"), "urlencoded") })},
	{check: "content/extra-headers", name: "tracing not expected", instead: on(400, "", func(q *request) bool { return q.Header.Get("Traceparent") != "" })},
	{check: "content/extra-headers", name: "4 KiB of headers at most", instead: on(400, "", func(q *request) bool { return len(q.Header.Get("X-Hookproof-Long")) > 4000 })},
}
