package traffic_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"hookproof/mockserver/delivery"
	"hookproof/mockserver/traffic"
)

// TestFailuresHaveTheirKinds, and none is a delivery.
func TestFailuresHaveTheirKinds(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := "http://" + ln.Addr().String()
	ln.Close()
	raw := func(answer string) string {
		return listening(t, func(c net.Conn) {
			_, _ = c.Read(make([]byte, 4096))
			_, _ = io.WriteString(c, answer)
		})
	}
	// Whoever answers in full and closes says so: an event sent meanwhile would fail.
	for _, tt := range []struct {
		name, url string
		kind      delivery.Failure
		status    int
	}{
		{"nobody listens", closed, delivery.FailRefused, 0},
		{"closed without an answer", raw(""), delivery.FailClosed, 0},
		{"no HTTP", raw("hello\r\n\r\n"), delivery.FailProtocol, 0},
		{"a body cut short", raw("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"), delivery.FailClosed, 0},
		{"a body that ends with the connection", raw("HTTP/1.1 200 OK\r\n\r\nabc"), "", 200},
		{"chunks with a trailer", raw("HTTP/1.1 200 OK\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX: y\r\n\r\n"), "", 200},
		{"an interim answer", raw("HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"), "", 204},
		{"a reset", reset(t), delivery.FailReset, 0},
		{"a redirect", raw("HTTP/1.1 302 Found\r\nConnection: close\r\nLocation: /\r\nContent-Length: 0\r\n\r\n"), "", 302},
		{"no answer in time", server(t, func(http.ResponseWriter, *http.Request) { time.Sleep(300 * time.Millisecond) }), delivery.FailTimeout, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			timeout := 5 * time.Second
			if tt.kind == delivery.FailTimeout {
				timeout = 100 * time.Millisecond
			}
			res := run(t, t.Context(), traffic.Options{
				Endpoint: delivery.Endpoint{URL: tt.url}, Timeout: timeout, Connections: 4,
				Arrivals: traffic.Arrivals{Rate: 50, Duration: 100 * time.Millisecond},
			})
			if tt.status == 0 && (len(res.Failures) == 0 || res.Failures[0].Failure != tt.kind && res.Failures[len(res.Failures)-1].Failure != tt.kind || res.Delivered != 0 || res.Errors() != 5) {
				t.Errorf("%+v", res.Totals)
			}
			if tt.status != 0 && (len(res.Statuses) != 1 || res.Statuses[0].Status != tt.status || res.Statuses[0].Count != 5 || res.Delivered > 0 != (tt.status < 300)) {
				t.Errorf("statuses %+v, failures %+v", res.Statuses, res.Failures)
			}
		})
	}
}

// listening gives each connection to serve, closes it afterwards, and returns the URL.
func listening(t *testing.T, serve func(net.Conn)) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				serve(c)
			}()
		}
	}()
	return "http://" + ln.Addr().String()
}

// reset is a receiver that resets each connection once it has read something.
func reset(t *testing.T) string {
	t.Helper()
	return listening(t, func(c net.Conn) {
		_, _ = c.Read(make([]byte, 1))
		_ = c.(*net.TCPConn).SetLinger(0)
	})
}

// TestUnaskedAnswersAreNoAnswers: what follows an answer is not taken for the next one.
func TestUnaskedAnswersAreNoAnswers(t *testing.T) {
	url := listening(t, func(c net.Conn) {
		for {
			if _, err := c.Read(make([]byte, 4096)); err != nil {
				return
			}
			_, _ = io.WriteString(c, "HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n")
		}
	})
	res := run(t, t.Context(), traffic.Options{
		Endpoint: delivery.Endpoint{URL: url}, Connections: 1, Arrivals: traffic.Arrivals{Rate: 100, Duration: 200 * time.Millisecond},
	})
	if res.Delivered != 20 || len(res.Statuses) != 1 {
		t.Errorf("%d delivered, statuses %+v, failures %+v", res.Delivered, res.Statuses, res.Failures)
	}
}

// TestConnectionsBackOff: where nobody listens, not every event is an attempt to connect.
func TestConnectionsBackOff(t *testing.T) {
	var dials atomic.Int64
	res := run(t, t.Context(), traffic.Options{
		Endpoint: delivery.Endpoint{URL: "http://127.0.0.1:9/"}, Connections: 8,
		Dial: func(context.Context, string, string) (net.Conn, error) {
			dials.Add(1)
			return nil, errors.New("nobody there")
		},
		Arrivals: traffic.Arrivals{Rate: 1000, Duration: 300 * time.Millisecond},
	})
	if n := dials.Load(); n < 2 || n > 100 || res.Skipped < 200 || res.Errors() != 300 || res.Sent+res.Skipped != 300 {
		t.Errorf("%d attempts to connect, %d sent, %d skipped, %d errors", n, res.Sent, res.Skipped, res.Errors())
	}
}
