package conformance

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"strings"
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
	MaxBudget = 100_000
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
		"Valid events derived from the schemas of the subscribed triggers, each different from an ordinary one in a labelled way (60 of them, or as many as --budget says; all in profile robustness); 2xx each. "+
			"What fails is confirmed beside an ordinary event, then made as small as it can be. What another check has found is not tried. A text that is no Unicode may be refused with 4xx, and what is over 64 KiB with 413.",
		Doc{
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

// covered lists the checks of which each has its own eye on a kind of variant.
var covered = map[fixtures.VariantKind][]string{
	fixtures.AbsentVariant:  {"payload/optional-missing"},
	fixtures.MinimalVariant: {"payload/optional-missing"},
	fixtures.UnknownVariant: {"payload/unknown-field"},
	fixtures.OrderVariant:   {"payload/key-order"},
	fixtures.SpaceVariant:   {"payload/whitespace"},
	fixtures.LengthVariant:  {"payload/text-empty", "payload/text-9k", "payload/size-64k"},
	fixtures.SizeVariant:    {"payload/size-64k"},
	fixtures.TextVariant:    {"payload/unicode", "payload/html-quotes"},
	fixtures.PresentVariant: {"payload/receiver-kinds", "payload/type-variants", "payload/action-message", "payload/edited-both-shapes"},
	fixtures.ValueVariant:   {"payload/receiver-kinds", "payload/type-variants", "payload/action-message", "payload/edited-both-shapes"},
	fixtures.PairVariant:    {"payload/optional-missing", "payload/unicode", "payload/html-quotes"},
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

// choose yields the variants to try.
func (t *trying) choose() iter.Seq[fixtures.Variant] {
	if t.left < 0 {
		return t.all()
	}
	return t.some()
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

// options is the world of variants: its ids hold the mark, which each request replaces
// by another, so that none looks like a repetition of the last.
func (t *trying) options() fixtures.Options {
	var first int64
	for _, c := range t.mark {
		first = first*10 + int64(c-'0')
	}
	o := &t.s.opts
	return fixtures.Options{
		Seed: o.Seed, AppID: o.AppID, Region: o.Region, WebhookID: o.WebhookID, UIDPrefix: "hpt-" + t.mark + "-",
		Marker: "hpt-" + t.mark, FirstID: first * 100, Start: t.s.start.Add(-worldAhead), Hurry: true,
	}
}

// triggers are those whose variants are tried: what is rejected anyway is another
// check's.
func (t *trying) triggers() []string {
	return slices.DeleteFunc(slices.Clone(t.s.opts.Triggers), func(name string) bool {
		return slices.Contains(t.s.rejected, name)
	})
}

// all yields every variant and combination.
func (t *trying) all() iter.Seq[fixtures.Variant] {
	return func(yield func(fixtures.Variant) bool) {
		for _, trigger := range t.triggers() {
			for _, make := range []func(string, fixtures.Options) (iter.Seq[fixtures.Variant], error){fixtures.VariantsIn, fixtures.Combinations} {
				all, err := make(trigger, t.options())
				if err != nil {
					break // of no known payload: preflight/triggers-known says so
				}
				for v := range all {
					if t.wanted(v) && !yield(v) {
						return
					}
				}
			}
		}
	}
}

// wanted reports whether no other check has found what v would find.
func (t *trying) wanted(v fixtures.Variant) bool {
	for _, id := range covered[v.Kind] {
		if o := t.s.results[id].Outcome; o == Failed || o == Warned {
			return false
		}
	}
	return v.Kind != fixtures.BaseVariant
}

// some yields those that tell most first, in turn for all triggers: everything absent,
// then for messages beside each text, then a sample by the seed.
func (t *trying) some() iter.Seq[fixtures.Variant] {
	return func(yield func(fixtures.Variant) bool) {
		triggers := t.triggers()
		for _, trigger := range triggers {
			if !t.combined(trigger, 0, 1, yield) {
				return
			}
		}
		if slices.Contains(triggers, "message_sent") && !t.combined("message_sent", 1, len(triggers)+1, yield) {
			return
		}
		rng := rand.New(rand.NewPCG(t.s.opts.Seed, 0x76617269))
		rng.Shuffle(len(triggers), func(i, j int) { triggers[i], triggers[j] = triggers[j], triggers[i] })
		for {
			sampled := false
			for _, trigger := range triggers {
				all, err := fixtures.VariantsIn(trigger, t.options())
				if err != nil {
					continue
				}
				skip := rng.IntN(40)
				for v := range all {
					if !t.wanted(v) || t.passed[v.Trigger+v.Label] {
						continue
					}
					if skip--; skip >= 0 {
						continue
					}
					sampled = true
					t.passed[v.Trigger+v.Label] = true
					if !yield(v) {
						return
					}
					break
				}
			}
			if !sampled {
				return
			}
		}
	}
}

// combined yields some of the combinations of a trigger, and reports whether more are
// wanted.
func (t *trying) combined(trigger string, from, to int, yield func(fixtures.Variant) bool) bool {
	all, err := fixtures.Combinations(trigger, t.options())
	if err != nil {
		return true
	}
	i := 0
	for v := range all {
		if i >= to {
			break
		}
		if i >= from && t.wanted(v) && !yield(v) {
			return false
		}
		i++
	}
	return true
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

// permitted reports whether a refusal is a receiver's good right.
func permitted(x *sent, v fixtures.Variant) bool {
	if x.answer != refused {
		return false
	}
	return x.attempt.Status == 413 && len(x.probe.body) > maxUnsure || !isUnicode(v.Body)
}

// isUnicode reports whether the texts of an event are what every language and database
// can hold: no half of an emoji, which decodes to U+FFFD, and no NUL.
func isUnicode(body []byte) bool {
	var v any
	return json.Unmarshal(body, &v) != nil || !holds(v, "\x00\ufffd")
}

// holds reports whether a text or name in a JSON value has one of some characters.
func holds(v any, chars string) bool {
	switch v := v.(type) {
	case string:
		return strings.ContainsAny(v, chars)
	case []any:
		return slices.ContainsFunc(v, func(item any) bool { return holds(item, chars) })
	case map[string]any:
		for name, member := range v {
			if strings.ContainsAny(name, chars) || holds(member, chars) {
				return true
			}
		}
	}
	return false
}

// confirm reports whether it is the variant that fails: an ordinary event of its trigger
// is accepted, and the variant fails again.
func (t *trying) confirm(ctx context.Context, v fixtures.Variant) (bool, error) {
	base, err := t.base(ctx, v.Trigger)
	if err != nil || base == nil {
		return false, err
	}
	if !base.accepted() {
		if base.answer == silent || base.attempt.Status >= 500 {
			if _, last := t.s.control(ctx, t.Check.ID, kindRecovery); last == nil || !last.accepted() {
				return false, t.confirmBroken(ctx, about(v), base)
			}
		}
		return false, nil // this receiver takes no event of that trigger out of its story: others judge that
	}
	again, err := t.deliver(ctx, v.Body)
	switch {
	case err != nil:
		return false, err
	case again.answer == unclear:
		return false, &unclearError{about(v) + ": " + again.why}
	case again.accepted():
		if t.flickers++; t.flickers > maxFlickers {
			return false, &unclearError{fmt.Sprintf("%d variants failed once and were accepted the second time (ack/stable judges that)", t.flickers)}
		}
		return false, nil
	}
	return true, nil
}

// base sends an ordinary event of a trigger.
func (t *trying) base(ctx context.Context, trigger string) (*sent, error) {
	all, err := fixtures.VariantsIn(trigger, t.options())
	if err != nil {
		return nil, nil //nolint:nilerr // the trigger was varied before
	}
	for v := range all {
		return t.deliver(ctx, v.Body)
	}
	return nil, nil
}

func about(v fixtures.Variant) string {
	return fmt.Sprintf("a valid %s in which %s", v.Trigger, v.Label)
}

// report finds the smallest difference that fails and the smallest payload with it,
// unless that cause is known.
func (t *trying) report(ctx context.Context, v fixtures.Variant) error {
	v, err := t.narrow(ctx, v)
	if err != nil {
		return err
	}
	cause := string(v.Kind) + v.Label
	if slices.Contains(t.causes, cause) {
		return nil
	}
	if len(t.causes) == maxCauses {
		t.more++
		return nil
	}
	x, err := t.shrink(ctx, v)
	if err != nil {
		return err
	}
	t.causes = append(t.causes, cause)
	t.fail(x, "variant", "fails when %s: a valid %s of %d bytes %s", v.Label, v.Trigger, len(x.attempt.Body), describe(&x.attempt))
	return nil
}

// narrow looks for one member among those that are absent that is to blame.
func (t *trying) narrow(ctx context.Context, v fixtures.Variant) (fixtures.Variant, error) {
	n := 0
	for less := range v.Narrower() {
		if n++; n > maxNarrowing {
			break
		}
		x, err := t.deliver(ctx, less.Body)
		switch {
		case err != nil:
			return v, err
		case x.answer == unclear:
			return v, &unclearError{about(less) + ": " + x.why}
		case !x.accepted() && !permitted(x, less):
			return less, nil
		}
	}
	return v, nil
}

// shrink returns the delivery of the smallest payload that still fails.
func (t *trying) shrink(ctx context.Context, v fixtures.Variant) (*sent, error) {
	var last *sent
	var broken error
	n := 0
	fixtures.Shrink(v.Body, func(body []byte) bool {
		if n++; broken != nil || n > maxShrinking {
			return false
		}
		smaller := v
		smaller.Body = body
		x, err := t.deliver(ctx, body)
		if err != nil {
			broken = err
			return false
		}
		if x.answer == unclear {
			broken = &unclearError{about(v) + ": " + x.why}
			return false
		}
		if x.accepted() || permitted(x, smaller) {
			return false
		}
		last = x
		return true
	})
	if broken != nil {
		return nil, broken
	}
	if last == nil { // it was confirmed, and is accepted now
		return nil, &unclearError{about(v) + ": not accepted twice, and accepted then"}
	}
	return last, nil
}
