package conformance

import (
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"hookproof/mockserver/delivery"
)

// answer is what an attempt amounts to.
type answer int

const (
	accepted   answer = iota // a complete 2xx
	refused                  // a complete 4xx
	redirected               // a 3xx
	failed                   // a 5xx, or a status that HTTP does not know
	incomplete               // a status line, but no complete answer
	silent                   // no answer
	unclear                  // nothing can be concluded
)

// judge says what an attempt amounts to, and for unclear ones why.
func judge(a *delivery.Attempt) (answer, string) {
	if why := unclearReason(a); why != "" {
		return unclear, why
	}
	switch {
	case a.Failure != "" && a.Answered():
		return incomplete, ""
	case a.Failure != "":
		return silent, ""
	case a.Status < 200:
		return failed, ""
	case a.Status < 300:
		return accepted, ""
	case a.Status < 400:
		return redirected, ""
	case a.Status < 500:
		return refused, ""
	default:
		return failed, ""
	}
}

// unclearReason says why an attempt tells nothing about the receiver, "" if it does.
func unclearReason(a *delivery.Attempt) string {
	switch {
	case a.Failure == delivery.FailCanceled:
		return "the run was interrupted"
	case a.Failure == delivery.FailReset:
		return "the connection was reset"
	case a.Status == http.StatusTooManyRequests:
		return "rate limited: 429" + retryHint(a) + " (--pace spaces the requests of a run)"
	case a.Status == http.StatusServiceUnavailable && a.Answer.Get("Retry-After") != "":
		return "unavailable for now: 503" + retryHint(a)
	case firewall(a):
		return fmt.Sprintf("a firewall answered in the receiver's place: %d", a.Status)
	default:
		return ""
	}
}

func retryHint(a *delivery.Attempt) string {
	if v := a.Answer.Get("Retry-After"); v != "" {
		return fmt.Sprintf(" with Retry-After: %.40s", v)
	}
	return ""
}

// maxRetryAfter bounds how long a run waits because an answer asks for it.
const maxRetryAfter = 10 * time.Second

// retryAfter is how long the answer asks to wait, bounded; fallback if it does not.
func retryAfter(a *delivery.Attempt, fallback time.Duration) time.Duration {
	v := a.Answer.Get("Retry-After")
	wait := fallback
	if s, err := strconv.Atoi(v); err == nil && s >= 0 {
		wait = time.Duration(min(s, 3600)) * time.Second
	} else if at, err := http.ParseTime(v); err == nil {
		wait = time.Until(at)
	}
	return min(max(wait, 0), maxRetryAfter)
}

// wall matches the block pages of the firewalls in common use.
var wall = regexp.MustCompile(`(?i)attention required|cf-error|cloudflare ray id|incapsula|imperva|sucuri|` +
	`akamai(ghost|\s+reference)|mod_?security|web application firewall|\bwaf\b|request blocked|` +
	`blocked by (our |the )?(security|firewall)|firewall|access denied.{0,200}reference\s*#`)

// firewall tells whether a refusal is the page of a firewall, not the receiver's.
func firewall(a *delivery.Attempt) bool {
	switch a.Status {
	case http.StatusForbidden, http.StatusNotAcceptable, http.StatusServiceUnavailable:
	default:
		return false
	}
	if a.Answer.Get("Cf-Mitigated") != "" {
		return true
	}
	return isHTML(a) && wall.Match(a.Text)
}

func isHTML(a *delivery.Attempt) bool {
	return strings.Contains(strings.ToLower(a.Answer.Get("Content-Type")), "text/html") ||
		strings.HasPrefix(strings.ToLower(strings.TrimSpace(string(a.Text[:min(len(a.Text), 64)]))), "<!doctype html")
}

// describe says in a few words what came back.
func describe(a *delivery.Attempt) string {
	switch {
	case a.Failure == "":
		return fmt.Sprintf("answered %s", status(a.Status))
	case a.Answered():
		return fmt.Sprintf("answered %s but never completely: %s", status(a.Status), failureText(a))
	default:
		return failureText(a)
	}
}

func status(code int) string {
	if text := http.StatusText(code); text != "" {
		return fmt.Sprintf("%d %s", code, text)
	}
	return strconv.Itoa(code)
}

func failureText(a *delivery.Attempt) string {
	switch a.Failure {
	case delivery.FailDNS:
		return "the host name does not resolve"
	case delivery.FailRefused:
		return "the connection was refused"
	case delivery.FailConnect:
		return "no connection could be made"
	case delivery.FailTLS:
		return "TLS failed: " + a.Err.Error()
	case delivery.FailTimeout:
		return fmt.Sprintf("no complete answer within %s (CometChat gives up after 2 s)", answerLimit)
	case delivery.FailReset:
		return "the connection was reset"
	case delivery.FailClosed:
		return "the connection was closed before a complete answer"
	case delivery.FailProtocol:
		return "what came back is not HTTP"
	case delivery.FailOversize:
		return "the answer's body does not end"
	case delivery.FailCanceled:
		return "the run was interrupted"
	default:
		return "no answer: " + a.Err.Error()
	}
}
