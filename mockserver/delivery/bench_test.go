package delivery_test

import (
	"bytes"
	"net"
	"testing"

	"hookproof/mockserver/delivery"
)

// event is about as long as most events are, and ends as nothing in it does.
var event = append(bytes.Repeat([]byte("x"), 1023), '}')

// trivial is a receiver that costs as little as possible: it reads what ends as
// an event does and answers 200.
func trivial(b *testing.B) (url string) {
	answer := []byte("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
	return "http://" + raw(b, func(conn net.Conn) {
		buf := make([]byte, 16<<10)
		for {
			n, err := conn.Read(buf)
			if err != nil {
				return
			}
			if buf[n-1] == event[len(event)-1] {
				if _, err := conn.Write(answer); err != nil {
					return
				}
			}
		}
	})
}

func deliver(b *testing.B, s *delivery.Sender, e delivery.Endpoint) {
	req, err := e.NewRequest(b.Context(), event)
	if err != nil {
		b.Error(err)
		return
	}
	if a := s.Send(req, event); !a.Delivered() || string(a.Text) != "ok" {
		b.Errorf("got status %d (%v)", a.Status, a.Err)
	}
}

func BenchmarkSend(b *testing.B) {
	e := delivery.Endpoint{URL: trivial(b), Username: "vendor", Password: "secret1"}
	s := &delivery.Sender{Transport: transport(b, delivery.TransportOptions{})}
	b.ReportAllocs()
	for b.Loop() {
		deliver(b, s, e)
	}
}

// BenchmarkSendParallel has 128 attempts a core under way at once.
func BenchmarkSendParallel(b *testing.B) {
	e := delivery.Endpoint{URL: trivial(b), Username: "vendor", Password: "secret1"}
	s := &delivery.Sender{Transport: transport(b, delivery.TransportOptions{})}
	b.ReportAllocs()
	b.SetParallelism(128)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			deliver(b, s, e)
		}
	})
}

func BenchmarkNewRequest(b *testing.B) {
	e := delivery.Endpoint{URL: "https://example.com/hook", Username: "vendor", Password: "secret1"}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := e.NewRequest(b.Context(), event); err != nil {
			b.Fatal(err)
		}
	}
}
