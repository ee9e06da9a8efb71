package reports

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"

	"hookproof/conformance"
)

// MaxReport bounds a saved report that is read back, in bytes (64 MiB).
const MaxReport = 64 << 20

// Parse reads a report that [JSON] wrote. It is strict: a member that is
// unknown, missing, null, given twice or of a wrong type, a word that is none of
// those allowed, a summary that does not match the results, and input that is
// larger than [MaxReport] are errors, on one line, that name what is wrong.
func Parse(r io.Reader) (*conformance.Report, error) {
	b, err := io.ReadAll(io.LimitReader(r, MaxReport+1))
	if err != nil {
		return nil, fmt.Errorf("read report: %w", err)
	}
	if len(b) > MaxReport {
		return nil, fmt.Errorf("read report: larger than %s, which no run of hookproof writes", bytesText(MaxReport))
	}
	if len(bytes.TrimSpace(b)) == 0 {
		return nil, errors.New("read report: empty input; give a file that hookproof wrote as a json report")
	}
	if err := checkShape(b); err != nil {
		return nil, fmt.Errorf("read report: %w", err)
	}
	var rep conformance.Report
	if err := json.Unmarshal(b, &rep); err != nil {
		return nil, fmt.Errorf("read report: %w", err)
	}
	if err := checkSense(&rep); err != nil {
		return nil, fmt.Errorf("read report: %w", err)
	}
	return &rep, nil
}

// checkID is the form of the id of a check, in the schema too.
var checkID = regexp.MustCompile(`^[^/\s]+/\S+$`)

// checkSense finds what the types and the words of a report cannot rule out.
func checkSense(r *conformance.Report) error {
	if r.Format != conformance.ReportFormat {
		return fmt.Errorf("format: %d; this version of hookproof reads format %d", r.Format, conformance.ReportFormat)
	}
	seen := make(map[string]bool, len(r.Results))
	for i, res := range r.Results {
		if !checkID.MatchString(res.ID) {
			return fmt.Errorf("results[%d].id: %.60q is not of the form group/name", i, res.ID)
		}
		if seen[res.ID] {
			return fmt.Errorf("results[%d].id: %.60q occurs twice", i, res.ID)
		}
		seen[res.ID] = true
		for j, f := range res.Findings {
			switch f.Outcome {
			case conformance.Failed, conformance.Warned, conformance.Informed:
			default:
				return fmt.Errorf("results[%d].findings[%d].outcome: %q; a finding can be %q, %q or %q",
					i, j, f.Outcome, conformance.Failed, conformance.Warned, conformance.Informed)
			}
		}
	}
	for _, l := range []struct {
		name  string
		level conformance.Level
		got   conformance.Counts
	}{
		{"must", conformance.Must, r.Summary.Must},
		{"should", conformance.Should, r.Summary.Should},
		{"may", conformance.May, r.Summary.May},
	} {
		var of []conformance.Result
		for _, res := range r.Results {
			if res.Level == l.level {
				of = append(of, res)
			}
		}
		if l.got != tally(of) {
			return fmt.Errorf("summary.%s: the counts are not those of the results", l.name)
		}
	}
	return nil
}
