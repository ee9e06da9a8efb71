package delivery

import "time"

// The provider's retries.
const (
	// MaxAttempts is how often a delivery is attempted at most (documented: two retries).
	MaxAttempts = 3
	// FirstRetry and SecondRetry are the waits before the second and the third
	// attempt (documented: after 10 and 30 seconds). Both count from the end of
	// the attempt before; whether the provider counts its 30 seconds from there or
	// from the first attempt is unknown (assumed).
	FirstRetry  = 10 * time.Second
	SecondRetry = 30 * time.Second
)

// MaxTimeScale bounds Policy.TimeScale.
const MaxTimeScale = 1000

// Policy says when a delivery is attempted again. It is a pure function of the
// past and needs no more of it than a count, so that the process that makes the
// next attempt need not be the one that made the last. The zero value is the
// provider's default, one attempt and no more (documented: retryOnFailure is
// false unless set).
type Policy struct {
	Retry bool // retryOnFailure of the webhook
	// TimeScale multiplies the waits, for tests: at 0.01 they are 100 and 300 ms.
	// What is not above 0 and at most MaxTimeScale counts as 1.
	TimeScale float64
}

// Next says whether to attempt a delivery again after made attempts, and how
// long to wait first, counted from the end of the last one. The last attempt may
// be nil, if nothing is known of it but that it failed. The first attempt is
// due at once; an attempt that was delivered, or that its own sender gave up,
// ends the delivery.
func (p Policy) Next(made int, last *Attempt) (wait time.Duration, again bool) {
	switch {
	case made <= 0:
		return 0, true
	case !p.Retry, last != nil && (last.Delivered() || last.Failure == FailCanceled):
		return 0, false
	case made == 1:
		return p.scaled(FirstRetry), true
	case made < MaxAttempts:
		return p.scaled(SecondRetry), true
	default:
		return 0, false
	}
}

func (p Policy) scaled(d time.Duration) time.Duration {
	if p.TimeScale > 0 && p.TimeScale <= MaxTimeScale {
		return time.Duration(float64(d) * p.TimeScale)
	}
	return d
}
