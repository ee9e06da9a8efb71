package delivery

import (
	"cmp"
	"fmt"
	"net/http"
)

// Reason says in a few words why the attempt is no delivery; words is "" if it is
// one. Where words do not tell enough, cause is the error that does; its text
// may hold whatever the receiver sent: redact it before showing it.
func (a *Attempt) Reason() (words string, cause error) {
	switch {
	case a.Delivered():
		return "", nil
	case a.Failure == "" && a.Status >= 300 && a.Status <= 399:
		return http.StatusText(a.Status) + ": redirects are not followed", nil
	case a.Failure == "":
		return cmp.Or(http.StatusText(a.Status), "no status of 2xx"), nil
	case a.Answered():
		words, cause = a.failure()
		return "incomplete answer: " + words, cause
	default:
		return a.failure()
	}
}

func (a *Attempt) failure() (words string, cause error) {
	switch a.Failure {
	case FailDNS:
		return "the host name does not resolve", nil
	case FailRefused:
		return "connection refused: nothing listens there", nil
	case FailConnect:
		return "no connection could be made", nil
	case FailTLS:
		return "TLS failed", a.Err
	case FailTimeout:
		return fmt.Sprintf("no complete answer within %s", positive(a.Limit, DefaultTimeout)), nil
	case FailReset:
		return "connection reset", nil
	case FailClosed:
		return "connection closed before a complete answer", nil
	case FailProtocol:
		return "what came back is not HTTP", nil
	case FailOversize:
		return "the answer's body does not end", nil
	case FailCanceled:
		return "interrupted before an answer came", nil
	default:
		return "no answer", a.Err
	}
}
