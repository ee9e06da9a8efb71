package conformance

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"hookproof/fixtures"
)

// Robustness is the name of the profile that tries every variant.
const Robustness = "robustness"

// Bounds of payload/variants.
const (
	// DefaultBudget is how many variants the profile recommended tries.
	DefaultBudget = 60
	// MaxBudget bounds Options.Budget.
	MaxBudget = 20_000
	// maxCauses is how many causes are found out and reported.
	maxCauses = 5
	// maxShrinking is how many requests one failing payload may take to be made small.
	maxShrinking = 100
	// maxNarrowing is how many members are tried to find out which is to blame.
	maxNarrowing = 60
	// maxFlickers is how many variants may fail once and be accepted the second time
	// before nothing can be concluded.
	maxFlickers = 3
	// maxUnsure is the size of a body that is refused for its size with good reason.
	maxUnsure = 64 << 10
)

// budget is how many variants a run tries; less than 0 is all.
func (o *Options) budget() int {
	switch {
	case o.Budget > 0:
		return o.Budget
	case o.Profile == Robustness:
		return -1
	}
	return DefaultBudget
}

func variantsAccepted() *Check {
	c := payloadCheck("variants", "events of every shape that the contract allows are accepted", Should, []Basis{BestPractice},
		"Events are accepted whose optional members are absent, whose texts and lengths are at the edges, and which combine these: all of it is valid by the contract.",
		srcTriggers+"; "+srcOurs,
		"Valid events derived from the schemas of the subscribed triggers, each different from an ordinary one in a labelled way (60 of them, or as many as --budget says; all in profile robustness). "+
			"What fails is confirmed beside an ordinary event, then made as small as it can be. What another check has found is not tried.",
		Doc{
			Passes:       "2xx each; the first five causes warn, and the number of others informs.",
			Alternatives: "A text that is no Unicode may be refused with 4xx, and what is over 64 KiB with 413.",

			Why:   "Bugs hide in combinations that nobody thought of: a member that is absent beside a text that is cut within an emoji.",
			Cause: "the receiver assumes a member, a length or a value that the contract does not promise",
			Fix:   "handle what the label says; the curl line repeats the smallest payload that still fails",
		}, 0, tryVariants)
	c.Cost = func(o *Options) Cost {
		s := &session{opts: *o, run: "10000000", start: time.Now()} // of a run that sends nothing
		t := newTrying(&Pass{s: s})
		n := 0
		for range t.choose() {
			if n == t.left {
				break
			}
			n++
		}
		return Cost{Requests: n, Events: n}
	}
	return c
}

// trying is payload/variants at work.
type trying struct {
	*Pass
	left     int // variants that may still be tried; less than 0 is no bound
	tried    int
	flickers int
	serial   int
	mark     string // digits that every id of a variant's world has
	causes   []string
	more     int             // failing variants beyond those whose cause is reported
	passed   map[string]bool // what was chosen by chance
}

func newTrying(p *Pass) *trying {
	return &trying{Pass: p, left: p.s.opts.budget(), mark: p.s.run + "00000", passed: map[string]bool{}}
}

func tryVariants(ctx context.Context, p *Pass) error {
	t := newTrying(p)
	for v := range t.choose() {
		if t.left == 0 {
			break
		}
		t.left--
		t.tried++
		if err := t.try(ctx, v); err != nil {
			return err
		}
		if p.s.dead != nil {
			break
		}
	}
	p.measure("variants", float64(t.tried), "")
	if t.more > 0 {
		p.info(nil, "more", "%d more variants fail; these were the first causes", t.more)
	}
	return nil
}

// fresh returns a body whose ids are those of no other.
func (t *trying) fresh(body []byte) []byte {
	t.serial++
	other := fmt.Sprintf("%s%05d", t.s.run, t.serial%100_000)
	return bytes.ReplaceAll(body, []byte(t.mark), []byte(other))
}

// deliver sends a body with ids of its own.
func (t *trying) deliver(ctx context.Context, body []byte) (*sent, error) {
	return t.send(ctx, probe{body: t.fresh(body)})
}

// try sends a variant, and finds out why if it is not accepted.
func (t *trying) try(ctx context.Context, v fixtures.Variant) error {
	x, err := t.deliver(ctx, v.Body)
	switch {
	case err != nil:
		return err
	case x.answer == unclear:
		return &unclearError{about(v) + ": " + x.why}
	case x.accepted(), permitted(x, v):
		return nil
	}
	sure, err := t.confirm(ctx, v)
	if err != nil || !sure {
		return err
	}
	return t.report(ctx, v)
}
