package delivery_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"hookproof/mockserver/delivery"
)

// TestDroppedAttemptsAreNotSent and fail at once.
func TestDroppedAttemptsAreNotSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		transport := faults(t, "drop=100%,delay=100%,duplicate=100%").Wrap(roundTrip(func(*http.Request) (*http.Response, error) {
			t.Error("a dropped attempt was sent")
			return nil, io.EOF
		}))
		a := faulted(t.Context(), t, transport)
		wantFailure(t, a, delivery.FailTimeout)
		if got := fmt.Sprint(a.Faults, a.Timing.Total, a.Held); got != "[drop] 0s 0s" {
			t.Errorf("got %s, want [drop] 0s 0s", got)
		}
	})
}

// TestDelayIsNotPartOfTheAttempt even if it is longer than the attempt may take.
func TestDelayIsNotPartOfTheAttempt(t *testing.T) {
	for answer, want := range map[time.Duration]delivery.Failure{1900 * time.Millisecond: "", 3 * time.Second: delivery.FailTimeout} {
		synctest.Test(t, func(t *testing.T) {
			began := time.Now()
			transport := faults(t, "delay=100%:30s").Wrap(roundTrip(func(req *http.Request) (*http.Response, error) {
				if got := time.Since(began); got != 30*time.Second {
					t.Errorf("sent after %s, want 30s", got)
				}
				select {
				case <-time.After(answer):
					return answered(req)
				case <-req.Context().Done():
					return nil, req.Context().Err()
				}
			}))
			a := faulted(t.Context(), t, transport)
			if total := min(answer, delivery.DefaultTimeout); a.Failure != want || a.Held != 30*time.Second || a.Timing.Total != total || !a.Start.Equal(began.Add(a.Held)) {
				t.Errorf("got failure %q (%v) after %s, held %s, want %q after %s, held 30s", a.Failure, a.Err, a.Timing.Total, a.Held, want, total)
			}
		})
	}
}

// passing is a transport that notes the order in which attempts come by.
type passing struct {
	mu    sync.Mutex
	order []string
}

func (p *passing) RoundTrip(req *http.Request) (*http.Response, error) {
	time.Sleep(10 * time.Millisecond)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.order = append(p.order, req.Header.Get("Test-Name"))
	return answered(req)
}

// TestReorder has attempts at intervals of 20 ms, all of which are to be held.
func TestReorder(t *testing.T) {
	for _, tt := range []struct {
		n    int
		want []string
	}{
		{1, []string{"0"}},
		{2, []string{"1", "0"}},
		{3, []string{"1", "0", "2"}},
		{4, []string{"1", "0", "3", "2"}},
	} {
		synctest.Test(t, func(t *testing.T) {
			var p passing
			began := time.Now()
			transport := faults(t, "reorder=100%:500ms").Wrap(&p)
			var wg sync.WaitGroup
			for i := range tt.n {
				wg.Go(func() {
					time.Sleep(time.Duration(i) * 20 * time.Millisecond)
					req, err := delivery.Endpoint{URL: "http://receiver.example/"}.NewRequest(t.Context(), nil)
					if err != nil {
						t.Error(err)
						return
					}
					req.Header.Set("Test-Name", fmt.Sprint(i))
					a := (&delivery.Sender{Transport: transport}).Send(req, nil)
					held := i%2 == 0
					if !a.Delivered() || (a.Held > 0) != held || (len(a.Faults) > 0) != held || a.Timing.Total != 10*time.Millisecond {
						t.Errorf("attempt %d: got %v, held %s (%v), took %s", i, a.Faults, a.Held, a.Err, a.Timing.Total)
					}
				})
			}
			wg.Wait()
			if !slices.Equal(p.order, tt.want) {
				t.Errorf("%d attempts: got order %v, want %v", tt.n, p.order, tt.want)
			}
			if took := time.Since(began); took > 600*time.Millisecond {
				t.Errorf("took %s, want at most the bound and a little", took)
			}
		})
	}
}

// TestHeldAttemptsCanBeCancelled and close their bodies, as every other end does.
func TestHeldAttemptsCanBeCancelled(t *testing.T) {
	for _, kind := range []string{"delay", "reorder"} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(time.Second, cancel)
			a := faulted(ctx, t, faults(t, kind+"=100%:30s").Wrap(roundTrip(func(*http.Request) (*http.Response, error) {
				t.Error("a cancelled attempt was sent")
				return nil, io.EOF
			})))
			wantFailure(t, a, delivery.FailCanceled)
			if a.Held != time.Second {
				t.Errorf("%s: held %s, want 1s", kind, a.Held)
			}
		})
	}
}

// TestBodiesAreClosed whatever becomes of the request.
func TestBodiesAreClosed(t *testing.T) {
	for _, kind := range delivery.FaultKinds() {
		for _, cancelled := range []bool{false, true} {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				if cancelled {
					cancel()
				}
				body := &closing{}
				req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://receiver.example/", body)
				if err != nil {
					t.Fatal(err)
				}
				req.ContentLength = 4
				resp, err := faults(t, string(kind)+"=100%").Wrap(answered).RoundTrip(req)
				if err == nil {
					resp.Body.Close()
				}
				if !body.closed {
					t.Errorf("%s, cancelled %t: the body is left open", kind, cancelled)
				}
			})
		}
	}
}

type closing struct{ closed bool }

func (c *closing) Read([]byte) (int, error) { return 0, io.EOF }
func (c *closing) Close() error             { c.closed = true; return nil }
