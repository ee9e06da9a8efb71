package reports

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"hookproof/conformance"
)

// TAP writes a report in the Test Anything Protocol, version 14: a test point per check,
// and one per waiver that fails the run.
//
// What decides the verdict is "not ok", and so is an error of hookproof's own. A failure
// that is waived is a TODO; what was skipped, left out or inconclusive is a SKIP, and a run
// that was interrupted ends with a bail out.
func TAP(w io.Writer, r *conformance.Report) error {
	var t tap
	t.printf("TAP version 14\n1..%d\n", len(r.Results)+len(r.WaiverProblems))
	for _, res := range r.Results {
		t.check(res, r.Strict)
	}
	for _, p := range r.WaiverProblems {
		t.point(false, "waiver of "+inline(p.Check), "", "")
		t.diagnose([]diagnostic{{"message", inline(p.Problem)}})
	}
	for _, said := range conclusion(r) {
		t.printf("# %s\n", said)
	}
	if r.Interrupted {
		t.printf("Bail out! The run was interrupted.\n")
	}
	return emit(w, "tap", t.b.Bytes())
}

type tap struct {
	b bytes.Buffer
	n int
}

// diagnostic is one member of the YAML below a test point.
type diagnostic struct {
	name  string
	value any
}

func (t *tap) printf(format string, args ...any) { fmt.Fprintf(&t.b, format, args...) }

func (t *tap) check(res conformance.Result, strict bool) {
	ok, directive, why := !fails(res, strict), "", ""
	switch {
	case res.Outcome == conformance.Errored:
		ok = false
	case res.Waiver != nil:
		ok, directive, why = false, "TODO", waiverText(res.Waiver)
	case res.Outcome == conformance.Inconclusive:
		directive, why = "SKIP", "inconclusive: "+gist(res)
	case res.Outcome == conformance.Skipped:
		directive, why = "SKIP", inline(res.Reason)
	case res.Outcome == conformance.NotSelected:
		directive, why = "SKIP", strings.TrimSuffix("not selected: "+inline(res.Reason), ": ")
	}
	t.point(ok, inline(res.ID)+" "+inline(res.Title), directive, why)
	if ok && len(res.Findings) == 0 && len(res.Measures) == 0 {
		return
	}
	all := []diagnostic{
		{"message", gist(res)}, {"severity", inline(string(res.Outcome))}, {"level", inline(string(res.Level))},
		{"requirement", inline(res.Requirement)}, {"source", basis(res)}, {"reason", reason(res)}, {"measured", measures(res.Measures)},
		{"duration", span(res.Duration)},
	}
	if i, _ := gravest(res.Findings); i >= 0 {
		f := res.Findings[i]
		all = append(all, diagnostic{"code", inline(f.Code)}, diagnostic{"cause", inline(f.Cause)}, diagnostic{"fix", inline(f.Fix)})
		if f.Exchange != nil {
			all = append(all, diagnostic{"sent", short(sent(f.Exchange).text(), maxQuote)}, diagnostic{"received", short(received(f.Exchange).text(), maxQuote)})
		}
		if f.Curl != "" {
			all = append(all, diagnostic{"curl", strings.Join(command(f.Curl), "\n")})
		}
		var more []string
		for j, other := range res.Findings {
			if j != i {
				more = append(more, inline(other.Message))
			}
		}
		if len(more) > 0 {
			all = append(all, diagnostic{"more", more})
		}
	}
	t.diagnose(all)
}

func (t *tap) point(ok bool, description, directive, why string) {
	t.n++
	status := "ok"
	if !ok {
		status = "not ok"
	}
	t.printf("%s %d - %s", status, t.n, tapText(description))
	if directive != "" {
		t.printf(" # %s", strings.TrimSpace(directive+" "+tapText(why)))
	}
	t.printf("\n")
}

// tapText escapes what would begin a directive.
func tapText(s string) string {
	return strings.NewReplacer(`\`, `\\`, "#", `\#`).Replace(strings.TrimSpace(s))
}

// diagnose writes a block of YAML. Its values are JSON, which YAML contains, on one line
// each: so nothing in them can end the block.
func (t *tap) diagnose(all []diagnostic) {
	t.printf("  ---\n")
	for _, d := range all {
		if d.value == "" {
			continue
		}
		t.printf("  %s: %s\n", d.name, oneLine(d.value))
	}
	t.printf("  ...\n")
}

// oneLine is a text or a list of texts as JSON on one line.
func oneLine(v any) string {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(v) // texts can always be encoded
	return strings.TrimSuffix(b.String(), "\n")
}
