package schemas

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// Bounds of what a [Comparison] tells apart for one trigger; the rest is counted as
// omitted.
const (
	maxDriftPlaces = 2000
	maxDriftValues = 50 // of one place
	maxDriftValue  = 40 // bytes of one that is shown
	maxDriftNames  = 100
)

// Comparison compares real deliveries with the contract: what breaks it, what it does
// not declare, and what it declares and nobody sends. It keeps places, types and
// counts, and no values, but for short words where the contract lists words. Its
// memory is bounded. It is not safe for concurrent use; several can be merged.
type Comparison struct {
	generation Generation
	payloads   int64
	problems   map[string]int64 // payloads that could not be compared, by why
	unknown    map[string]int64 // triggers that the contract does not have
	triggers   map[string]*compared
}

// compared is what payloads of a trigger came to.
type compared struct {
	payloads, invalid, omitted int64
	violations                 map[violationKey]int64
	unknown                    map[string]*unknownCount // by place
	values                     map[string]map[string]int64
	seen                       map[string]bool
	homes                      map[string]home // where to declare what is unknown, and values
}

// violationKey is a place and what it breaks.
type violationKey struct{ place, message string }

// unknownCount is how often an undeclared member came, and of which types.
type unknownCount struct {
	count int64
	types map[string]int64
}

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

// NewComparison begins a comparison with the triggers of a generation; "" is Modern.
func NewComparison(g Generation) *Comparison {
	return &Comparison{
		generation: cmp.Or(g, Modern), problems: map[string]int64{}, unknown: map[string]int64{}, triggers: map[string]*compared{},
	}
}

// Add compares a payload.
func (c *Comparison) Add(payload []byte) {
	c.payloads++
	v, err := decode(payload)
	if err != nil {
		name := "not JSON"
		if _, ok := err.(*SizeError); ok { //nolint:errorlint // decode returns it as it is
			name = "too large"
		}
		c.problems[name]++
		return
	}
	trigger, err := triggerOf(c.generation, v)
	if err != nil {
		c.problems["no trigger"]++
		return
	}
	e, err := findOf(c.generation, trigger)
	if err != nil {
		count(c.unknown, word(trigger), maxDriftNames)
		return
	}
	t := c.triggers[trigger]
	if t == nil {
		t = newCompared()
		c.triggers[trigger] = t
	}
	t.payloads++
	w := comparing{compared: t, trigger: trigger}
	w.violations(e, v)
	w.walk(one(e.schema()), v, "", 0)
}

func newCompared() *compared {
	return &compared{
		violations: map[violationKey]int64{}, unknown: map[string]*unknownCount{}, values: map[string]map[string]int64{},
		seen: map[string]bool{}, homes: map[string]home{},
	}
}

// count counts a name, and those that are too many as others.
func count(m map[string]int64, name string, most int) {
	if _, ok := m[name]; !ok && len(m) >= most {
		name = "(others)"
	}
	m[name]++
}

// Merge adds what another has compared.
func (c *Comparison) Merge(o *Comparison) {
	c.payloads += o.payloads
	addAll(c.problems, o.problems, maxDriftNames)
	addAll(c.unknown, o.unknown, maxDriftNames)
	for trigger, x := range o.triggers {
		t := c.triggers[trigger]
		if t == nil {
			t = newCompared()
			c.triggers[trigger] = t
		}
		t.merge(x)
	}
}

func (t *compared) merge(x *compared) {
	t.payloads += x.payloads
	t.invalid += x.invalid
	t.omitted += x.omitted
	for k, n := range x.violations {
		t.violations[k] += n
	}
	for place, u := range x.unknown {
		have := t.unknown[place]
		if have == nil {
			have = &unknownCount{types: map[string]int64{}}
			t.unknown[place] = have
		}
		have.count += u.count
		addAll(have.types, u.types, maxDriftValues)
	}
	for place, values := range x.values {
		if t.values[place] == nil {
			t.values[place] = map[string]int64{}
		}
		addAll(t.values[place], values, maxDriftValues)
	}
	maps.Copy(t.seen, x.seen)
	maps.Copy(t.homes, x.homes)
}

func addAll(to, from map[string]int64, most int) {
	for _, name := range slices.Sorted(maps.Keys(from)) {
		if _, ok := to[name]; !ok && len(to) >= most {
			to["(others)"] += from[name]
			continue
		}
		to[name] += from[name]
	}
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
