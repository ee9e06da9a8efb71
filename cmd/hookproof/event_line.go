package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"hookproof/schemas"
)

// eventLine is what a receiver has to say about one arrival.
type eventLine struct {
	Time       time.Time           `json:"time"`
	Status     int                 `json:"status"` // of the answer
	Trigger    string              `json:"trigger,omitempty"`
	Key        string              `json:"key,omitempty"` // idempotency key
	Known      bool                `json:"known"`         // the contract has the trigger
	Valid      bool                `json:"valid"`         // the event keeps the contract
	Duplicate  bool                `json:"duplicate"`     // an event with its key was accepted before
	Violations []schemas.Violation `json:"violations,omitempty"`
	Problem    string              `json:"problem,omitempty"` // why it is not valid, if not for violations
	Refused    string              `json:"refused,omitempty"` // why it is no event for this receiver
}

// accepted tells whether the sender was told that the event is delivered.
func (l *eventLine) accepted() bool {
	return l.Refused == "" && l.Status >= 200 && l.Status <= 299
}

// judge holds an arrival against the contract.
func judge(a *arrival) *eventLine {
	l := &eventLine{Time: a.time.UTC().Round(0), Status: a.status, Refused: a.reason}
	if l.Refused != "" {
		return l
	}
	trigger, err := schemas.ValidateEvent(a.body)
	l.Trigger, l.Valid, l.Known = trigger, err == nil, true
	if e, ok := errors.AsType[*schemas.ValidationError](err); ok {
		l.Violations = e.Violations
	} else if err != nil {
		_, unknown := errors.AsType[*schemas.UnknownTriggerError](err)
		l.Known, l.Problem = !unknown, err.Error()
	}
	// Without a key, which only known triggers have, an event has no duplicates.
	l.Key, _ = schemas.Key(a.body)
	return l
}

// text is the line for a person.
func (l *eventLine) text() string {
	said := "ok"
	switch {
	case l.Refused != "":
		said = "refused: " + l.Refused
	case l.Duplicate:
		said = "duplicate of " + abridged(l.Key)
	}
	if l.Refused == "" && !l.Valid {
		var all []string
		for _, v := range l.Violations {
			all = append(all, v.String())
		}
		problem := "invalid: " + cmp.Or(l.Problem, strings.Join(all, "; "))
		if !l.Known {
			problem = l.Problem
		}
		if said == "ok" {
			said = problem
		} else {
			said += "; " + problem
		}
	}
	return fmt.Sprintf("%s  %d  %-32s %s", l.Time.Local().Format("15:04:05.000"), l.Status,
		cmp.Or(abridged(l.Trigger), "-"), printable(said))
}

// abridged is what a line has room for of a string that a sender made.
func abridged(s string) string {
	const most = 120
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "…"
	}
	return printable(s)
}

// summary counts what arrived.
type summary struct {
	events, invalid, unknown, duplicates int // of accepted events
	unaccepted                           int // events answered as told, but not with 2xx
	refused                              int
	silent                               int64 // refused without a line
	forwarded, unforwarded               int64
	failed                               int // lines and records that could not be written
}

func (s *summary) count(l *eventLine) {
	switch {
	case l.Refused != "":
		s.refused++
		return
	case !l.accepted():
		s.unaccepted++
		return
	}
	s.events++
	if l.Duplicate {
		s.duplicates++
	}
	switch {
	case !l.Known:
		s.unknown++
	case !l.Valid:
		s.invalid++
	}
}

func (s summary) write(w io.Writer, forwarding bool) {
	line := fmt.Sprintf("%d events accepted (%d invalid, %d unknown, %d duplicates), %d answered with a failure as told, %d requests refused",
		s.events, s.invalid, s.unknown, s.duplicates, s.unaccepted, int64(s.refused)+s.silent)
	if forwarding {
		line += fmt.Sprintf(", %d forwarded, %d not forwarded", s.forwarded, s.unforwarded)
	}
	say(w, "%s\n", line)
}
