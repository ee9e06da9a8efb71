package fleet_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"hookproof/mockserver/delivery"
	"hookproof/mockserver/fleet"
	"hookproof/mockserver/queue"
	"hookproof/mockserver/traffic"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// part is the events of a part: each says of which it is.
type part struct{ n, i int }

func (p *part) Next(dst []byte) ([]byte, string) {
	p.i++
	return fmt.Appendf(dst, `{"part":%d,"i":%d}`, p.n, p.i), "message_sent"
}

// receiver counts what arrives.
type receiver struct {
	url string
	mu  sync.Mutex
	got map[string]int
}

func newReceiver(t *testing.T) *receiver {
	r := &receiver{got: map[string]int{}}
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, req *http.Request) {
		body, _ := io.ReadAll(req.Body)
		r.mu.Lock()
		defer r.mu.Unlock()
		r.got[string(body)]++
	}))
	t.Cleanup(s.Close)
	r.url = s.URL
	return r
}

// counts returns how many events came, and how many of them more than once.
func (r *receiver) counts() (events, twice int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, n := range r.got {
		events++
		if n > 1 {
			twice++
		}
	}
	return events, twice
}

// works starts workers, until the test ends.
func works(t *testing.T, q *queue.Queue, r *receiver, names ...string) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	var all sync.WaitGroup
	for _, name := range names {
		all.Go(func() {
			if err := fleet.Work(ctx, q, fleet.Worker{Name: name, Prepare: prepare(r)}); err != nil {
				t.Error(err)
			}
		})
	}
	t.Cleanup(func() {
		cancel()
		all.Wait()
	})
}

func prepare(r *receiver) func([]byte) (func(int, traffic.Part) (traffic.Options, error), error) {
	return func(spec []byte) (func(int, traffic.Part) (traffic.Options, error), error) {
		if string(spec) != `{"this":"run"}` {
			return nil, errors.New("another run")
		}
		return func(n int, _ traffic.Part) (traffic.Options, error) {
			o := options(r)
			o.Source = &part{n: n}
			return o, nil
		}, nil
	}
}

func options(r *receiver) traffic.Options {
	return traffic.Options{
		Endpoint: delivery.Endpoint{URL: r.url}, Connections: 12,
		Arrivals: traffic.Arrivals{Rate: 300, Duration: 2500 * time.Millisecond}, Drain: time.Second, Timeout: time.Second,
	}
}

func testQueue(t *testing.T) *queue.Queue {
	t.Helper()
	q, err := queue.Embedded(t.Context(), queue.EmbeddedOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = q.Close() })
	return q
}

// TestEveryEventIsSentOnce, by all workers together, when it is due.
func TestEveryEventIsSentOnce(t *testing.T) {
	t.Parallel()
	q, r := testQueue(t), newReceiver(t)
	works(t, q, r, "a", "b", "c")
	var progress []traffic.Progress
	o := options(r)
	o.Progress = func(p traffic.Progress) { progress = append(progress, p) }
	res, err := fleet.Run(t.Context(), q, fleet.Options{Traffic: o, Spec: []byte(`{"this":"run"}`), Workers: 3})
	if err != nil {
		t.Fatal(err)
	}
	events, twice := r.counts()
	if res.Scheduled != 750 || res.Sent != 750 || res.Delivered != 750 || events != 750 || twice != 0 {
		t.Errorf("%d due, %d sent, %d delivered; %d arrived, %d more than once", res.Scheduled, res.Sent, res.Delivered, events, twice)
	}
	s := res.Shared
	var sent int64
	for _, w := range s.Workers {
		sent += w.Sent
	}
	if s.Parts != 9 || sent != 750 || s.Lost != 0 || s.Repeated != 0 || len(s.Workers) < 2 {
		t.Errorf("%+v", s)
	}
	if res.Interrupted || len(res.Series.Points) < 3 || len(progress) != 9 || progress[8].Sent != 750 {
		t.Errorf("interrupted %v, %d points, progress %+v", res.Interrupted, len(res.Series.Points), progress)
	}
}

// TestNobodyIsThere, or not enough.
func TestNobodyIsThere(t *testing.T) {
	t.Parallel()
	q, r := testQueue(t), newReceiver(t)
	if _, err := fleet.Run(t.Context(), q, fleet.Options{Traffic: options(r)}); !errors.Is(err, fleet.ErrNoWorkers) {
		t.Error(err)
	}
	if _, err := fleet.Run(t.Context(), q, fleet.Options{Traffic: options(r), Workers: 2, Patience: time.Millisecond}); !errors.Is(err, fleet.ErrNoWorkers) {
		t.Error(err)
	}
	if _, err := fleet.Run(t.Context(), q, fleet.Options{}); err == nil {
		t.Error("a run without options is one")
	}
}

// TestWhatNobodyMakesIsLost, and said to be.
func TestWhatNobodyMakesIsLost(t *testing.T) {
	t.Parallel()
	q, r := testQueue(t), newReceiver(t)
	works(t, q, r, "a")
	res, err := fleet.Run(t.Context(), q, fleet.Options{Traffic: options(r), Spec: []byte(`{"another":"run"}`), Workers: 1, Grace: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	if res.Scheduled != 750 || res.Sent != 0 || res.Shared.Lost != 750 || res.Shared.LostParts != 3 || res.Bottleneck() != traffic.TooFewWorkers {
		t.Errorf("%d due, %d sent, %+v, bottleneck %q", res.Scheduled, res.Sent, res.Shared, res.Bottleneck())
	}
}

// TestInterruptedRunsEndSoon, with what was sent until then.
func TestInterruptedRunsEndSoon(t *testing.T) {
	q, r := testQueue(t), newReceiver(t)
	works(t, q, r, "a", "b")
	ctx, cancel := context.WithCancel(t.Context())
	var since time.Time
	time.AfterFunc(4*time.Second, func() { // some of it has passed
		since = time.Now()
		cancel()
	})
	o := options(r)
	o.Arrivals.Duration = time.Minute
	res, err := fleet.Run(ctx, q, fleet.Options{Traffic: o, Spec: []byte(`{"this":"run"}`), Workers: 2})
	if err != nil {
		t.Fatal(err)
	}
	if took := time.Since(since); took > 2*time.Second {
		t.Errorf("it took %s to end", took)
	}
	events, _ := r.counts()
	if !res.Interrupted || res.Sent == 0 || int(res.Sent) > events || res.Shared.Lost != 0 {
		t.Errorf("interrupted %v, %d sent, %d arrived, %+v", res.Interrupted, res.Sent, events, res.Shared)
	}
	if res.Bottleneck() == traffic.TooFewWorkers {
		t.Errorf("the bottleneck is %s", res.Bottleneck())
	}
}
