package delivery_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"hookproof/mockserver/delivery"
)

// arrived is what a receiver got of one request.
type arrived struct {
	header http.Header
	length int64 // declared
	body   []byte
	pieces int   // in which the body came
	err    error // of reading the body
}

// recorder is a receiver that keeps what arrives and answers 200.
type recorder struct {
	addr string
	mu   sync.Mutex
	got  []arrived
}

func newRecorder(t *testing.T) *recorder {
	rec := &recorder{}
	rec.addr = raw(t, func(conn net.Conn) {
		for r := bufio.NewReader(conn); ; {
			req, err := http.ReadRequest(r)
			if err != nil {
				return
			}
			a := arrived{header: req.Header, length: req.ContentLength}
			for buf := make([]byte, 64<<10); a.err == nil; {
				var n int
				n, a.err = req.Body.Read(buf)
				if n > 0 {
					a.body, a.pieces = append(a.body, buf[:n]...), a.pieces+1
				}
			}
			rec.mu.Lock()
			rec.got = append(rec.got, a)
			rec.mu.Unlock()
			if !errors.Is(a.err, io.EOF) {
				return
			}
			_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
		}
	})
	return rec
}

// requests waits until n have arrived, for a receiver may notice the end of one
// after its sender.
func (r *recorder) requests(t *testing.T, n int) []arrived {
	t.Helper()
	for range 2000 {
		r.mu.Lock()
		got := slices.Clone(r.got)
		r.mu.Unlock()
		if len(got) >= n {
			return got
		}
		time.Sleep(time.Millisecond)
	}
	t.Fatalf("no %d requests arrived", n)
	return nil
}

func isFault(a delivery.Attempt, kinds ...delivery.FaultKind) bool {
	return slices.Equal(a.Faults, kinds)
}

func (r *recorder) send(ctx context.Context, t *testing.T, text string, body []byte) delivery.Attempt {
	t.Helper()
	req, err := delivery.Endpoint{URL: "http://" + r.addr, Username: "vendor", Password: "secret1"}.NewRequest(ctx, body)
	if err != nil {
		t.Fatal(err)
	}
	return (&delivery.Sender{Transport: faults(t, text).Wrap(transport(t, delivery.TransportOptions{}))}).Send(req, body)
}

// sizes of bodies: within net/http's buffers and beyond.
var sizes = []int{1, 2, 40, 1000, 5000, 100 << 10}

func TestTruncateOnTheWire(t *testing.T) {
	for _, size := range sizes {
		rec := newRecorder(t)
		body := bytes.Repeat([]byte("0123456789"), size/10+1)[:size]
		a := rec.send(t.Context(), t, "truncate=100%", body)
		wantFailure(t, a, delivery.FailClosed)
		got := rec.requests(t, 1)[0]
		if got.length != int64(size) || len(got.body) >= size || !bytes.HasPrefix(body, got.body) || !errors.Is(got.err, io.ErrUnexpectedEOF) || !isFault(a, delivery.FaultTruncate) {
			t.Errorf("%d bytes: got %d of %d (%v), fault %v, want fewer of all, then the end", size, len(got.body), got.length, got.err, a.Faults)
		}
	}
}

func TestTruncateCutsAnywhere(t *testing.T) {
	rec := newRecorder(t)
	body := []byte("0123456789")
	for i := range 40 {
		rec.send(delivery.WithKey(t.Context(), fmt.Sprint(i)), t, "truncate=100%", body)
	}
	lengths := map[int]bool{}
	for _, got := range rec.requests(t, 40) {
		lengths[len(got.body)] = true
	}
	if len(lengths) < 8 || lengths[len(body)] {
		t.Errorf("got lengths %v, want most of 0 to 9", lengths)
	}
}

