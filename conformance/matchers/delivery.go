package matchers

import (
	"fmt"
	"time"

	"github.com/onsi/gomega/types"

	"hookproof/mockserver/delivery"
)

// BeDelivered succeeds if CometChat would count the delivery.Attempt as
// delivered: a complete answer with a 2xx status.
func BeDelivered() types.GomegaMatcher {
	return &attempt{"be delivered", func(a *delivery.Attempt) bool { return a.Delivered() }}
}

// BeDeliveredWith succeeds if the attempt has a complete answer with this status.
func BeDeliveredWith(status int) types.GomegaMatcher {
	return &attempt{fmt.Sprintf("be delivered with status %d", status), func(a *delivery.Attempt) bool {
		return a.Failure == "" && a.Status == status
	}}
}

// BeDeliveredWithin succeeds if the attempt is delivered and the answer was
// complete within d of the request.
func BeDeliveredWithin(d time.Duration) types.GomegaMatcher {
	return &attempt{fmt.Sprintf("be delivered within %s", d), func(a *delivery.Attempt) bool {
		return a.Delivered() && a.Timing.LastByte <= d
	}}
}

type attempt struct {
	want string
	ok   func(*delivery.Attempt) bool
}

func (m *attempt) Match(actual any) (bool, error) {
	a, err := attemptOf(actual)
	if err != nil {
		return false, err
	}
	return m.ok(a), nil
}

func attemptOf(actual any) (*delivery.Attempt, error) {
	switch a := actual.(type) {
	case delivery.Attempt:
		return &a, nil
	case *delivery.Attempt:
		if a != nil {
			return a, nil
		}
	}
	return nil, fmt.Errorf("want a delivery.Attempt, got %T", actual)
}

func (m *attempt) FailureMessage(actual any) string {
	return fmt.Sprintf("Expected the delivery to %s, but %s", m.want, outcome(actual))
}

func (m *attempt) NegatedFailureMessage(actual any) string {
	return fmt.Sprintf("Expected the delivery not to %s, but %s", m.want, outcome(actual))
}

// outcome describes an attempt without its headers, which hold the credentials.
func outcome(actual any) string {
	a, err := attemptOf(actual)
	switch {
	case err != nil:
		return err.Error()
	case a.Failure != "":
		return fmt.Sprintf("it failed (%s): %v", a.Failure, a.Err)
	default:
		return fmt.Sprintf("it was answered with %d after %s", a.Status, a.Timing.LastByte.Round(time.Microsecond))
	}
}
