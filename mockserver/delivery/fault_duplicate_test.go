package delivery_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"hookproof/mockserver/delivery"
)

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
