package traffic_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
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

// server answers what h says.
func server(t *testing.T, h http.HandlerFunc) string {
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.URL
}

func run(t *testing.T, ctx context.Context, o traffic.Options) *traffic.Result { //nolint:revive // the test comes first
	t.Helper()
	if o.Source == nil {
		o.Source = &numbers{}
	}
	res, err := traffic.Run(ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

func ok(http.ResponseWriter, *http.Request) {}

// TestEveryEventArrivesOnce, as a delivery, over either version of HTTP.
func TestEveryEventArrivesOnce(t *testing.T) {
	for _, two := range []bool{false, true} {
		var mu sync.Mutex
		got := map[int]int{}
		s := httptest.NewUnstartedServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			var n int
			if _, err := fmt.Sscanf(string(body), `{"trigger":"message_sent","n":%d}`, &n); err != nil {
				t.Errorf("%q: %v", body, err)
			}
			if user, pass, _ := r.BasicAuth(); user != "vendor" || pass != "secret" || r.Header.Get("Content-Type") != "Application/json" || (r.ProtoMajor == 2) != two {
				t.Errorf("%s %s with %v", r.Method, r.Proto, r.Header)
			}
			mu.Lock()
			got[n]++
			mu.Unlock()
		}))
		s.Config.Protocols = new(http.Protocols)
		s.Config.Protocols.SetHTTP1(true)
		s.Config.Protocols.SetUnencryptedHTTP2(true)
		s.Start()
		res := run(t, t.Context(), traffic.Options{
			Endpoint: delivery.Endpoint{URL: s.URL + "/hook?a=b", Username: "vendor", Password: "secret", ContentType: delivery.LiveContentType},
			Arrivals: traffic.Arrivals{Rate: 1000, Duration: 300 * time.Millisecond}, HTTP2: two, Connections: 16,
		})
		s.Close()
		if res.Sent != 300 || res.Delivered != 300 || res.Scheduled != 300 || res.Unsent+res.Errors() != 0 {
			t.Errorf("HTTP2 %v: %+v", two, res.Totals)
		}
		for n := 1; n <= 300; n++ {
			if got[n] != 1 {
				t.Fatalf("HTTP2 %v: event %d arrived %d times", two, n, got[n])
			}
		}
		if strings.Contains(res.Plan.URL, "=b") || !strings.Contains(res.Plan.URL, "/hook") {
			t.Errorf("the URL is shown as %q", res.Plan.URL)
		}
	}
}

// TestWhatWaitsIsCounted: a receiver that stops for a while delays all that was due
// meanwhile, and the latency says so, however few connections there are.
func TestWhatWaitsIsCounted(t *testing.T) {
	var once sync.Once
	var stalled atomic.Int64 // until, Unix ns
	url := server(t, func(http.ResponseWriter, *http.Request) {
		once.Do(func() { stalled.Store(time.Now().Add(600 * time.Millisecond).UnixNano()) })
		time.Sleep(time.Until(time.Unix(0, stalled.Load())))
	})
	res := run(t, t.Context(), traffic.Options{
		Endpoint: delivery.Endpoint{URL: url}, Connections: 4, Arrivals: traffic.Arrivals{Rate: 500, Duration: time.Second},
	})
	// 300 of 500 events were due within the stall, and waited 300 ms on average.
	if res.Sent != 500 || res.Waited < 200 || res.Bottleneck() == traffic.TooFewConnection {
		t.Errorf("sent %d, waited %d, bottleneck %q", res.Sent, res.Waited, res.Bottleneck())
	}
	if p90 := res.Latency.Quantile(90); p90 < 400*time.Millisecond || p90 > 1500*time.Millisecond {
		t.Errorf("p90 from due is %s, want about 500ms", p90)
	}
	if p90 := res.Service.Quantile(90); p90 > 300*time.Millisecond {
		t.Errorf("p90 from sent is %s: four requests alone were held", p90)
	}
}

