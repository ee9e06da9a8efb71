package conformance

import (
	"iter"
	"math/rand/v2"
	"slices"

	"hookproof/fixtures"
)

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

// choose yields the variants to try.
func (t *trying) choose() iter.Seq[fixtures.Variant] {
	if t.left < 0 {
		return t.all()
	}
	return t.some()
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
					if t.wanted(v) && t.s.opts.hasType(v.Body) && !yield(v) {
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
					t.passed[v.Trigger+v.Label] = true
					if !t.s.opts.hasType(v.Body) {
						continue
					}
					sampled = true
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
		if i >= from && t.wanted(v) && t.s.opts.hasType(v.Body) && !yield(v) {
			return false
		}
		i++
	}
	return true
}
