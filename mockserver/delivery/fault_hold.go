package delivery

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"
)

var errDropped = fmt.Errorf("dropped on purpose: %w", context.DeadlineExceeded)

func drop(f *faulty, req *http.Request, _ *rand.Rand) (*http.Response, error) {
	f.note(req.Context())
	closeBody(req)
	return nil, errDropped
}

func delay(f *faulty, req *http.Request, _ *rand.Rand) (*http.Response, error) {
	f.note(req.Context())
	if err := hold(req.Context(), f.Time, nil); err != nil {
		closeBody(req)
		return nil, err
	}
	return f.next.RoundTrip(req)
}

// reorder holds an attempt that it hits until a later one has gone.
type reorder struct {
	chance
	next http.RoundTripper

	mu   sync.Mutex
	held chan struct{} // closed to let it go, nil if none is held that another has not seen
}

func newReorder(c chance, next http.RoundTripper) http.RoundTripper {
	return &reorder{chance: c, next: next}
}

func (r *reorder) RoundTrip(req *http.Request) (*http.Response, error) {
	earlier, own := r.enter(r.hits(req.Context()) != nil)
	if earlier != nil {
		defer close(earlier)
	}
	if own != nil {
		r.note(req.Context())
		err := hold(req.Context(), r.Time, own)
		r.leave(own)
		if err != nil {
			closeBody(req)
			return nil, err
		}
	}
	return r.next.RoundTrip(req)
}

// enter returns what an attempt lets go when it has gone, and else what it waits for
// if it was hit.
func (r *reorder) enter(hit bool) (earlier, own chan struct{}) {
	r.mu.Lock()
	defer r.mu.Unlock()
	earlier, r.held = r.held, nil
	if hit && earlier == nil {
		own = make(chan struct{})
		r.held = own
	}
	return earlier, own
}

func (r *reorder) leave(own chan struct{}) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.held == own {
		r.held = nil
	}
}

// hold waits for d, at most until free is closed. That is not part of the attempt.
func hold(ctx context.Context, d time.Duration, free <-chan struct{}) error {
	if clock := clockOf(ctx); clock != nil {
		clock.pause()
		defer clock.restart()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-free:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	return nil
}

// closeBody does what a RoundTripper owes to a request that it does not send.
func closeBody(req *http.Request) {
	if req.Body != nil {
		req.Body.Close()
	}
}