func TestCorruptOnTheWire(t *testing.T) {
	for _, size := range sizes {
		rec := newRecorder(t)
		body := bytes.Repeat([]byte("0123456789"), size/10+1)[:size]
		sent := slices.Clone(body)
		a := rec.send(t.Context(), t, "corrupt=100%", body)
		got := rec.requests(t, 1)[0]
		differ := 0
		for i := range min(len(got.body), size) {
			if got.body[i] != sent[i] {
				differ++
			}
		}
		if !a.Delivered() || got.length != int64(size) || len(got.body) != size || differ < 1 || differ > 8 || !isFault(a, delivery.FaultCorrupt) {
			t.Errorf("%d bytes: got %d of %d, %d others, fault %v (%v), want all, 1 to 8 others", size, len(got.body), got.length, differ, a.Faults, a.Err)
		}
		if !bytes.Equal(body, sent) || !bytes.Equal(a.Body, sent) {
			t.Error("the caller's body was changed")
		}
	}
}

func TestSlowBodyOnTheWire(t *testing.T) {
	rec := newRecorder(t)
	body := bytes.Repeat([]byte("0123456789"), 100)
	a := rec.send(t.Context(), t, "slow-body=100%:320ms", body)
	got := rec.requests(t, 1)[0]
	if !a.Delivered() || got.length != int64(len(body)) || !bytes.Equal(got.body, body) || !isFault(a, delivery.FaultSlowBody) {
		t.Errorf("got %d bytes of %d, fault %v (%v), want all", len(got.body), got.length, a.Faults, a.Err)
	}
	if got.pieces < 4 || a.Timing.Total < 300*time.Millisecond || a.Timing.FirstByte > 200*time.Millisecond {
		t.Errorf("got %d pieces and %+v, want the body to take its time in pieces", got.pieces, a.Timing)
	}
}

// TestSlowBodyEndsWithItsAttempt: the receiver gets a part and then the end of the connection.
func TestSlowBodyEndsWithItsAttempt(t *testing.T) {
	rec := newRecorder(t)
	body := bytes.Repeat([]byte("0123456789"), 100)
	req, err := delivery.Endpoint{URL: "http://" + rec.addr}.NewRequest(t.Context(), body)
	if err != nil {
		t.Fatal(err)
	}
	s := &delivery.Sender{Transport: faults(t, "slow-body=100%:2s").Wrap(transport(t, delivery.TransportOptions{})), Timeout: 300 * time.Millisecond}
	wantFailure(t, s.Send(req, body), delivery.FailTimeout)
	if got := rec.requests(t, 1)[0]; len(got.body) == 0 || len(got.body) > len(body)/2 || got.length != int64(len(body)) {
		t.Errorf("got %d bytes of %d, want some", len(got.body), got.length)
	}
}

func TestWrongCredentialsOnTheWire(t *testing.T) {
	passwords := map[string]bool{}
	for _, e := range []delivery.Endpoint{{Username: "vendor", Password: "secret1"}, {Username: "vendor", Password: "x"}, {Username: "vendor"}, {}} {
		rec := newRecorder(t)
		e.URL = "http://" + rec.addr
		for i := range 20 {
			req, err := e.NewRequest(delivery.WithKey(t.Context(), fmt.Sprint(i)), []byte(`{}`))
			if err != nil {
				t.Fatal(err)
			}
			before := req.Header.Clone()
			a := (&delivery.Sender{Transport: faults(t, "wrong-credentials=100%").Wrap(transport(t, delivery.TransportOptions{}))}).Send(req, nil)
			got := rec.requests(t, i+1)[i]
			user, pass, ok := (&http.Request{Header: got.header}).BasicAuth()
			if !ok || user != "vendor" || pass == e.Password || e.Password != "" && len(pass) != len(e.Password) || pass == "" || !isFault(a, delivery.FaultWrongCredentials) {
				t.Errorf("%q: got %q:%q (%t), fault %v, want another password of its length", e.Password, user, pass, ok, a.Faults)
			}
			if after := req.Header; after.Get("Authorization") != before.Get("Authorization") {
				t.Error("the caller's header was changed")
			}
			passwords[pass] = true
		}
	}
	if len(passwords) < 50 {
		t.Errorf("got %d passwords in 80 attempts", len(passwords))
	}
}
