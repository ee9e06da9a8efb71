package main

import (
	"cmp"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"hookproof/mockserver/delivery"
	"hookproof/schemas"
)

// sentLine is what there is to say about one event that was sent.
type sentLine struct {
	Time      time.Time        `json:"time"` // when the last attempt began
	Trigger   string           `json:"trigger"`
	Key       string           `json:"key,omitempty"` // idempotency key
	Delivered bool             `json:"delivered"`
	Status    int              `json:"status"`   // of the last answer, 0 without one
	MS        float64          `json:"ms"`       // of the last attempt, connecting included
	Attempts  int              `json:"attempts"` // all of them
	Failure   delivery.Failure `json:"failure,omitempty"`
	Reason    string           `json:"reason,omitempty"` // why it was not delivered
	Answer    string           `json:"answer,omitempty"` // the beginning of what the receiver said to that
}

func (s *sending) line(trigger string, body []byte, a *delivery.Attempt, made int) *sentLine {
	l := &sentLine{
		Time: a.Start.UTC().Round(0), Trigger: trigger, Delivered: a.Delivered(), Status: a.Status,
		MS: math.Round(a.Timing.Total.Seconds()*1e4) / 10, Attempts: made, Failure: a.Failure,
	}
	l.Key, _ = schemas.Key(body) // a body that is forced may have none
	if !l.Delivered {
		l.Reason = s.reason(a)
		l.Answer = s.secrets.withhold(string(a.Text), excerpt(a.Text))
	}
	return l
}

// text is the line for a person.
func (l *sentLine) text() string {
	status := "-"
	if l.Status != 0 {
		status = strconv.Itoa(l.Status)
	}
	var said []string
	if l.Attempts > 1 {
		said = append(said, fmt.Sprintf("attempt %d", l.Attempts))
	}
	if l.Reason != "" {
		said = append(said, l.Reason)
	}
	line := fmt.Sprintf("%-32s %3s %8.1f ms  %s", abridged(l.Trigger), status, l.MS, printable(strings.Join(said, ": ")))
	if l.Answer != "" {
		line += ": " + printable(l.Answer)
	}
	return strings.TrimRight(line, " ")
}

// outcome is an attempt that failed, in a few words.
func (s *sending) outcome(a *delivery.Attempt) string {
	if a.Failure == "" {
		return strings.TrimSpace(fmt.Sprintf("%d %s", a.Status, http.StatusText(a.Status)))
	}
	return s.reason(a)
}

// reason says why an attempt is no delivery.
func (s *sending) reason(a *delivery.Attempt) string {
	switch {
	case a.Failure == "" && a.Status >= 300 && a.Status <= 399:
		return http.StatusText(a.Status) + ": redirects are not followed"
	case a.Failure == "":
		return cmp.Or(http.StatusText(a.Status), "no status of 2xx")
	case a.Answered():
		return "incomplete answer: " + s.failure(a)
	default:
		return s.failure(a)
	}
}

func (s *sending) failure(a *delivery.Attempt) string {
	switch a.Failure {
	case delivery.FailDNS:
		return "the host name does not resolve"
	case delivery.FailRefused:
		return "connection refused: nothing listens there"
	case delivery.FailConnect:
		return "no connection could be made"
	case delivery.FailTLS:
		return s.secrets.withhold(a.Err.Error(), "TLS failed: "+abridged(rootCause(a.Err).Error()))
	case delivery.FailTimeout:
		return fmt.Sprintf("no complete answer within %s", delivery.DefaultTimeout)
	case delivery.FailReset:
		return "connection reset"
	case delivery.FailClosed:
		return "connection closed before a complete answer"
	case delivery.FailProtocol:
		return "what came back is not HTTP"
	case delivery.FailOversize:
		return "the answer's body does not end"
	case delivery.FailCanceled:
		return "interrupted before an answer came"
	default:
		return s.secrets.withhold(a.Err.Error(), "no answer: "+abridged(rootCause(a.Err).Error()))
	}
}

// excerpt is the beginning of an answer's body on one line.
func excerpt(text []byte) string {
	return abridged(strings.Join(strings.Fields(string(text)), " "))
}
