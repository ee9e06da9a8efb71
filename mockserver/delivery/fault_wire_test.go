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
	"strings"
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

func TestDuplicateOnTheWire(t *testing.T) {
	rec := newRecorder(t)
	body := []byte(`{"trigger":"message_sent"}`)
	a := rec.send(t.Context(), t, "duplicate=100%,wrong-credentials=100%,corrupt=100%", body)
	got := rec.requests(t, 2)
	if !a.Delivered() || string(a.Text) != "ok" || !isFault(a, delivery.FaultWrongCredentials, delivery.FaultCorrupt, delivery.FaultDuplicate) {
		t.Errorf("got %q, faults %v (%v), want the answer of the first", a.Text, a.Faults, a.Err)
	}
	if len(got) != 2 || !bytes.Equal(got[0].body, got[1].body) || fmt.Sprint(got[0].header) != fmt.Sprint(got[1].header) || bytes.Equal(got[0].body, body) {
		t.Errorf("got %v, want two that are the same", got)
	}
}

// TestTheCopyDoesNotCount: it fails and takes long, and the attempt is what the first was.
func TestTheCopyDoesNotCount(t *testing.T) {
	var requests int
	addr := raw(t, func(conn net.Conn) {
		for r := bufio.NewReader(conn); readRequest(r) == nil; {
			if requests++; requests == 2 {
				time.Sleep(300 * time.Millisecond)
				_, _ = io.WriteString(conn, "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 1000000000\r\n\r\n"+strings.Repeat("x", 1<<20))
				return
			}
			_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
		}
	})
	s := &delivery.Sender{Transport: faults(t, "duplicate=100%").Wrap(transport(t, delivery.TransportOptions{}))}
	began := time.Now()
	a := send(t, s, "http://"+addr)
	if !a.Delivered() || string(a.Text) != "ok" || a.Timing.Total > 200*time.Millisecond || a.Timing.LastByte > 200*time.Millisecond || !isFault(a, delivery.FaultDuplicate) {
		t.Errorf("got status %d %q, %+v, faults %v, want the first alone", a.Status, a.Text, a.Timing, a.Faults)
	}
	if took := time.Since(began); took < 300*time.Millisecond {
		t.Errorf("Send returned after %s, want it to wait for the copy", took)
	}
}

// TestTheCopyEndsWithTheCaller and is bounded as an attempt is.
func TestTheCopyEndsWithTheCaller(t *testing.T) {
	for _, cancelled := range []bool{true, false} {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		var requests int
		addr := raw(t, func(conn net.Conn) {
			for r := bufio.NewReader(conn); readRequest(r) == nil; {
				if requests++; requests == 2 {
					if cancelled {
						cancel()
					}
					_, _ = io.Copy(io.Discard, conn)
					return
				}
				_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
			}
		})
		s := &delivery.Sender{Transport: faults(t, "duplicate=100%").Wrap(transport(t, delivery.TransportOptions{})), Timeout: 10 * time.Second}
		if !cancelled {
			s.Timeout = 200 * time.Millisecond
		}
		req, err := delivery.Endpoint{URL: "http://" + addr}.NewRequest(ctx, []byte(`{}`))
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		if a := s.Send(req, nil); !a.Delivered() {
			t.Errorf("not delivered: %v", a.Err)
		}
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("Send returned after %s", took)
		}
	}
}

// TestFaultsTogether under way at once, for the race detector.
func TestFaultsTogether(t *testing.T) {
	rec := newRecorder(t)
	transport := faults(t, "drop=10%,delay=20%:5ms,reorder=20%:20ms,duplicate=30%,wrong-credentials=20%,corrupt=20%,truncate=10%,slow-body=20%:10ms,seed=5").
		Wrap(transport(t, delivery.TransportOptions{}))
	seen := map[delivery.FaultKind]int{}
	var mu sync.Mutex
	var wg sync.WaitGroup
	for i := range 200 {
		wg.Go(func() {
			ctx := delivery.WithKey(t.Context(), fmt.Sprint(i))
			req, err := delivery.Endpoint{URL: "http://" + rec.addr, Username: "vendor", Password: "secret1"}.NewRequest(ctx, []byte(`{"trigger":"message_sent"}`))
			if err != nil {
				t.Error(err)
				return
			}
			a := (&delivery.Sender{Transport: transport, Timeout: 20 * time.Second}).Send(req, nil)
			lost := slices.Contains(a.Faults, delivery.FaultDrop) || slices.Contains(a.Faults, delivery.FaultTruncate)
			if a.Delivered() == lost {
				t.Errorf("attempt %d with %v: delivered %t (%v)", i, a.Faults, a.Delivered(), a.Err)
			}
			mu.Lock()
			defer mu.Unlock()
			for _, kind := range a.Faults {
				seen[kind]++
			}
		})
	}
	wg.Wait()
	if len(seen) != len(delivery.FaultKinds()) {
		t.Errorf("got %v, want every kind", seen)
	}
}
