package conformance

import (
	"context"
	"strings"
	"time"
)

// Check is one thing that is tried on a receiver. It is data: a check belongs
// to no list until Suite names it, and Run works with any Pass.
type Check struct {
	ID          string // group/name; stable and never reused
	Title       string // a short statement that is true of a conforming receiver
	Level       Level
	Basis       []Basis
	Impact      Impact
	Requirement string // what is required, in one sentence
	Source      string // where that is said
	Probe       string // exactly what is sent or looked at
	Doc         Doc

	// Cost is what Run sends to a conforming receiver; nil means nothing.
	Cost func(*Options) Cost
	// Implied lists checks that subsume this one: if any of them failed, this
	// one would only repeat it and is skipped.
	Implied []string
	// Hostile asks for a liveness control after the check.
	Hostile bool

	needs    need
	phase    phase
	negative bool // wants to be refused: an accepted control comes before it
	observed bool // needs Options.Observe
	counts   bool // judges by effects as well where there is an Observe
	certain  bool // the check's own cause is better than what an answer's text suggests
	lenient  bool // accepting its probes is one of several right answers, so their status is no acknowledgement's
	byName   bool // in no profile: Options.Run has to name it
	strains  bool // sends wrong credentials beyond the budget of an ordinary run

	// Run tries the check. Findings go through the Pass; the error means that
	// it could not be tried, which is hookproof's fault or the caller's.
	Run func(context.Context, *Pass) error
}

// Group is the part of the ID before the slash.
func (c *Check) Group() string {
	group, _, _ := strings.Cut(c.ID, "/")
	return group
}

// Doc explains a check to the person who has to act on it.
type Doc struct {
	Passes       string // what passes, and what fails, warns or informs instead
	Alternatives string // other behaviour that is as right and never punished; "" if there is none

	Why   string // why it matters
	Cause string // the most likely cause of a failure, as far as the check alone can tell
	Fix   string // what to do about it
}

func (c *Check) cost(o *Options) Cost {
	if c.Cost == nil {
		return Cost{}
	}
	return c.Cost(o)
}

// Cost is an estimate of what a check sends to a conforming receiver.
type Cost struct {
	Requests int // deliveries
	Events   int // of these, events that the receiver accepts
	Wrong    int // of these, requests with a wrong credential
	Pause    time.Duration
}

// sends is the cost of a check that does not depend on the options.
func sends(requests, events, wrong int) func(*Options) Cost {
	return func(*Options) Cost { return Cost{Requests: requests, Events: events, Wrong: wrong} }
}

// need is what must be there for a check to make sense.
type need int

const (
	needNothing   need = iota
	needTLS            // an https target
	needTransport      // addresses and, over https, a trusted connection
	needBaseline       // an accepted baseline
	needAuth           // an accepted baseline and credentials to get wrong
)

// phase orders a run; a control runs before the phases that hold negative probes.
type phase int

const (
	phasePreflight phase = iota
	phaseTransport
	phaseBaseline
	phaseProbe
	phaseLook // looks back at the deliveries before any wrong credential
	phaseAuth
	phaseFinal // looks back at the stored answers
	phaseLoad  // late: what it leaves behind may take the receiver a while
	phaseFlood // last: many wrong credentials may lock the run out
)
