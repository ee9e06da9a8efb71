package reports

import (
	"bytes"
	_ "embed" // the schema
	"encoding/json"
	"fmt"
	"io"
	"slices"

	"hookproof/conformance"
)

//go:embed report.schema.json
var schema []byte

// Schema returns the JSON Schema (draft 2020-12) of the JSON report. It is
// closed: a member that it does not name is a violation.
func Schema() []byte { return slices.Clone(schema) }

// JSON writes the whole report as indented JSON: times in milliseconds, the
// start in UTC, lists never null. [Parse] reads it back.
func JSON(w io.Writer, r *conformance.Report) error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false) // bodies full of < stay readable; the file is no part of a page
	if err := enc.Encode(canonical(r)); err != nil {
		return fmt.Errorf("write json report: %w", err)
	}
	return emit(w, "json", b.Bytes())
}

// canonical returns a copy in which every list that is not left out exists and
// the start is in UTC, so that equal reports give equal bytes.
func canonical(r *conformance.Report) *conformance.Report {
	c := *r
	c.Started = r.Started.UTC()
	c.Triggers = list(r.Triggers)
	c.Results = list(slices.Clone(r.Results))
	for i := range c.Results {
		res := &c.Results[i]
		res.Basis = list(res.Basis)
		res.Findings = list(slices.Clone(res.Findings))
		for j := range res.Findings {
			if x := res.Findings[j].Exchange; x != nil {
				y := *x
				y.Headers, y.Answer = list(x.Headers), list(x.Answer)
				res.Findings[j].Exchange = &y
			}
		}
	}
	return &c
}

// list turns a nil slice into an empty one.
func list[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}
