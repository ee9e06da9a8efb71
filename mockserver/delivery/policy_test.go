package delivery_test

import (
	"errors"
	"fmt"
	"math"
	"testing"
	"testing/quick"
	"time"

	"hookproof/mockserver/delivery"
)

func ExamplePolicy() {
	policy := delivery.Policy{Retry: true}
	down := &delivery.Attempt{Status: 503}
	for made := 1; ; made++ {
		wait, again := policy.Next(made, down)
		if !again {
			fmt.Println("gave up after attempt", made)
			return
		}
		fmt.Println("attempt", made+1, "after", wait)
	}
	// Output: attempt 2 after 10s
	// attempt 3 after 30s
	// gave up after attempt 3
}

func TestPolicy(t *testing.T) {
	ok := &delivery.Attempt{Status: 204}
	down := &delivery.Attempt{Status: 503}
	cut := &delivery.Attempt{Status: 200, Failure: delivery.FailClosed, Err: errors.New("cut")}
	refused := &delivery.Attempt{Failure: delivery.FailRefused, Err: errors.New("refused")}
	canceled := &delivery.Attempt{Failure: delivery.FailCanceled, Err: errors.New("canceled")}
	retry := delivery.Policy{Retry: true}
	for _, tt := range []struct {
		name   string
		policy delivery.Policy
		made   int
		last   *delivery.Attempt
		wait   time.Duration
		again  bool
	}{
		{"the first attempt is due at once", delivery.Policy{}, 0, nil, 0, true},
		{"no retries by default", delivery.Policy{}, 1, down, 0, false},
		{"a scale alone retries nothing", delivery.Policy{TimeScale: 0.01}, 1, down, 0, false},
		{"first retry", retry, 1, down, 10 * time.Second, true},
		{"second retry", retry, 2, down, 30 * time.Second, true},
		{"no third retry", retry, 3, down, 0, false},
		{"no answer is a failure", retry, 1, refused, 10 * time.Second, true},
		{"half an answer is a failure", retry, 1, cut, 10 * time.Second, true},
		{"a redirect is a failure", retry, 1, &delivery.Attempt{Status: 302}, 10 * time.Second, true},
		{"a failure of which nothing is known", retry, 2, nil, 30 * time.Second, true},
		{"delivered", retry, 1, ok, 0, false},
		{"delivered at last", retry, 3, ok, 0, false},
		{"given up by the sender", retry, 1, canceled, 0, false},
		{"a count from elsewhere", retry, math.MaxInt, down, 0, false},
		{"a negative count", retry, -1, nil, 0, true},
		{"scaled", delivery.Policy{Retry: true, TimeScale: 0.01}, 2, down, 300 * time.Millisecond, true},
		{"scaled up", delivery.Policy{Retry: true, TimeScale: delivery.MaxTimeScale}, 1, down, 10_000 * time.Second, true},
		{"a scale out of bounds", delivery.Policy{Retry: true, TimeScale: 1e300}, 1, down, 10 * time.Second, true},
		{"a negative scale", delivery.Policy{Retry: true, TimeScale: -1}, 1, down, 10 * time.Second, true},
		{"a scale that is no number", delivery.Policy{Retry: true, TimeScale: math.NaN()}, 1, down, 10 * time.Second, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if wait, again := tt.policy.Next(tt.made, tt.last); wait != tt.wait || again != tt.again {
				t.Errorf("%+v.Next(%d) = %s, %t, want %s, %t", tt.policy, tt.made, wait, again, tt.wait, tt.again)
			}
		})
	}
}

// TestPolicyEnds drives a delivery by any policy over any answers: it ends
// after one to three attempts, the last of which was delivered or the third if
// there are retries, and waits never shrink or go below zero.
func TestPolicyEnds(t *testing.T) {
	property := func(p delivery.Policy, statuses [8]uint16) bool {
		made, delivered, before := 0, false, time.Duration(-1)
		var last *delivery.Attempt
		for _, status := range statuses {
			wait, again := p.Next(made, last)
			if !again {
				break
			}
			if delivered || wait < before || made == 0 && wait != 0 {
				return false
			}
			last, before = &delivery.Attempt{Status: int(status%600) + 1}, wait
			made, delivered = made+1, last.Delivered()
		}
		want := 1
		if p.Retry {
			want = delivery.MaxAttempts
		}
		return delivered && made <= want || made == want
	}
	if err := quick.Check(property, &quick.Config{MaxCount: 5000}); err != nil {
		t.Error(err)
	}
}
