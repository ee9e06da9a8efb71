package schemas

import (
	"iter"
	"slices"
)

// Basis says how a fact about the provider is known.
type Basis string

// The bases of facts.
const (
	Documented Basis = "documented" // by the provider
	Observed   Basis = "observed"   // in live deliveries
	Assumed    Basis = "assumed"    // our choice, because nothing says it
)

// Bases returns all bases.
func Bases() []Basis { return []Basis{Documented, Observed, Assumed} }

// Tier says what a trigger is to this project.
type Tier string

// The tiers of triggers.
const (
	Required   Tier = "required" // every receiver may be sent it
	Current    Tier = "current"  // the provider sends it today, beside those
	Provider   Tier = "provider" // to an app's own provider of e-mail, SMS or push
	LegacyTier Tier = "legacy"   // of the generation [Legacy]
	Unshaped   Tier = "unshaped" // the name is known, but no payload of it
)

// Tiers returns all tiers.
func Tiers() []Tier { return []Tier{Required, Current, Provider, LegacyTier, Unshaped} }

// Generation is one of the two generations of webhooks, of which an app has one. A
// receiver tells them apart by their triggers alone.
type Generation string

// The generations. The zero value means Modern.
const (
	Modern Generation = "modern" // with the header X-Webhook-Version
	Legacy Generation = "legacy" // without
)

// Generations returns both generations.
func Generations() []Generation { return []Generation{Modern, Legacy} }

// Trigger is the catalogue entry of one webhook trigger, read from its schema.
type Trigger struct {
	Name        string     `json:"name"` // e.g. "message_sent"; the name of the file
	Title       string     `json:"title"`
	Description string     `json:"description"`
	Group       string     `json:"group"` // one of [Groups]
	Tier        Tier       `json:"tier"`
	Generation  Generation `json:"generation"`

	// AliasOf is the trigger that this is another name of, or "".
	AliasOf string `json:"aliasOf,omitempty"`

	// IdempotencyKey lists JSON Pointers to the members that together tell one
	// event from another, so that a receiver can recognise a retry. A pointer to
	// an object, such as a map keyed by uid, stands for the sorted names of its
	// members. The reference token "*" stands for every member of an object, in
	// the order of their names. [Key] computes it. It is empty where nothing tells
	// events apart.
	IdempotencyKey []string `json:"idempotencyKey"`
	KeyBasis       Basis    `json:"keyBasis,omitempty"` // Documented, or Assumed where the provider names no key

	Source string `json:"source"` // where the shape is from
	Basis  Basis  `json:"basis"`
}

// Shaped tells whether a payload of the trigger is known. Without, data may be any
// object.
func (t Trigger) Shaped() bool { return t.Tier != Unshaped }

// Groups returns the groups of triggers in the order of the catalogue.
func Groups() []string {
	return []string{"message", "user", "group", "call", "meeting", "moderation", "campaign", "notification", "legacy"}
}

// Triggers yields the catalogue: by group in the order of [Groups], then by name.
func Triggers() iter.Seq[Trigger] {
	return func(yield func(Trigger) bool) {
		for _, e := range theContract().entries {
			if !yield(e.copy()) {
				return
			}
		}
	}
}

// Names returns the names of the triggers of some tiers, or of all if none is given,
// in the order of [Triggers].
func Names(tiers ...Tier) []string {
	var names []string
	for _, e := range theContract().entries {
		if len(tiers) == 0 || slices.Contains(tiers, e.Tier) {
			names = append(names, e.Name)
		}
	}
	return names
}

// Exists tells whether the provider has a trigger of this name, in any generation.
func Exists(trigger string) bool {
	_, ok := theContract().byName[trigger]
	return ok
}

// Canonical returns the trigger that a name stands for: that of which it is an alias,
// or else the name itself.
func Canonical(name string) string {
	if e, ok := theContract().byName[name]; ok && e.AliasOf != "" {
		return e.AliasOf
	}
	return name
}

// Lookup returns the entry of a trigger. An alias has an entry of its own.
func Lookup(name string) (Trigger, bool) {
	e, ok := theContract().byName[name]
	if !ok {
		return Trigger{}, false
	}
	return e.copy(), true
}

func (e *entry) copy() Trigger {
	t := e.Trigger
	t.IdempotencyKey = slices.Clone(t.IdempotencyKey)
	return t
}
