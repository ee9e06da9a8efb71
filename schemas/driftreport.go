package schemas

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// DriftReport is what a comparison came to. Places are JSON Pointers in which * stands
// for every item of an array and every name of a map.
type DriftReport struct {
	Payloads int64          `json:"payloads"`
	Problems []DriftCount   `json:"problems"`        // payloads that could not be compared, and why
	Unknown  []DriftCount   `json:"unknownTriggers"` // triggers that the contract does not have
	Triggers []TriggerDrift `json:"triggers"`
}

// TriggerDrift is what the payloads of a trigger came to.
type TriggerDrift struct {
	Trigger    string           `json:"trigger"`
	Payloads   int64            `json:"payloads"`
	Invalid    int64            `json:"invalid"`
	Violations []DriftViolation `json:"violations"`
	Unknown    []DriftMember    `json:"unknown"`   // members that the contract does not declare
	Values     []DriftValues    `json:"values"`    // words that the contract does not list
	NeverSeen  []string         `json:"neverSeen"` // places that it declares and no payload has
	Omitted    int64            `json:"omitted"`   // beyond the bounds of what is told apart
}

// DriftCount is how often something came.
type DriftCount struct {
	Name  string `json:"name"`
	Count int64  `json:"count"`
}

// DriftViolation is a violation, without the value.
type DriftViolation struct {
	Place   string `json:"place"`
	Message string `json:"message"`
	Count   int64  `json:"count"`
}

// DriftMember is an undeclared member and the JSON types that it had.
type DriftMember struct {
	Place string       `json:"place"`
	Count int64        `json:"count"`
	Types []DriftCount `json:"types"`
}

// DriftValues are words at a place where the contract lists others. A word that could
// be more than one, such as a name, is shown by its length only.
type DriftValues struct {
	Place  string       `json:"place"`
	Values []DriftCount `json:"values"`
}

// Report returns what was compared so far, sorted.
func (c *Comparison) Report() DriftReport {
	r := DriftReport{Payloads: c.payloads, Problems: counts(c.problems), Unknown: counts(c.unknown), Triggers: []TriggerDrift{}}
	for _, trigger := range slices.Sorted(maps.Keys(c.triggers)) {
		t := c.triggers[trigger]
		d := TriggerDrift{
			Trigger: trigger, Payloads: t.payloads, Invalid: t.invalid, Omitted: t.omitted,
			Violations: []DriftViolation{}, Unknown: []DriftMember{}, Values: []DriftValues{}, NeverSeen: neverSeen(trigger, t.seen),
		}
		for k, n := range t.violations {
			d.Violations = append(d.Violations, DriftViolation{k.place, k.message, n})
		}
		slices.SortFunc(d.Violations, func(a, b DriftViolation) int {
			return cmp.Or(cmp.Compare(a.Place, b.Place), cmp.Compare(a.Message, b.Message))
		})
		for _, place := range slices.Sorted(maps.Keys(t.unknown)) {
			u := t.unknown[place]
			d.Unknown = append(d.Unknown, DriftMember{place, u.count, counts(u.types)})
		}
		for _, place := range slices.Sorted(maps.Keys(t.values)) {
			d.Values = append(d.Values, DriftValues{place, counts(t.values[place])})
		}
		r.Triggers = append(r.Triggers, d)
	}
	return r
}

// Invalid counts the payloads that break the contract, those that could not be
// compared included.
func (r *DriftReport) Invalid() int {
	n := int64(0)
	for _, c := range slices.Concat(r.Problems, r.Unknown) {
		n += c.Count
	}
	for _, t := range r.Triggers {
		n += t.Invalid
	}
	return int(n)
}

// Drifts reports whether the payloads hold what the contract does not: members that
// nobody sent are none.
func (r *DriftReport) Drifts() bool {
	return len(r.Problems)+len(r.Unknown) > 0 || slices.ContainsFunc(r.Triggers, func(t TriggerDrift) bool {
		return len(t.Violations)+len(t.Unknown)+len(t.Values) > 0
	})
}

// counts are the names of a map, the most frequent first.
func counts(m map[string]int64) []DriftCount {
	all := make([]DriftCount, 0, len(m))
	for name, n := range m {
		all = append(all, DriftCount{name, n})
	}
	slices.SortFunc(all, func(a, b DriftCount) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), strings.Compare(a.Name, b.Name))
	})
	return all
}
