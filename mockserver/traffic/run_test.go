package traffic_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
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
	t.Parallel()
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

// TestFailuresHaveTheirKinds, and none is a delivery.
func TestFailuresHaveTheirKinds(t *testing.T) {
	t.Parallel()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := "http://" + ln.Addr().String()
	ln.Close()
	raw := func(answer string) string {
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
					buf := make([]byte, 4096)
					_, _ = c.Read(buf)
					_, _ = io.WriteString(c, answer)
					c.Close()
				}()
			}
		}()
		return "http://" + ln.Addr().String()
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

// reset is a receiver that resets each connection once it has read something.
func reset(t *testing.T) string {
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
				_, _ = c.Read(make([]byte, 1))
				_ = c.(*net.TCPConn).SetLinger(0)
				c.Close()
			}()
		}
	}()
	return "http://" + ln.Addr().String()
}

// TestLargeEventsArriveWhole, also if they do not fit into what the system buffers,
// as do answers that are larger than a read.
func TestLargeEventsArriveWhole(t *testing.T) {
	t.Parallel()
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
	t.Parallel()
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
	t.Parallel()
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

// TestAttemptsSayWhichEvent they were for.
func TestAttemptsSayWhichEvent(t *testing.T) {
	url := server(t, ok)
	var all []int64
	run(t, t.Context(), traffic.Options{
		Endpoint: delivery.Endpoint{URL: url}, Connections: 3, Arrivals: traffic.Arrivals{Rate: 500, Duration: 300 * time.Millisecond},
		Log: func(batch []traffic.Attempt) {
			for _, a := range batch {
				all = append(all, a.N)
			}
		},
	})
	slices.Sort(all)
	for i, n := range all {
		if int64(i) != n {
			t.Fatalf("the %d. event has number %d", i, n)
		}
	}
	if len(all) != 150 {
		t.Errorf("%d attempts, want 150", len(all))
	}
}

// sizes are events of very different sizes.
type sizes struct{ n int }

func (s *sizes) Next(dst []byte) ([]byte, string) {
	s.n++
	return append(dst, strings.Repeat("z", []int{100, 30_000, 8192, 8193, 5}[s.n%5])...), "message_sent"
}

// TestUnaskedAnswersAreNoAnswers: what follows an answer is not taken for the next one.
func TestUnaskedAnswersAreNoAnswers(t *testing.T) {
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
				for {
					if _, err := c.Read(make([]byte, 4096)); err != nil {
						return
					}
					_, _ = io.WriteString(c, "HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n")
				}
			}()
		}
	}()
	res := run(t, t.Context(), traffic.Options{
		Endpoint: delivery.Endpoint{URL: "http://" + ln.Addr().String()}, Connections: 1, Arrivals: traffic.Arrivals{Rate: 100, Duration: 200 * time.Millisecond},
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

// TestOrderIsKept: of a conversation, an event is sent when the one before it was
// answered.
func TestOrderIsKept(t *testing.T) {
	for _, rate := range []traffic.Rate{2000, traffic.Max} {
		var mu sync.Mutex
		last := map[int]int{}
		url := server(t, func(_ http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			var n int
			_, _ = fmt.Sscanf(string(body), `{"trigger":"message_sent","n":%d}`, &n)
			time.Sleep(time.Duration(n%3) * time.Millisecond)
			mu.Lock()
			defer mu.Unlock()
			if n < last[n%5] {
				t.Errorf("event %d came after %d", n, last[n%5])
			}
			last[n%5] = n
		})
		res := run(t, t.Context(), traffic.Options{
			Endpoint: delivery.Endpoint{URL: url}, Source: &numbers{most: 300}, Connections: 16,
			Conversation: func(body []byte) string {
				var n int
				_, _ = fmt.Sscanf(string(body), `{"trigger":"message_sent","n":%d}`, &n)
				return fmt.Sprint(n % 5)
			},
			Arrivals: traffic.Arrivals{Rate: rate, Duration: 5 * time.Second},
		})
		if res.Delivered != 300 {
			t.Errorf("rate %s: %d delivered", rate, res.Delivered)
		}
	}
}

// TestInterruptedRunsReport within a second.
func TestInterruptedRunsReport(t *testing.T) {
	t.Parallel()
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

// TestResultsAreJSONAndBack, and merge without loss.
func TestResultsAreJSONAndBack(t *testing.T) {
	res := run(t, t.Context(), traffic.Options{
		Endpoint: delivery.Endpoint{URL: server(t, func(w http.ResponseWriter, r *http.Request) {
			if body, _ := io.ReadAll(r.Body); strings.Contains(string(body), `"n":7`) {
				w.WriteHeader(500)
			}
		})}, Arrivals: traffic.Arrivals{Rate: 200, Duration: 300 * time.Millisecond, Model: traffic.Poisson, Seed: 3},
	})
	text, err := json.Marshal(res)
	if err != nil {
		t.Fatal(err)
	}
	var back traffic.Result
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	again, _ := json.Marshal(&back)
	if string(again) != string(text) {
		t.Errorf("came back as\n%s\nwant\n%s", again, text)
	}
	sent, count := back.Sent, back.Latency.Count()
	back.Totals.Merge(&res.Totals)
	if back.Sent != 2*sent || back.Latency.Count() != 2*count || back.Latency.Max() != res.Latency.Max() || len(back.Statuses) != len(res.Statuses) {
		t.Errorf("merged: %+v", back.Totals)
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
