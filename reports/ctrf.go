package reports

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"time"

	"hookproof/conformance"
)

// The members of a report in the Common Test Report Format.
type (
	ctrfReport struct {
		ReportFormat string      `json:"reportFormat"`
		SpecVersion  string      `json:"specVersion"`
		Timestamp    string      `json:"timestamp"`
		GeneratedBy  string      `json:"generatedBy"`
		Results      ctrfResults `json:"results"`
	}
	ctrfResults struct {
		Tool        ctrfTool        `json:"tool"`
		Summary     ctrfSummary     `json:"summary"`
		Tests       []ctrfTest      `json:"tests"`
		Environment ctrfEnvironment `json:"environment"`
	}
	ctrfTool struct {
		Name    string `json:"name"`
		Version string `json:"version,omitempty"`
	}
	ctrfSummary struct {
		Tests   int   `json:"tests"`
		Passed  int   `json:"passed"`
		Failed  int   `json:"failed"`
		Pending int   `json:"pending"`
		Skipped int   `json:"skipped"`
		Other   int   `json:"other"`
		Start   int64 `json:"start"` // milliseconds of Unix time
		Stop    int64 `json:"stop"`
	}
	ctrfTest struct {
		Name      string    `json:"name"`
		Status    string    `json:"status"`
		Duration  int64     `json:"duration"` // milliseconds
		Suite     []string  `json:"suite"`
		Message   string    `json:"message,omitempty"`
		Trace     string    `json:"trace,omitempty"`
		RawStatus string    `json:"rawStatus,omitempty"`
		Tags      []string  `json:"tags"`
		Type      string    `json:"type"`
		Retries   int       `json:"retries,omitempty"`
		Extra     ctrfExtra `json:"extra"`
	}
	ctrfExtra struct {
		Title       string `json:"title,omitempty"`
		Requirement string `json:"requirement,omitempty"`
		Source      string `json:"source,omitempty"`
		Waiver      string `json:"waiver,omitempty"`
	}
	ctrfEnvironment struct {
		TestEnvironment string  `json:"testEnvironment"`
		Extra           ctrfRun `json:"extra"`
	}
	ctrfRun struct {
		Target    string `json:"target"`
		Profile   string `json:"profile"`
		Verdict   string `json:"verdict"`
		Certifies bool   `json:"certifies"`
		Strict    bool   `json:"strict"`
		Run       string `json:"run"`
		Seed      string `json:"seed"` // a text: it may exceed what a double holds
	}
)

// CTRF writes a report in the Common Test Report Format (JSON): a test per check, and one
// per waiver that fails the run. What decides the verdict is "failed"; inconclusive checks,
// waived failures and errors of hookproof's own are "other", for neither passed nor failed
// would be true of them.
func CTRF(w io.Writer, r *conformance.Report) error {
	start := r.Started.UnixMilli()
	doc := ctrfReport{
		ReportFormat: "CTRF", SpecVersion: "0.0.0", Timestamp: r.Started.UTC().Format(time.RFC3339), GeneratedBy: "hookproof",
		Results: ctrfResults{
			Tool:    ctrfTool{cmp.Or(inline(r.Tool.Name), "hookproof"), inline(r.Tool.Version)},
			Summary: ctrfSummary{Start: start, Stop: start + milliseconds(r.Duration)},
			Tests:   []ctrfTest{},
			Environment: ctrfEnvironment{inline(string(r.Mode)), ctrfRun{
				inline(r.Target), inline(r.Profile), inline(string(r.Verdict)), r.Certifies, r.Strict, inline(r.Run), strconv.FormatUint(r.Seed, 10),
			}},
		},
	}
	for _, res := range r.Results {
		doc.Results.add(ctrfTestOf(res, r.Strict))
	}
	for _, p := range r.WaiverProblems {
		doc.Results.add(ctrfTest{
			Name: "waiver of " + inline(p.Check), Status: "failed", Message: inline(p.Problem), Suite: []string{"waivers"}, Tags: []string{}, Type: "conformance",
		})
	}
	return encode(w, "ctrf", doc)
}

func (r *ctrfResults) add(t ctrfTest) {
	r.Tests = append(r.Tests, t)
	s := &r.Summary
	s.Tests++
	switch t.Status {
	case "passed":
		s.Passed++
	case "failed":
		s.Failed++
	case "skipped":
		s.Skipped++
	default:
		s.Other++
	}
}

func ctrfTestOf(res conformance.Result, strict bool) ctrfTest {
	t := ctrfTest{
		Name: cmp.Or(inline(res.ID), "unnamed"), Status: "passed", Duration: milliseconds(res.Duration), Suite: []string{cmp.Or(inline(res.Group()), "unnamed")},
		RawStatus: inline(string(res.Outcome)), Tags: []string{cmp.Or(inline(string(res.Level)), "unknown")}, Type: "conformance", Retries: res.Retries,
		Extra: ctrfExtra{Title: inline(res.Title), Requirement: inline(res.Requirement), Source: basis(res)},
	}
	switch {
	case fails(res, strict):
		t.Status = "failed"
	case res.Waiver != nil:
		t.Status, t.Extra.Waiver = "other", waiverText(res.Waiver)
	case res.Outcome == conformance.Inconclusive, res.Outcome == conformance.Errored:
		t.Status = "other"
	case res.Outcome == conformance.Skipped, res.Outcome == conformance.NotSelected:
		t.Status, t.Message = "skipped", inline(res.Reason)
	}
	if t.Message == "" && (troubled(res.Outcome) || len(res.Findings) > 0) {
		t.Message = gist(res)
	}
	if troubled(res.Outcome) {
		t.Trace = junitDetails(res)
	}
	return t
}

func milliseconds(d conformance.Duration) int64 { return max(0, time.Duration(d).Milliseconds()) }

// encode writes a document as indented JSON.
func encode(w io.Writer, format string, doc any) error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	if err := enc.Encode(doc); err != nil {
		return fmt.Errorf("write %s report: %w", format, err)
	}
	return emit(w, format, b.Bytes())
}