// TestWhatIsNeverSentIsCounted, and nothing is after the drain.
func TestWhatIsNeverSentIsCounted(t *testing.T) {
	url := server(t, func(http.ResponseWriter, *http.Request) { time.Sleep(100 * time.Millisecond) })
	res := run(t, t.Context(), traffic.Options{
		Endpoint: delivery.Endpoint{URL: url}, Connections: 1, Drain: 50 * time.Millisecond,
		Arrivals: traffic.Arrivals{Rate: 200, Duration: 200 * time.Millisecond},
	})
	if res.Scheduled != 40 || res.Sent+res.Unsent != 40 || res.Unsent < 30 || res.Bottleneck() != traffic.TooFewConnection {
		t.Errorf("due %d, sent %d, unsent %d, bottleneck %q", res.Scheduled, res.Sent, res.Unsent, res.Bottleneck())
	}
}

// TestInterruptedRunsReport within a second.
func TestInterruptedRunsReport(t *testing.T) {
	url := server(t, func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // else its end is not noticed
		select {
		case <-time.After(5 * time.Second):
		case <-r.Context().Done():
		}
	})
	for _, rate := range []traffic.Rate{100, traffic.Max} {
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		start := time.Now()
		res := run(t, ctx, traffic.Options{
			Endpoint: delivery.Endpoint{URL: url}, Connections: 4, Timeout: 10 * time.Second, Arrivals: traffic.Arrivals{Rate: rate, Duration: time.Minute},
		})
		cancel()
		if took := time.Since(start); took > 3*time.Second || !res.Interrupted || res.Canceled != 4 || res.Errors() != 0 {
			t.Errorf("rate %s: after %s: %+v", rate, took, res.Totals)
		}
	}
}

// TestWarmupIsNotCounted, and the log and progress see all.
func TestWarmupIsNotCounted(t *testing.T) {
	logged := 0
	var seen atomic.Int64
	res := run(t, t.Context(), traffic.Options{
		Endpoint: delivery.Endpoint{URL: server(t, ok)}, Warmup: 200 * time.Millisecond, Arrivals: traffic.Arrivals{Rate: 100, Duration: 600 * time.Millisecond},
		Log:      func(a []traffic.Attempt) { logged += len(a) },
		Progress: func(p traffic.Progress) { seen.Store(p.Sent) },
	})
	if res.Warmup != 20 || res.Sent != 40 || logged != 60 || seen.Load() == 0 {
		t.Errorf("%d to warm up, %d counted, %d logged, %d seen", res.Warmup, res.Sent, logged, seen.Load())
	}
}

func TestBadOptionsAreNamed(t *testing.T) {
	good := traffic.Options{Endpoint: delivery.Endpoint{URL: "http://127.0.0.1/"}, Source: &numbers{}, Arrivals: traffic.Arrivals{Rate: 1, Duration: time.Second}}
	for field, change := range map[string]func(*traffic.Options){
		"Source":            func(o *traffic.Options) { o.Source = nil },
		"Arrivals.Rate":     func(o *traffic.Options) { o.Arrivals.Rate = 0 },
		"Arrivals.Duration": func(o *traffic.Options) { o.Arrivals.Duration = 0 },
		"Arrivals.Model":    func(o *traffic.Options) { o.Arrivals.Model = "wavy" },
		"Warmup":            func(o *traffic.Options) { o.Warmup = time.Second },
		"Connections":       func(o *traffic.Options) { o.Connections = -1 },
		"Timeout":           func(o *traffic.Options) { o.Timeout = time.Hour },
		"Drain":             func(o *traffic.Options) { o.Drain = -1 },
		"endpoint":          func(o *traffic.Options) { o.Endpoint.URL = "nonsense" },
	} {
		o := good
		change(&o)
		if _, err := traffic.Run(t.Context(), o); err == nil || !strings.Contains(err.Error(), field) {
			t.Errorf("%s: %v", field, err)
		}
	}
}
