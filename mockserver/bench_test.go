package mockserver_test

import (
	"bufio"
	"context"
	"io"
	"net"
	"testing"
	"time"

	"hookproof/mockserver"
	"hookproof/mockserver/queue"
)

// trivialReceiver answers 200 to whatever comes, for as little as possible, and
// returns its URL.
func trivialReceiver(tb testing.TB) string {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { ln.Close() })
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				r := bufio.NewReaderSize(c, 8<<10)
				for {
					length := 0
					for {
						line, err := r.ReadSlice('\n')
						if err != nil {
							return
						}
						if len(line) <= 2 {
							break
						}
						if len(line) > 16 && string(line[:16]) == "Content-Length: " {
							for _, d := range line[16 : len(line)-2] {
								length = 10*length + int(d-'0')
							}
						}
					}
					if _, err := r.Discard(length); err != nil {
						return
					}
					if _, err := io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"); err != nil {
						return
					}
				}
			}()
		}
	}()
	return "http://" + ln.Addr().String() + "/"
}

// BenchmarkDelivery is one event from Fire to the acknowledgement of its
// delivery, durably recorded.
func BenchmarkDelivery(b *testing.B) {
	for _, where := range []string{"memory", "file"} {
		b.Run(where, func(b *testing.B) {
			ctx, cancel := context.WithCancel(context.Background())
			o := queue.EmbeddedOptions{}
			if where == "file" {
				o.Dir = b.TempDir()
			}
			q, err := queue.Embedded(ctx, o)
			if err != nil {
				b.Fatal(err)
			}
			defer q.Close()
			s, err := mockserver.New(q, mockserver.Options{
				Accounts:  []mockserver.Account{{Key: "k", Secret: "s", Apps: []mockserver.App{{ID: "app"}}}},
				AllowHTTP: true, AllowPrivate: true,
			})
			if err != nil {
				b.Fatal(err)
			}
			ran := make(chan error, 1)
			go func() { ran <- s.Run(ctx) }()
			if err := s.Ready(ctx); err != nil {
				b.Fatal(err)
			}
			if err := s.AddWebhook(ctx, "app", mockserver.Webhook{
				ID: "hook", Name: "hook", URL: trivialReceiver(b), Enabled: true, Triggers: []string{"message_sent"},
			}); err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			b.ResetTimer()
			for n := 0; n < b.N; n += mockserver.MaxFire {
				if _, err := s.Fire(ctx, mockserver.Fire{Trigger: "message_sent", Count: min(mockserver.MaxFire, b.N-n)}); err != nil {
					b.Fatal(err)
				}
			}
			for {
				stats, err := s.Stats(ctx)
				if err != nil {
					b.Fatal(err)
				}
				if stats.Delivered+stats.Failed >= uint64(b.N) {
					if stats.Failed > 0 {
						b.Fatalf("%d attempts failed", stats.Failed)
					}
					break
				}
				time.Sleep(time.Millisecond)
			}
			b.StopTimer()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "deliveries/s")
			cancel()
			<-ran
		})
	}
}

// BenchmarkStart is a server from nothing to ready.
func BenchmarkStart(b *testing.B) {
	for b.Loop() {
		ctx, cancel := context.WithCancel(context.Background())
		q, err := queue.Embedded(ctx, queue.EmbeddedOptions{})
		if err != nil {
			b.Fatal(err)
		}
		s, err := mockserver.New(q, mockserver.Options{
			Accounts: []mockserver.Account{{Key: "k", Secret: "s", Apps: []mockserver.App{{ID: "app"}}}},
		})
		if err != nil {
			b.Fatal(err)
		}
		ran := make(chan error, 1)
		go func() { ran <- s.Run(ctx) }()
		if err := s.Ready(ctx); err != nil {
			b.Fatal(err)
		}
		cancel()
		<-ran
		q.Close()
	}
}
