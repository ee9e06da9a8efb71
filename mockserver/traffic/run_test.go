package traffic_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"hookproof/mockserver/delivery"
	"hookproof/mockserver/traffic"
)

// numbers are events with a number each.
type numbers struct{ n, most int }

func (s *numbers) Next(dst []byte) ([]byte, string) {
	if s.most > 0 && s.n == s.most {
		return nil, ""
	}
	s.n++
	return fmt.Appendf(dst, `{"trigger":"message_sent","n":%d}`, s.n), "message_sent"
}

func TestEveryEventArrivesOnce(t *testing.T) {
	var got [2000]atomic.Int32
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		var n int
		if _, err := fmt.Sscanf(string(body), `{"trigger":"message_sent","n":%d}`, &n); err != nil {
			t.Errorf("%q: %v", body, err)
		}
		got[n].Add(1)
	}))
	defer s.Close()
	res, err := traffic.Run(t.Context(), traffic.Options{
		Endpoint: delivery.Endpoint{URL: s.URL}, Source: &numbers{},
		Arrivals: traffic.Arrivals{Rate: 2000, Duration: 500 * time.Millisecond},
	})
	if err != nil {
		t.Fatal(err)
	}
	if res.Sent != 1000 || res.Delivered != 1000 || res.Unsent != 0 || res.Errors() != 0 {
		t.Errorf("sent %d, delivered %d, unsent %d, errors %d", res.Sent, res.Delivered, res.Unsent, res.Errors())
	}
	for n := 1; n <= 1000; n++ {
		if got[n].Load() != 1 {
			t.Fatalf("event %d arrived %d times", n, got[n].Load())
		}
	}
	t.Log(res.Deviation.Quantile(50), res.Deviation.Quantile(99), res.Latency.Quantile(99), res.Waited, res.Opened, res.Achieved())
}

func TestTry(t *testing.T) {
	u := os.Getenv("TRY")
	if u == "" {
		t.SkipNow()
	}
	n, _ := strconv.Atoi(os.Getenv("CONNS"))
	rate, err := traffic.ParseRate(os.Getenv("RATE"))
	if err != nil {
		t.Fatal(err)
	}
	res, err := traffic.Run(context.Background(), traffic.Options{Endpoint: delivery.Endpoint{URL: u}, Source: &numbers{}, Connections: n,
		Arrivals: traffic.Arrivals{Rate: rate, Duration: 4 * time.Second}})
	if err != nil {
		t.Fatal(err)
	}
	t.Log(res.Achieved(), res.Sent, res.Errors(), "dev", res.Deviation.Quantile(50), res.Deviation.Quantile(99), res.Deviation.Max(), "lat", res.Latency.Quantile(50), res.Latency.Quantile(99), res.Waited, res.Opened, res.Failures, res.Bottleneck())
}
