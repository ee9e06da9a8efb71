package delivery_test

import (
	"errors"
	"testing"
	"time"

	"hookproof/mockserver/delivery"
)

func TestReason(t *testing.T) {
	err := errors.New("oh dear")
	for _, tt := range []struct {
		attempt delivery.Attempt
		words   string
		cause   error
	}{
		{delivery.Attempt{Status: 204}, "", nil},
		{delivery.Attempt{Status: 503}, "Service Unavailable", nil},
		{delivery.Attempt{Status: 599}, "no status of 2xx", nil},
		{delivery.Attempt{Status: 307}, "Temporary Redirect: redirects are not followed", nil},
		{delivery.Attempt{Failure: delivery.FailDNS, Err: err}, "the host name does not resolve", nil},
		{delivery.Attempt{Failure: delivery.FailRefused, Err: err}, "connection refused: nothing listens there", nil},
		{delivery.Attempt{Failure: delivery.FailConnect, Err: err}, "no connection could be made", nil},
		{delivery.Attempt{Failure: delivery.FailTLS, Err: err}, "TLS failed", err},
		{delivery.Attempt{Failure: delivery.FailTimeout, Err: err}, "no complete answer within 2s", nil},
		{delivery.Attempt{Failure: delivery.FailTimeout, Err: err, Limit: 5 * time.Second}, "no complete answer within 5s", nil},
		{delivery.Attempt{Failure: delivery.FailReset, Err: err}, "connection reset", nil},
		{delivery.Attempt{Failure: delivery.FailClosed, Err: err}, "connection closed before a complete answer", nil},
		{delivery.Attempt{Failure: delivery.FailProtocol, Err: err}, "what came back is not HTTP", nil},
		{delivery.Attempt{Failure: delivery.FailOversize, Err: err, Status: 200}, "incomplete answer: the answer's body does not end", nil},
		{delivery.Attempt{Failure: delivery.FailCanceled, Err: err}, "interrupted before an answer came", nil},
		{delivery.Attempt{Failure: delivery.FailOther, Err: err}, "no answer", err},
	} {
		if words, cause := tt.attempt.Reason(); words != tt.words || !errors.Is(cause, tt.cause) {
			t.Errorf("status %d, failure %q: got %q, %v, want %q, %v", tt.attempt.Status, tt.attempt.Failure, words, cause, tt.words, tt.cause)
		}
	}
}
