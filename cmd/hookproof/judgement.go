package main

import (
	"cmp"
	"fmt"
	"strings"

	"hookproof/fixtures"
	"hookproof/schemas"
)

// judgement is what there is to say about one payload.
type judgement struct {
	File       string              `json:"file"`
	Line       int                 `json:"line,omitempty"` // from 1, of a file with a payload a line
	Trigger    string              `json:"trigger,omitempty"`
	Valid      bool                `json:"valid"`
	Violations []schemas.Violation `json:"violations,omitempty"`
	Omitted    int                 `json:"omitted,omitempty"`    // violations beyond those listed
	Problem    string              `json:"problem,omitempty"`    // why it could not be judged
	Impossible []fixtures.Finding  `json:"impossible,omitempty"` // what in the stream of events cannot be
}

// String is the line for a person.
func (g *judgement) String() string {
	where := printable(g.File)
	if g.Line > 0 {
		where += fmt.Sprint(":", g.Line)
	}
	verdict, said := "valid", ""
	if !g.Valid {
		var all []string
		for _, v := range g.Violations {
			all = append(all, v.String())
		}
		if g.Omitted > 0 {
			all = append(all, fmt.Sprintf("and %d more", g.Omitted))
		}
		verdict, said = "invalid", ": "+cmp.Or(g.Problem, strings.Join(all, "; "))
	}
	if g.Trigger != "" {
		verdict += " " + abridged(g.Trigger)
	}
	if len(g.Impossible) > 0 && g.Valid {
		verdict = "impossible" + strings.TrimPrefix(verdict, "valid")
	}
	for i, f := range g.Impossible {
		if i == 0 && g.Valid {
			said = ": "
		} else {
			said += "; "
		}
		said += fmt.Sprintf("%s: %s [%s]", cmp.Or(abridged(f.Pointer), "the event"), f.Message, f.Rule)
	}
	return where + ": " + verdict + printable(said)
}
