package main

import (
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
		l.Answer = s.withhold(string(a.Text), excerpt(a.Text))
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
	words, cause := a.Reason()
	if cause == nil {
		return words
	}
	return words + ": " + s.withhold(cause.Error(), abridged(rootCause(cause).Error()))
}

// excerpt is the beginning of an answer's body on one line.
func excerpt(text []byte) string {
	return abridged(strings.Join(strings.Fields(string(text)), " "))
}

// withhold returns what is to be said, unless the text that it was taken from
// shows a secret.
func (s *sending) withhold(from, said string) string {
	if s.red.Shows(from) {
		return "(withheld: it repeats credentials)"
	}
	return said
}
