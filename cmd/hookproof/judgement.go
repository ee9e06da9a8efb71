package main

import (
	"cmp"
	"fmt"
	"strings"

	"hookproof/schemas"
)

// judgement is what there is to say about one payload.
type judgement struct {
	File       string              `json:"file"`
	Line       int                 `json:"line,omitempty"` // from 1, of a file with a payload a line
	Trigger    string              `json:"trigger,omitempty"`
	Valid      bool                `json:"valid"`
	Violations []schemas.Violation `json:"violations,omitempty"`
	Omitted    int                 `json:"omitted,omitempty"` // violations beyond those listed
	Problem    string              `json:"problem,omitempty"` // why it could not be judged
	Unknown    []schemas.Unknown   `json:"unknown,omitempty"` // members that the contract does not declare
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
	for i, u := range g.Unknown {
		if i == 0 {
			said += "; not in the contract: "
		} else {
			said += ", "
		}
		said += abridged(u.Pointer) + " (" + u.Type + ")"
	}
	return where + ": " + verdict + printable(said)
}
