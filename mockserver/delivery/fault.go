package delivery

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// FaultKind is a way to misbehave as networks and providers do.
type FaultKind string

// The kinds of faults.
const (
	// FaultDrop: nothing is sent, and the attempt fails by FailTimeout at once,
	// without the wait that it stands for.
	FaultDrop FaultKind = "drop"
	// FaultDelay: the attempt begins later by a time, which is not part of it.
	FaultDelay FaultKind = "delay"
	// FaultReorder: the attempt begins when a later one has been answered or has
	// failed, at most a time later, which is not part of it. One is held at a time:
	// the next goes at once and lets it go, even if it was to be held itself.
	FaultReorder FaultKind = "reorder"
	// FaultDuplicate: the same request is sent once more when the first has been
	// answered. The first answer counts; that to the copy is read and forgotten.
	FaultDuplicate FaultKind = "duplicate"
	// FaultWrongCredentials: the password is another of the same length. A
	// request without Basic auth gets credentials that are made up.
	FaultWrongCredentials FaultKind = "wrong-credentials"
	// FaultCorrupt: one to eight bytes of the body are others.
	FaultCorrupt FaultKind = "corrupt"
	// FaultTruncate: the connection is closed within the body, as it is when a
	// sender dies or a network breaks: Content-Length still says how long it should
	// have been. The attempt fails by FailClosed unless an answer came before.
	FaultTruncate FaultKind = "truncate"
	// FaultSlowBody: the body goes out in pieces, spread over a time that is
	// part of the attempt.
	FaultSlowBody FaultKind = "slow-body"
)

// MaxFaultTime bounds the time of a fault.
const MaxFaultTime = 30 * time.Second

// faultKinds are the kinds in the order in which they are done.
var faultKinds = []struct {
	kind FaultKind
	time time.Duration // the default, 0 if it takes none
	of   func(*Faults) *Fault
	wrap func(chance, http.RoundTripper) http.RoundTripper
}{
	{FaultDrop, 0, func(f *Faults) *Fault { return &f.Drop }, doing(drop)},
	{FaultDelay, time.Second, func(f *Faults) *Fault { return &f.Delay }, doing(delay)},
	{FaultReorder, time.Second, func(f *Faults) *Fault { return &f.Reorder }, newReorder},
	{FaultDuplicate, 0, func(f *Faults) *Fault { return &f.Duplicate }, doing(duplicate)},
	{FaultWrongCredentials, 0, func(f *Faults) *Fault { return &f.WrongCredentials }, doing(wrongCredentials)},
	{FaultCorrupt, 0, func(f *Faults) *Fault { return &f.Corrupt }, doing(corrupt)},
	{FaultTruncate, 0, func(f *Faults) *Fault { return &f.Truncate }, doing(truncate)},
	{FaultSlowBody, time.Second, func(f *Faults) *Fault { return &f.SlowBody }, doing(slowBody)},
}

// FaultKinds returns every kind of fault, in the order in which they are done:
// what is dropped is neither delayed nor anything else, and a copy is like the first.
func FaultKinds() []FaultKind {
	var kinds []FaultKind
	for _, k := range faultKinds {
		kinds = append(kinds, k.kind)
	}
	return kinds
}

// Fault is how much of one kind there is. Its text is PERCENT% or, for kinds
// that take a time, PERCENT%:DURATION, such as 5% or 20%:300ms.
type Fault struct {
	Percent float64       // of the attempts: 0 to 100
	Time    time.Duration // above 0, at most MaxFaultTime; 0 is the kind's default of 1 s
}

// IsZero tells whether the fault is off.
func (f Fault) IsZero() bool { return f.Percent == 0 }

func (f Fault) String() string {
	text := strconv.FormatFloat(f.Percent, 'f', -1, 64) + "%"
	if f.Time != 0 {
		text += ":" + f.Time.String()
	}
	return text
}

// MarshalText encodes a fault for JSON and YAML.
func (f Fault) MarshalText() ([]byte, error) { return []byte(f.String()), nil }

// UnmarshalText is the inverse of String.
func (f *Fault) UnmarshalText(text []byte) error {
	percent, duration, timed := strings.Cut(string(text), ":")
	number, found := strings.CutSuffix(percent, "%")
	p, err := strconv.ParseFloat(number, 64)
	if !found || err != nil || strings.Trim(number, "0123456789.") != "" || len(text) > 64 {
		return fmt.Errorf("%.64q: want a percentage such as 5%%, or one and a duration such as 20%%:300ms", text)
	}
	g := Fault{Percent: p}
	if timed {
		if g.Time, err = time.ParseDuration(duration); err != nil || g.Time == 0 {
			return fmt.Errorf("%.64q: want a duration above 0 and at most %s after the colon, such as 300ms", text, MaxFaultTime)
		}
	}
	if err := g.check(); err != nil {
		return err
	}
	*f = g
	return nil
}

// check holds what is true of every kind.
func (f Fault) check() error {
	if !(f.Percent >= 0 && f.Percent <= 100) { // NaN is neither
		return fmt.Errorf("%v%%: want 0%% to 100%%", f.Percent)
	}
	if f.Time < 0 || f.Time > MaxFaultTime {
		return fmt.Errorf("%s: want a duration above 0 and at most %s", f.Time, MaxFaultTime)
	}
	return nil
}
