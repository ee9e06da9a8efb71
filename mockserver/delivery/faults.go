package delivery

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// Faults say how often which faults are done to attempts. The zero value does
// none. Which attempts a fault hits depends on the seed, the kind and the
// attempt's key alone: see [WithKey]. In JSON and YAML each is a text such as
// "20%:300ms" under the name of its kind; what was decoded is to be validated.
type Faults struct {
	Drop             Fault  `json:"drop,omitzero" yaml:"drop,omitempty"`
	Delay            Fault  `json:"delay,omitzero" yaml:"delay,omitempty"`
	Reorder          Fault  `json:"reorder,omitzero" yaml:"reorder,omitempty"`
	Duplicate        Fault  `json:"duplicate,omitzero" yaml:"duplicate,omitempty"`
	WrongCredentials Fault  `json:"wrong-credentials,omitzero" yaml:"wrong-credentials,omitempty"`
	Corrupt          Fault  `json:"corrupt,omitzero" yaml:"corrupt,omitempty"`
	Truncate         Fault  `json:"truncate,omitzero" yaml:"truncate,omitempty"`
	SlowBody         Fault  `json:"slow-body,omitzero" yaml:"slow-body,omitempty"`
	Seed             uint64 `json:"seed,omitzero" yaml:"seed,omitempty"`
}

// Any tells whether any fault is on.
func (f Faults) Any() bool {
	for _, k := range faultKinds {
		if !k.of(&f).IsZero() {
			return true
		}
	}
	return false
}

// Validate returns an error that names the first fault out of bounds.
func (f Faults) Validate() error {
	for _, k := range faultKinds {
		fault := k.of(&f)
		if err := fault.check(); err != nil {
			return fmt.Errorf("fault %s: %w", k.kind, err)
		}
		if k.time == 0 && fault.Time != 0 {
			return fmt.Errorf("fault %s: %s: takes no duration: want a percentage alone, such as 5%%", k.kind, fault)
		}
	}
	return nil
}

// String is one line with every fault that is on, such as
// "drop=5%, delay=20%:300ms, seed=7", or "none".
func (f Faults) String() string {
	var parts []string
	for _, k := range faultKinds {
		if fault := k.of(&f); !fault.IsZero() {
			parts = append(parts, string(k.kind)+"="+fault.String())
		}
	}
	if f.Seed != 0 {
		parts = append(parts, "seed="+strconv.FormatUint(f.Seed, 10))
	}
	return cmp.Or(strings.Join(parts, ", "), "none")
}

// ParseFaults reads what String writes: KIND=PERCENT%[:DURATION] and seed=NUMBER
// between commas.
func ParseFaults(text string) (Faults, error) {
	var f Faults
	err := f.Set(text)
	return f, err
}

// Set adds to f what a text in the form of String says; what was said before of
// a kind is replaced, and none is no change. It makes Faults a [flag.Value]. If
// there is an error, f does not change.
func (f *Faults) Set(text string) error {
	if text == "none" {
		return nil
	}
	g := *f
	for part := range strings.SplitSeq(text, ",") {
		if err := g.setOne(strings.TrimSpace(part)); err != nil {
			return err
		}
	}
	if err := g.Validate(); err != nil {
		return err
	}
	*f = g
	return nil
}

func (f *Faults) setOne(part string) error {
	name, value, found := strings.Cut(part, "=")
	if !found {
		return fmt.Errorf("fault %.64q: want KIND=PERCENT%% such as drop=5%%, or KIND=PERCENT%%:DURATION such as delay=20%%:300ms", part)
	}
	if name == "seed" {
		seed, err := strconv.ParseUint(value, 10, 64)
		if err != nil {
			return fmt.Errorf("fault seed %.64q: want a whole number from 0 to 18446744073709551615", value)
		}
		f.Seed = seed
		return nil
	}
	i := slices.Index(FaultKinds(), FaultKind(name))
	if i < 0 {
		return fmt.Errorf("fault %.64q: no such kind: want one of %s", name, strings.Trim(fmt.Sprint(FaultKinds()), "[]"))
	}
	fault := faultKinds[i].of(f)
	if err := fault.UnmarshalText([]byte(value)); err != nil {
		return fmt.Errorf("fault %s: %w", name, err)
	}
	if fault.IsZero() {
		*fault = Fault{}
	}
	return nil
}

// Wrap returns a RoundTripper that does the faults to what goes through it on
// the way to next; it is next itself if none is on. It is safe for concurrent
// use if next is, and leaves nothing running. A fault that cannot be done to a
// request, such as cutting an empty body, is not done. What was done to an
// attempt of a Sender is in [Attempt.Faults].
func (f Faults) Wrap(next http.RoundTripper) http.RoundTripper {
	if !f.Any() {
		return next
	}
	for _, k := range slices.Backward(faultKinds) {
		if fault := *k.of(&f); !fault.IsZero() {
			fault.Time = cmp.Or(fault.Time, k.time)
			next = k.wrap(chance{k.kind, fault, f.Seed}, next)
		}
	}
	return &keyed{next: next}
}
