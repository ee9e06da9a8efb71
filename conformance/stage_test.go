package conformance_test

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"encoding/base64"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"sync"
	"testing"
	"time"

	"hookproof/conformance"
)

// host is the public name that the model receiver pretends to have.
const host = "receiver.test"

func base64Of(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

// stage is a model receiver on loopback, and what a run needs to reach it: over
// plain http as itself, which mode auto takes for dev, or over TLS as a public host.
type stage struct {
	model   *model
	server  *httptest.Server
	options conformance.Options
	url     string

	watching sync.Mutex // see watch

	scheme     string
	address    string // that the host resolves to
	unresolved bool
	closed     bool
	plain      bool          // no TLS where TLS is expected
	idle       time.Duration // after which the server closes connections; 0 is never
}

func newStage(t testing.TB, f fault) *stage {
	s := &stage{model: newModel(f), address: "8.8.8.8", scheme: "http"}
	if f.overTLS {
		s.scheme = "https"
	}
	if f.broken != nil {
		f.broken(s)
	}
	s.server = httptest.NewUnstartedServer(s.model)
	s.server.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.server.Listener = recorder{s.server.Listener}
	s.server.Config.ConnContext = func(ctx context.Context, c net.Conn) context.Context {
		if t, ok := c.(*tls.Conn); ok {
			c = t.NetConn()
		}
		return context.WithValue(ctx, connKey{}, c)
	}
	s.server.Config.ConnState = s.model.open.track
	s.server.Config.IdleTimeout = s.idle
	t.Cleanup(s.server.Close)
	ca := newAuthority()
	if f.overTLS && !s.plain {
		o := leafOptions{}
		if f.cert != nil {
			o = f.cert(ca)
		}
		s.server.TLS = &tls.Config{Certificates: []tls.Certificate{ca.leaf(o)}}
		if f.tls != nil {
			f.tls(s.server.TLS)
		}
		s.server.EnableHTTP2 = f.http2
		s.server.StartTLS()
	} else {
		s.server.Start()
	}
	local := s.server.Listener.Addr().String()
	s.options = conformance.Options{
		Username: user, Password: pass, Profile: "recommended", AuthGap: -1, Budget: 3, // variants have tests of their own
		PreviousUsername: user, PreviousPassword: previous, Idle: 20 * time.Millisecond, BlockedText: blocked,
		LoadRate: 400, LoadDuration: 100 * time.Millisecond,
		Observe:  func(_ context.Context, keys []string) (map[string]int, error) { return s.model.observe(keys), nil },
		FailNext: func(_ context.Context, key string) error { s.model.failNext(key); return nil },
	}
	if f.check == "payload/variants" {
		s.options.Budget = 0
	}
	s.url = "http://" + local + "/hook"
	if f.overTLS {
		s.url = s.scheme + "://" + cmp.Or(f.host, host) + "/hook"
		s.options.Canary, s.options.CanaryAddr = "https://canary.hookproof.test/", "127.0.0.1:0"
		s.options.RootCAs = ca.pool()
		s.options.Resolve = func(context.Context, string) ([]netip.Addr, error) {
			if s.unresolved {
				return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
			}
			return []netip.Addr{netip.MustParseAddr(s.address)}, nil
		}
		s.options.Dial = func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, local)
		}
	}
	s.url += f.path
	if f.options != nil {
		s.options.Triggers = allTriggers()
		f.options(&s.options)
	}
	if s.closed {
		s.server.Close()
	}
	return s
}

func (s *stage) run(t testing.TB) *conformance.Report {
	t.Helper()
	r, err := conformance.Run(t.Context(), s.url, s.options)
	if err != nil {
		t.Fatalf("Run(%s) = %v", s.url, err)
	}
	s.watching.Lock() // after every see
	defer s.watching.Unlock()
	return r
}

type connKey struct{}

// recorder keeps what arrives on each connection, so that a fault can see
// header names as they were written.
type recorder struct{ net.Listener }

func (l recorder) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &recorded{Conn: c}, nil
}

type recorded struct {
	net.Conn
	mu   sync.Mutex
	head bytes.Buffer
}

func (c *recorded) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.head.Len() < 16<<10 {
		c.head.Write(p[:n])
	}
	return n, err
}

// raw tells whether the connection's bytes contain s, over plain http.
func (q *request) raw(s string) bool {
	c, ok := q.Context().Value(connKey{}).(*recorded)
	if !ok {
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return bytes.Contains(c.head.Bytes(), []byte(s))
}

// drop writes an answer that promises to keep the connection, and closes it.
func drop(w http.ResponseWriter) bool {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return false
	}
	io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
	conn.Close()
	return true
}
