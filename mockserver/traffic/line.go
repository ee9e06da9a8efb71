package traffic

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"time"

	"hookproof/mockserver/delivery"
)

// line carries one request at a time to the receiver. Only one goroutine uses it,
// but for abort.
type line interface {
	// exchange sends a body and waits for the answer, until the deadline at most.
	exchange(body []byte, deadline time.Time) outcome
	// abort ends the exchange that is under way, and all later ones at once.
	abort()
	// usable tells whether further exchanges are possible: it was not aborted.
	usable() bool
	close()
}

// outcome is what became of an exchange.
type outcome struct {
	status  int              // 0 if no complete answer came
	failure delivery.Failure // "" if one did
	err     error            // set with failure
	out, in int              // bytes of request and answer, heads included as far as they are known
	opened  bool             // the connection is new
}

func failed(err error, at delivery.Phase) outcome {
	return outcome{failure: delivery.FailureOf(err, at), err: err}
}

// endpoint is where lines lead.
type endpoint struct {
	delivery.Endpoint
	https      bool
	address    string // host and port
	transport  *http.Transport
	head, rest []byte // of a request over HTTP/1.1, around the length of the body
}

func newEndpoint(e delivery.Endpoint, o delivery.TransportOptions) (*endpoint, error) {
	req, err := e.NewRequest(context.Background(), nil)
	if err != nil {
		return nil, err
	}
	port := req.URL.Port()
	https := req.URL.Scheme == "https"
	if port == "" {
		port = map[bool]string{false: "80", true: "443"}[https]
	}
	t := delivery.NewTransport(o)
	t.TLSClientConfig.ServerName = req.URL.Hostname()
	t.TLSClientConfig.ClientSessionCache = tls.NewLRUClientSessionCache(0)
	to := &endpoint{Endpoint: e, https: https, address: net.JoinHostPort(req.URL.Hostname(), port), transport: t}
	to.head, to.rest, err = requestHead(e)
	return to, err
}

// connect makes a connection, as the transport of a delivery would.
func (e *endpoint) connect(ctx context.Context) (net.Conn, *outcome) {
	conn, err := e.transport.DialContext(ctx, "tcp", e.address)
	if err != nil {
		o := failed(err, delivery.Connecting)
		return nil, &o
	}
	if !e.https {
		return conn, nil
	}
	secure := tls.Client(conn, e.transport.TLSClientConfig)
	if err := secure.HandshakeContext(ctx); err != nil {
		conn.Close()
		o := failed(err, delivery.Securing)
		return nil, &o
	}
	return secure, nil
}
