package reports

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"strings"
	"time"

	"hookproof/conformance"
)

// SARIF writes a report in the Static Analysis Results Interchange Format 2.1.0, which code
// scanning shows: a rule per check, a result per finding. A check that is inconclusive is an
// open result, an error of hookproof's own a notification, a waived failure is suppressed.
//
// A receiver is tried from outside, so nothing is known of its sources: the location is the
// path of its URL, relative to its host, and has no line. What tells results of two runs
// apart is the check, the code and the trigger that was sent, not the words of a message.
func SARIF(w io.Writer, r *conformance.Report) error {
	s := newSarif(r)
	for i, res := range r.Results {
		s.check(i, res, r.Strict)
	}
	for _, p := range r.WaiverProblems {
		s.note("error", "waiver of "+inline(p.Check)+": "+inline(p.Problem), nil)
	}
	const schema = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
	return encode(w, "sarif", sarifFile{schema, "2.1.0", []sarifRun{s.run}})
}

// sarif collects a run.
type sarif struct {
	run    sarifRun
	place  sarifLocation
	prints map[string]int // how many results have a fingerprint
}

func newSarif(r *conformance.Report) *sarif {
	target := inline(r.Target)
	s := &sarif{prints: map[string]int{}, place: sarifLocation{Logical: []sarifLogical{{"webhook receiver", target, "resource"}}}}
	s.run = sarifRun{
		Tool:       sarifTool{sarifDriver{cmp.Or(inline(r.Tool.Name), "hookproof"), inline(r.Tool.Version), []sarifRule{}}},
		Automation: sarifAutomation{"hookproof/" + inline(r.Profile) + "/"},
		Invocations: []sarifInvocation{{
			Successful: !r.Interrupted, Start: sarifTime(r.Started), End: sarifTime(r.Started.Add(time.Duration(r.Duration))),
			Notifications: []sarifNotification{},
		}},
		Results: []sarifResult{}, ColumnKind: "unicodeCodePoints",
		Properties: sarifRunProperties{target, inline(string(r.Mode)), inline(r.Profile), inline(string(r.Verdict)), r.Certifies},
	}
	if base, path, ok := hostAndPath(r.Target); ok {
		s.run.Bases = map[string]sarifArtifact{"RECEIVER": {URI: base}}
		s.place.Physical = &sarifPhysical{sarifArtifact{path, "RECEIVER"}}
	}
	if r.Interrupted {
		s.note("warning", "The run was interrupted.", nil)
	}
	if !r.Certifies {
		s.note("note", cannotCertify(r), nil)
	}
	return s
}

func (s *sarif) note(level, text string, rule *sarifReference) {
	of := &s.run.Invocations[0]
	of.Notifications = append(of.Notifications, sarifNotification{level, sarifText{text}, rule})
}

func (s *sarif) check(index int, res conformance.Result, strict bool) {
	s.run.Tool.Driver.Rules = append(s.run.Tool.Driver.Rules, sarifRuleOf(res))
	switch {
	case res.Outcome == conformance.Errored:
		level := "warning"
		if res.Level == conformance.Must {
			level = "error"
		}
		s.note(level, gist(res), &sarifReference{inline(res.ID), index})
	case res.Outcome == conformance.Inconclusive:
		s.result(index, res, conformance.Finding{Outcome: res.Outcome, Code: "inconclusive", Message: gist(res)}, strict)
	case len(res.Findings) == 0 && troubled(res.Outcome):
		s.result(index, res, conformance.Finding{Outcome: res.Outcome, Code: string(res.Outcome), Message: gist(res)}, strict)
	}
	for _, f := range res.Findings {
		s.result(index, res, f, strict)
	}
}

func (s *sarif) result(index int, res conformance.Result, f conformance.Finding, strict bool) {
	said := []string{cmp.Or(inline(f.Message), inline(res.Title), "no message")}
	for _, more := range []struct{ label, text string }{{"Likely cause: ", f.Cause}, {"Fix: ", f.Fix}} {
		if text := inline(more.text); text != "" {
			said = append(said, more.label+text)
		}
	}
	one := sarifResult{
		Rule: inline(res.ID), RuleIndex: index, Kind: "fail", Level: sarifLevel(res, f, strict), Message: sarifText{strings.Join(said, "\n")},
		Locations: []sarifLocation{s.place}, Fingerprints: s.fingerprint(res, f),
		Properties: sarifProperties{inline(f.Code), inline(string(f.Outcome)), strings.Join(command(f.Curl), "\n")},
	}
	switch f.Outcome {
	case conformance.Inconclusive:
		one.Kind, one.Level = "open", "none"
	case conformance.Informed:
		one.Kind, one.Level = "informational", "none"
	}
	if res.Waiver != nil {
		one.Suppressions = []sarifSuppression{{"external", "accepted", waiverText(res.Waiver)}}
	}
	if f.Exchange != nil {
		one.Request, one.Response = sarifExchange(f.Exchange)
	}
	s.run.Results = append(s.run.Results, one)
}

// sarifLevel is an error if the finding decides the verdict.
func sarifLevel(res conformance.Result, f conformance.Finding, strict bool) string {
	res.Waiver = nil // the level is what it would be: a suppression says that it is waived
	switch {
	case f.Outcome == conformance.Failed && fails(res, strict), f.Outcome == conformance.Warned && strict && fails(res, strict):
		return "error"
	case res.Level == conformance.May:
		return "note"
	default:
		return "warning"
	}
}

// fingerprint is the same in every run that finds the same. A second finding of a check that
// differs in nothing that is stable has its number.
func (s *sarif) fingerprint(res conformance.Result, f conformance.Finding) sarifFingerprints {
	parts := []string{res.ID, f.Code}
	if f.Exchange != nil {
		parts = append(parts, triggerOf(f.Exchange.Body))
	}
	key := strings.Join(parts, "\x00")
	s.prints[key]++
	if n := s.prints[key]; n > 1 {
		key += fmt.Sprintf("\x00%d", n)
	}
	sum := sha256.Sum256([]byte(key))
	return sarifFingerprints{hex.EncodeToString(sum[:16])}
}

func sarifTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z07:00") }
