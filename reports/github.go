package reports

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"hookproof/conformance"
)

// GitHub writes a report for the log of a job on GitHub Actions: a group for each group of
// checks, and a workflow command for each check that needs action, which GitHub shows as an
// annotation of the run. It shows ten of each kind for a step; the log has all.
func GitHub(w io.Writer, r *conformance.Report) error {
	var b strings.Builder
	for _, g := range groups(r.Results) {
		var said []string
		for _, c := range columns(tally(g.results)) {
			if c.n > 0 {
				said = append(said, c.String())
			}
		}
		fmt.Fprintf(&b, "::group::%s\n", commandData(inline(g.name)+": "+strings.Join(said, ", ")))
		for _, res := range g.results {
			fmt.Fprintf(&b, "%s %s\n", markOf(res.Outcome).sign, logged(inline(res.ID)+" "+inline(res.Title)))
		}
		b.WriteString("::endgroup::\n")
	}
	for _, res := range worth(r.Results) {
		annotate(&b, annotation(res, r.Strict), inline(res.ID)+" ("+inline(string(res.Level))+")", annotationText(res))
	}
	for _, p := range r.WaiverProblems {
		annotate(&b, "error", "waiver of "+inline(p.Check), inline(p.Problem))
	}
	kind := map[conformance.Verdict]string{conformance.Conforms: "notice", conformance.DoesNotConform: "error"}[r.Verdict]
	annotate(&b, cmp.Or(kind, "warning"), "hookproof", strings.Join(conclusion(r), " "))
	return emit(w, "github", []byte(b.String()))
}

// annotation is the command of a check: an error decides the verdict, a warning does not
// or leaves it open, and a notice is worth knowing.
func annotation(res conformance.Result, strict bool) string {
	switch {
	case fails(res, strict):
		return "error"
	case res.Level == conformance.Must && res.Outcome == conformance.Errored:
		return "error"
	case res.Waiver == nil && res.Level != conformance.May && troubled(res.Outcome):
		return "warning"
	default:
		return "notice"
	}
}

func annotationText(res conformance.Result) string {
	lines := []string{gist(res)}
	if i, _ := gravest(res.Findings); i >= 0 {
		if cause := inline(res.Findings[i].Cause); cause != "" {
			lines = append(lines, "Likely cause: "+cause)
		}
		if fix := inline(res.Findings[i].Fix); fix != "" {
			lines = append(lines, "Fix: "+fix)
		}
	}
	if res.Waiver != nil {
		lines = append(lines, waiverText(res.Waiver))
	}
	return strings.Join(lines, "\n")
}

func annotate(b *strings.Builder, command, title, text string) {
	fmt.Fprintf(b, "::%s title=%s::%s\n", command, commandProperty(title), commandData(short(text, maxQuote)))
}

// commandData escapes what follows the second colons of a workflow command.
func commandData(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(s)
}

// commandProperty escapes the value of a property of a workflow command.
func commandProperty(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C").Replace(s)
}

// logged is a text within a line that is no command: the runner finds those of its older
// form anywhere in a line.
func logged(s string) string { return strings.ReplaceAll(s, "##[", "# #[") }
