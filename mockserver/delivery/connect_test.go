package delivery_test

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"syscall"
	"testing"
	"time"

	"hookproof/mockserver/delivery"
)

func TestFailuresToConnect(t *testing.T) {
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	refused := "http://" + closed.Addr().String() + "/"
	closed.Close()

	dial := func(err error) delivery.TransportOptions {
		return delivery.TransportOptions{Dial: func(context.Context, string, string) (net.Conn, error) {
			return nil, &net.OpError{Op: "dial", Net: "tcp", Err: err}
		}}
	}
	never := delivery.TransportOptions{Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	}}
	tests := []struct {
		name    string
		url     string
		options delivery.TransportOptions
		want    delivery.Failure
	}{
		{"no such host", "http://receiver.invalid/", dial(&net.DNSError{Err: "no such host", IsNotFound: true}), delivery.FailDNS},
		{"the resolver does not answer", "http://receiver.invalid/", dial(&net.DNSError{Err: "i/o timeout", IsTimeout: true}), delivery.FailDNS},
		{"nothing listens", refused, delivery.TransportOptions{}, delivery.FailRefused},
		{"unreachable", "http://192.0.2.1/", dial(syscall.EHOSTUNREACH), delivery.FailConnect},
		{"no answer to SYN", "http://192.0.2.1/", never, delivery.FailConnect},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := &delivery.Sender{Transport: transport(t, tt.options), Timeout: 60 * time.Millisecond}
			a := send(t, s, tt.url)
			wantFailure(t, a, tt.want)
			if a.Remote != "" || a.Timing.FirstByte != 0 || a.Timing.LastByte != 0 {
				t.Errorf("got remote %q and timing %+v without a connection", a.Remote, a.Timing)
			}
		})
	}
}

func TestFailuresOfTLS(t *testing.T) {
	good, trusted := certificate(t, time.Now().Add(time.Hour))
	old, trustedOld := certificate(t, time.Now().Add(-time.Hour))
	_, stranger := certificate(t, time.Now().Add(time.Hour))
	shake := func(c *tls.Config) func(net.Conn) {
		return func(conn net.Conn) {
			server := tls.Server(conn, c)
			if server.Handshake() == nil {
				_, _ = io.Copy(io.Discard, server)
			}
		}
	}
	host := delivery.TransportOptions{RootCAs: trusted}
	tests := []struct {
		name    string
		options delivery.TransportOptions
		serve   func(net.Conn)
	}{
		{"untrusted", delivery.TransportOptions{RootCAs: stranger}, shake(&tls.Config{Certificates: []tls.Certificate{good}})},
		{"expired", delivery.TransportOptions{RootCAs: trustedOld}, shake(&tls.Config{Certificates: []tls.Certificate{old}})},
		{"too old a version", host, shake(&tls.Config{Certificates: []tls.Certificate{good}, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11})},
		{"a client certificate demanded", host, shake(&tls.Config{Certificates: []tls.Certificate{good}, ClientAuth: tls.RequireAnyClientCert})},
		{"plain HTTP", host, func(c net.Conn) { _, _ = io.WriteString(c, "HTTP/1.1 400 Bad Request\r\n\r\n") }},
		{"another protocol", host, func(c net.Conn) { _, _ = io.WriteString(c, "220 mail.example.com ESMTP\r\n") }},
		{"closed in the handshake", host, func(net.Conn) {}},
		{"reset in the handshake", host, func(c net.Conn) { _, _ = c.Read(make([]byte, 1)); hangUp(c) }},
		{"silence in the handshake", host, func(c net.Conn) { _, _ = io.Copy(io.Discard, c) }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			addr := raw(t, tt.serve)
			s := &delivery.Sender{Transport: transport(t, tt.options), Timeout: 300 * time.Millisecond}
			a := send(t, s, "https://"+addr+"/")
			wantFailure(t, a, delivery.FailTLS)
			if a.Answered() {
				t.Errorf("got status %d", a.Status)
			}
		})
	}
}

func TestWrongHostName(t *testing.T) {
	cert, trusted := certificate(t, time.Now().Add(time.Hour))
	addr := raw(t, func(conn net.Conn) {
		_ = tls.Server(conn, &tls.Config{Certificates: []tls.Certificate{cert}}).Handshake()
	})
	options := delivery.TransportOptions{RootCAs: trusted, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, addr)
	}}
	a := send(t, &delivery.Sender{Transport: transport(t, options)}, "https://receiver.example/")
	wantFailure(t, a, delivery.FailTLS)
}

// TestPlainToTLS is no failure: such servers answer in plain HTTP.
func TestPlainToTLS(t *testing.T) {
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ErrorLog = discard
	server.StartTLS()
	defer server.Close()
	a := send(t, new(delivery.Sender), "http://"+server.Listener.Addr().String()+"/")
	if a.Failure != "" || a.Status != http.StatusBadRequest || a.Delivered() {
		t.Errorf("got failure %q, status %d, want the answer 400", a.Failure, a.Status)
	}
}
