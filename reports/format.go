package reports

import (
	"fmt"
	"io"
	"slices"

	"hookproof/conformance"
)

// Format is one way to write a report.
type Format struct {
	Name        string // as a user types it
	Description string // one line, for help texts
	Extension   string // of a file, with its dot
	// Write writes the whole report at once; its errors are those of w, and
	// for JSON those of values that JSON cannot hold, such as a measure that
	// is not a number.
	Write func(w io.Writer, r *conformance.Report) error
}

// Formats returns all formats in the order in which to list them.
func Formats() []Format {
	return []Format{
		{Name: "text", Description: "for a person: every finding with its evidence, cause and fix", Extension: ".txt", Write: plainText},
		{Name: "json", Description: "for programs: the whole report, which the other formats can be made from", Extension: ".json", Write: JSON},
		{Name: "junit", Description: "for CI servers: a test suite per group, a test case per check", Extension: ".xml", Write: JUnit},
		{Name: "markdown", Description: "for the summary of a CI job", Extension: ".md", Write: Markdown},
		{Name: "html", Description: "for a browser: one page with every check, its evidence and a plot", Extension: ".html", Write: HTML},
		{Name: "sarif", Description: "for code scanning: SARIF 2.1.0, a rule per check, a result per finding", Extension: ".sarif", Write: SARIF},
		{Name: "ctrf", Description: "for test dashboards: Common Test Report Format", Extension: ".ctrf.json", Write: CTRF},
		{Name: "tap", Description: "for TAP consumers: version 14, with diagnostics as YAML", Extension: ".tap", Write: TAP},
		{Name: "github", Description: "for the log of a GitHub Actions job: groups and annotations", Extension: ".github.log", Write: GitHub},
		{Name: "har", Description: "for browsers and proxies: the exchanges as an HTTP archive 1.2", Extension: ".har", Write: HAR},
		{Name: "badge", Description: "for a README: the verdict as a small picture (SVG)", Extension: ".svg", Write: Badge},
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

func plainText(w io.Writer, r *conformance.Report) error { return Text(w, r, TextOptions{}) }

// emit writes a finished report in one call, so that a writer never sees half of one
// because of a report that cannot be written.
func emit(w io.Writer, format string, b []byte) error {
	if _, err := w.Write(b); err != nil {
		return fmt.Errorf("write %s report: %w", format, err)
	}
	return nil
}
