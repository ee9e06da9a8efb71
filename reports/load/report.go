package load

import (
	"fmt"
	"io"
	"slices"

	"hookproof/mockserver/traffic"
)

// Report is a run of traffic and what it was held to.
type Report struct {
	Kind    string `json:"kind"`   // Kind
	Format  int    `json:"format"` // FormatVersion
	Version string `json:"hookproof"`
	Verdict string `json:"verdict"` // Kept, Missed or Undecided
	// Conditions are those that the run was not to meet, in the order of the flag.
	Conditions []Condition `json:"conditions"`
	// Bottleneck is what of the sender falsified the numbers; "" if nothing did.
	Bottleneck traffic.Bottleneck `json:"bottleneck"`
	Result     *traffic.Result    `json:"result"`
}

// Condition is one condition and whether it came true.
type Condition struct {
	Text  string `json:"text"`  // such as p99>500ms
	Value string `json:"value"` // what was measured, such as 612ms
	True  bool   `json:"true"`
}

// Constants of the saved form.
const (
	Kind          = "traffic"
	FormatVersion = 1
)

// The verdicts of a run.
const (
	Kept      = "kept"      // no condition came true, and the sender did its part
	Missed    = "missed"    // a condition came true
	Undecided = "undecided" // the sender itself was too slow, or the run was interrupted
)

// New returns the report of a result.
func New(version string, r *traffic.Result, conditions []traffic.Condition) *Report {
	out := &Report{Kind: Kind, Format: FormatVersion, Version: version, Verdict: Kept, Conditions: []Condition{}, Bottleneck: r.Bottleneck(), Result: r}
	for _, c := range conditions {
		is, value := c.True(r)
		out.Conditions = append(out.Conditions, Condition{Text: c.String(), Value: value, True: is})
		if is {
			out.Verdict = Missed
		}
	}
	if r.Interrupted || out.Bottleneck != traffic.NoBottleneck {
		out.Verdict = Undecided
	}
	return out
}

// Format is one way to write a report.
type Format struct {
	Name        string // as a user types it
	Description string // one line, for help texts
	// Write writes the whole report at once, beside an older one if that is not nil.
	// Its errors are those of w.
	Write func(w io.Writer, r, old *Report) error
}

// Formats returns all formats in the order in which to list them.
func Formats() []Format {
	return []Format{
		{"text", "for a person at a terminal", Text},
		{"json", "for programs: the whole result, histograms included, which the other formats can be made from", JSON},
		{"junit", "for CI servers: a test case per condition", JUnit},
		{"markdown", "for the summary of a CI job", Markdown},
		{"html", "a page with plots that needs nothing else", HTML},
	}
}

// Lookup returns the format of a name and whether there is one.
func Lookup(name string) (Format, bool) {
	all := Formats()
	i := slices.IndexFunc(all, func(f Format) bool { return f.Name == name })
	if i < 0 {
		return Format{}, false
	}
	return all[i], true
}

// emit writes a finished report in one call.
func emit(w io.Writer, format string, b []byte) error {
	if _, err := w.Write(b); err != nil {
		return fmt.Errorf("write %s report: %w", format, err)
	}
	return nil
}
