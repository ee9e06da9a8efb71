package traffic_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"hookproof/mockserver/delivery"
	"hookproof/mockserver/traffic"
)

// TestLargeEventsArriveWhole, also if they do not fit into what the system buffers,
// as do answers that are larger than a read.
func TestLargeEventsArriveWhole(t *testing.T) {
	body := strings.Repeat("x", 8<<20)
	answer := strings.Repeat("y", 100<<10)
	var whole atomic.Int64
	url := server(t, func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(50 * time.Millisecond) // the buffers are full by then
		if got, err := io.ReadAll(r.Body); err == nil && string(got) == body {
			whole.Add(1)
		}
		_, _ = io.WriteString(w, answer)
	})
	res := run(t, t.Context(), traffic.Options{
		Endpoint: delivery.Endpoint{URL: url}, Source: constant(body), Connections: 2, Timeout: 10 * time.Second,
		Arrivals: traffic.Arrivals{Rate: 20, Duration: 200 * time.Millisecond},
	})
	if whole.Load() != 4 || res.Delivered != 4 || res.BytesOut < 4*int64(len(body)) || res.BytesIn < 4*int64(len(answer)) {
		t.Errorf("%d arrived whole, %d delivered, %d bytes out, %d in", whole.Load(), res.Delivered, res.BytesOut, res.BytesIn)
	}
}

// constant is the same event again and again.
type constant string

func (c constant) Next(dst []byte) ([]byte, string) { return append(dst, c...), "message_sent" }

// TestIdleConnectionsMayBeClosed: a receiver that closes what is idle costs no event.
func TestIdleConnectionsMayBeClosed(t *testing.T) {
	s := httptest.NewUnstartedServer(http.HandlerFunc(ok))
	s.Config.IdleTimeout = 20 * time.Millisecond
	s.Start()
	t.Cleanup(s.Close)
	res := run(t, t.Context(), traffic.Options{
		Endpoint: delivery.Endpoint{URL: s.URL}, Connections: 3, Arrivals: traffic.Arrivals{Model: traffic.Burst, Rate: 5, Duration: 3 * time.Second},
	})
	if res.Delivered != 15 || res.Opened < 3 {
		t.Errorf("%d delivered over %d connections: %+v", res.Delivered, res.Opened, res.Failures)
	}
}

// TestSmallAndLargeEventsMix: what the scheduler writes itself and what it leaves to
// others all arrives, also while everything has to wait.
func TestSmallAndLargeEventsMix(t *testing.T) {
	var got atomic.Int64
	url := server(t, func(_ http.ResponseWriter, r *http.Request) {
		n, _ := io.Copy(io.Discard, r.Body)
		got.Add(n)
		time.Sleep(time.Duration(n%3) * time.Millisecond)
	})
	for _, connections := range []int{1, 4} {
		got.Store(0)
		src := &sizes{}
		res := run(t, t.Context(), traffic.Options{
			Endpoint: delivery.Endpoint{URL: url}, Source: src, Connections: connections, Drain: time.Minute,
			Arrivals: traffic.Arrivals{Model: traffic.Poisson, Rate: 800, Duration: 500 * time.Millisecond, Seed: 9},
		})
		if res.Delivered != res.Scheduled || res.Errors() != 0 || res.Unsent != 0 || got.Load() == 0 {
			t.Errorf("%d connections: %d due, %d delivered, %d unsent, failures %+v", connections, res.Scheduled, res.Delivered, res.Unsent, res.Failures)
		}
	}
}

// sizes are events of very different sizes.
type sizes struct{ n int }

func (s *sizes) Next(dst []byte) ([]byte, string) {
	s.n++
	return append(dst, strings.Repeat("z", []int{100, 30_000, 8192, 8193, 5}[s.n%5])...), "message_sent"
}

// TestKeptConnectionsThatDiedAreNotUsed: the receiver closed them, which is nobody's
// failure.
func TestKeptConnectionsThatDiedAreNotUsed(t *testing.T) {
	s := httptest.NewUnstartedServer(http.HandlerFunc(ok))
	s.Config.IdleTimeout = 30 * time.Millisecond
	s.Start()
	defer s.Close()
	res := run(t, t.Context(), traffic.Options{
		Endpoint: delivery.Endpoint{URL: s.URL}, Connections: 1, Arrivals: traffic.Arrivals{Rate: 10, Duration: 600 * time.Millisecond},
	})
	if res.Delivered != 6 || res.Opened < 2 {
		t.Errorf("%d of 6 delivered over %d connections: %+v", res.Delivered, res.Opened, res.Failures)
	}
}
