package delivery_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"hookproof/mockserver/delivery"
)

// TestConnectionThatBecameFree: an attempt began to connect, then got a kept
// connection. What the abandoned connection does is neither its time nor its failure.
func TestConnectionThatBecameFree(t *testing.T) {
	t.Run("before it dialled", func(t *testing.T) { connectionBecomesFree(t, true) })
	t.Run("in the handshake", func(t *testing.T) { connectionBecomesFree(t, false) })
}

func connectionBecomesFree(t *testing.T, beforeDial bool) {
	t.Parallel()
	cert, trusted := certificate(t, time.Now().Add(time.Hour))
	const answer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
	var conns, dials atomic.Int32
	firstCame, connecting, secondCame := make(chan struct{}), make(chan struct{}), make(chan struct{})
	addr := raw(t, func(conn net.Conn) {
		if conns.Add(1) > 1 {
			_, _ = conn.Read(make([]byte, 1))
			if !beforeDial {
				close(connecting)
			}
			_, _ = io.Copy(io.Discard, conn) // the abandoned handshake stalls
			return
		}
		server := tls.Server(conn, &tls.Config{Certificates: []tls.Certificate{cert}})
		r := bufio.NewReader(server)
		if readRequest(r) != nil {
			return
		}
		close(firstCame)
		<-connecting
		_, _ = io.WriteString(server, answer)
		if readRequest(r) == nil {
			close(secondCame)
			_, _ = io.Copy(io.Discard, r)
		}
	})
	tr := transport(t, delivery.TransportOptions{RootCAs: trusted, Dial: func(ctx context.Context, network, addr string) (net.Conn, error) {
		if dials.Add(1) > 1 && beforeDial {
			close(connecting)
			<-secondCame
		}
		return new(net.Dialer).DialContext(context.WithoutCancel(ctx), network, addr)
	}})
	s := &delivery.Sender{Transport: tr, Timeout: time.Second}
	first, second := make(chan delivery.Attempt), make(chan delivery.Attempt)
	go func() { first <- send(t, s, "https://"+addr) }()
	<-firstCame
	go func() { second <- send(t, s, "https://"+addr) }()
	if a := <-first; !a.Delivered() {
		t.Fatalf("first attempt: %v", a.Err)
	}
	a := <-second
	wantFailure(t, a, delivery.FailTimeout)
	if !a.Reused || a.Timing.Connect != 0 || a.Timing.TLS != 0 {
		t.Errorf("got reused %t and %+v, want a kept connection and no time to connect", a.Reused, a.Timing)
	}
}

// TestStaleConnection: the receiver closed a kept connection, as it may, and
// the next attempt is made on another.
func TestStaleConnection(t *testing.T) {
	closed := make(chan struct{}, 1)
	addr := raw(t, func(conn net.Conn) {
		if readRequest(bufio.NewReader(conn)) == nil {
			_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
			conn.Close()
			closed <- struct{}{}
		}
	})
	s := &delivery.Sender{Transport: transport(t, delivery.TransportOptions{})}
	for range 20 {
		a := send(t, s, "http://"+addr)
		if !a.Delivered() && a.Failure != delivery.FailClosed && a.Failure != delivery.FailReset {
			t.Errorf("got failure %q (%v), want an answer, or a connection closed or reset", a.Failure, a.Err)
		}
		if a.Delivered() {
			<-closed
		}
	}
}

// TestMaxConns bounds the connections to a host.
func TestMaxConns(t *testing.T) {
	var open, most atomic.Int32
	addr := raw(t, func(conn net.Conn) {
		most.Store(max(most.Load(), open.Add(1)))
		defer open.Add(-1)
		for r := bufio.NewReader(conn); readRequest(r) == nil; {
			time.Sleep(5 * time.Millisecond)
			_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
		}
	})
	s := &delivery.Sender{Transport: transport(t, delivery.TransportOptions{MaxConns: 2})}
	done := make(chan bool)
	for range 8 {
		go func() {
			a := send(t, s, "http://"+addr)
			done <- a.Delivered()
		}()
	}
	for range 8 {
		if !<-done {
			t.Error("not delivered")
		}
	}
	if most.Load() > 2 {
		t.Errorf("got %d connections at once, want at most 2", most.Load())
	}
}

// TestConnectionsAreKept for as many attempts at once as a busy server makes:
// once they are open, no more are opened.
func TestConnectionsAreKept(t *testing.T) {
	const atOnce = 256
	var conns atomic.Int32
	came, answer := make(chan struct{}), make(chan struct{})
	addr := raw(t, func(conn net.Conn) {
		conns.Add(1)
		for r := bufio.NewReader(conn); readRequest(r) == nil; {
			came <- struct{}{}
			<-answer
			_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
		}
	})
	s := &delivery.Sender{Transport: transport(t, delivery.TransportOptions{}), Timeout: 20 * time.Second}
	for range 3 {
		var wg sync.WaitGroup
		for range atOnce {
			wg.Go(func() {
				if a := send(t, s, "http://"+addr); !a.Delivered() {
					t.Errorf("not delivered: %v", a.Err)
				}
			})
		}
		for range atOnce {
			<-came
		}
		for range atOnce {
			answer <- struct{}{}
		}
		wg.Wait()
	}
	if got := conns.Load(); got != atOnce {
		t.Errorf("got %d connections for %d attempts at once, want as many", got, atOnce)
	}
}
