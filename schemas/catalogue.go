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

// Tier says what a trigger is to this project.
type Tier string

// Required marks the triggers that every receiver may be sent.
const Required Tier = "required"

// Trigger is the catalogue entry of one webhook trigger, read from its schema.
type Trigger struct {
	Name        string `json:"name"` // e.g. "message_sent"; the name of the file
	Title       string `json:"title"`
	Description string `json:"description"`
	Group       string `json:"group"` // message, user, group, call or meeting
	Tier        Tier   `json:"tier"`

	// IdempotencyKey lists JSON Pointers to the members that together tell one
	// event from another, so that a receiver can recognise a retry. A pointer to
	// an object, such as a map keyed by uid, stands for the sorted names of its
	// members. The reference token "*" stands for every member of an object, in
	// the order of their names. [Key] computes it.
	IdempotencyKey []string `json:"idempotencyKey"`
	KeyBasis       Basis    `json:"keyBasis"` // Documented, or Assumed where the provider names no key

	Source string `json:"source"` // where the shape is from
	Basis  Basis  `json:"basis"`
}

// groups gives the order of the catalogue.
func groups() []string { return []string{"message", "user", "group", "call", "meeting"} }

// Triggers yields the catalogue: by group in the order message, user, group,
// call, meeting, then by name.
func Triggers() iter.Seq[Trigger] {
	return func(yield func(Trigger) bool) {
		for _, e := range theContract().entries {
			if !yield(e.copy()) {
				return
			}
		}
	}
}

// Names returns the names of all triggers in the order of [Triggers].
func Names() []string {
	entries := theContract().entries
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = e.Name
	}
	return names
}

// Lookup returns the entry of a trigger.
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
