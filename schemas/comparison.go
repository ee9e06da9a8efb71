package schemas

import (
	"cmp"
	"maps"
	"slices"
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
