package delivery

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"time"
)

// TransportOptions are the choices of a transport; the zero value is good.
type TransportOptions struct {
	RootCAs *x509.CertPool // nil: the system's
	// Dial connects; nil is the system's resolver and TCP.
	Dial func(ctx context.Context, network, addr string) (net.Conn, error)
	// MaxConns bounds the connections to a host; 0 is no bound.
	MaxConns int
}

// NewTransport returns a transport that sends deliveries: HTTP/1.1 (assumed),
// no proxy from the environment, no transparent compression, TLS 1.2 or newer.
// Connections are kept for reuse until CloseIdleConnections, at most 256 a host
// and 1,024 in all, and none for longer than 90 s.
func NewTransport(o TransportOptions) *http.Transport {
	dial := o.Dial
	if dial == nil {
		dial = (&net.Dialer{Timeout: 10 * time.Second}).DialContext
	}
	t := &http.Transport{
		DialContext:            dial,
		TLSClientConfig:        &tls.Config{RootCAs: o.RootCAs, MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:    10 * time.Second, // net/http goes on connecting for an attempt that was given up
		DisableCompression:     true,
		MaxIdleConnsPerHost:    256,
		MaxIdleConns:           1024,
		IdleConnTimeout:        90 * time.Second,
		MaxConnsPerHost:        o.MaxConns,
		MaxResponseHeaderBytes: 256 << 10,
		Protocols:              new(http.Protocols),
	}
	t.Protocols.SetHTTP1(true)
	return t
}
