package reports

import (
	"bytes"
	_ "embed" // the page
	"fmt"
	"html/template"
	"io"
	"time"

	"hookproof/conformance"
	"hookproof/reports/webpage"
)

//go:embed page.html
var pageText string

//go:embed page.css
var pageStyle string

//go:embed page.js
var pageScript string

var pageTemplate = template.Must(template.New("page").Parse(pageText))

// shown is what the page is made of. Every text in it is cleaned; the template escapes it.
type shown struct {
	Title, Verdict, Sign, Target, Tool string
	Said                               []string
	Counts                             []shownCount
	Waived                             []shownWaiver
	Outcomes, Levels, Groups           []string // to choose from
	Checks                             []shownCheck
	Times                              shownTimes
	Triggers                           []shownTrigger
	Facts                              [][2]string
	Policy                             string
	Style                              template.CSS
	Plot, Drawing, Script              template.JS
	Licence                            template.HTML
}

type shownCount struct {
	Word              string
	Must, Should, May int
}

type shownWaiver struct {
	Check, Text string
	Problem     bool
}

// HTML writes one page that needs nothing else: the verdict, every check with what was sent
// and what came back, how fast the receiver acknowledged, and what became of each trigger.
// It can be read and printed without JavaScript, which filters the checks and draws the
// plot. The page is smaller than 3 MiB for what a run leaves: a check shows a few of its
// exchanges, and beyond a bound only what it says.
func HTML(w io.Writer, r *conformance.Report) error {
	said := conclusion(r)
	s := shown{
		Title: short("Receiver "+inline(string(r.Verdict))+": "+inline(r.Target), maxCell), Verdict: inline(string(r.Verdict)), Sign: verdictClass(r.Verdict),
		Target: inline(r.Target), Tool: inline(r.Tool.Name + " " + r.Tool.Version), Said: said,
		Facts: factsOf(r), Times: timesOf(r), Triggers: triggersOf(r),
		Style: webpage.Style(pageStyle), Plot: webpage.Plot(), Drawing: webpage.Drawing(), Script: webpage.Script(pageScript), Licence: webpage.Licence(),
	}
	s.Policy = webpage.Policy(s.Plot, s.Drawing, s.Script)
	must, should, may := columns(r.Summary.Must), columns(r.Summary.Should), columns(r.Summary.May)
	for i := range must {
		s.Counts = append(s.Counts, shownCount{must[i].word, must[i].n, should[i].n, may[i].n})
	}
	for _, p := range r.WaiverProblems {
		s.Waived = append(s.Waived, shownWaiver{short(inline(p.Check), maxCell), short(inline(p.Problem), maxCell), true})
	}
	for _, res := range r.Results {
		if res.Waiver != nil {
			s.Waived = append(s.Waived, shownWaiver{short(inline(res.ID), maxCell), short(waiverText(res.Waiver), maxCell), false})
		}
		s.Outcomes = withText(s.Outcomes, short(outcome(res.Outcome), maxCell))
		s.Levels = withText(s.Levels, short(inline(string(res.Level)), maxCell))
		s.Groups = withText(s.Groups, short(inline(res.Group()), maxCell))
	}
	s.Checks = checksOf(r)
	var b bytes.Buffer
	if err := pageTemplate.Execute(&b, s); err != nil {
		return fmt.Errorf("write html report: %w", err)
	}
	return emit(w, "html", b.Bytes())
}

// withText adds a text to those that are different, of which a page offers a few dozen.
func withText(all []string, s string) []string {
	for _, known := range all {
		if known == s {
			return all
		}
	}
	if s == "" || len(all) >= 50 {
		return all
	}
	return append(all, s)
}

func verdictClass(v conformance.Verdict) string {
	switch v {
	case conformance.Conforms:
		return "good"
	case conformance.DoesNotConform:
		return "bad"
	default:
		return "open"
	}
}

// factsOf is how the run was made.
func factsOf(r *conformance.Report) [][2]string {
	facts := [][2]string{
		{"Tool", inline(r.Tool.Name + " " + r.Tool.Version)}, {"Target", inline(r.Target)}, {"Mode", inline(string(r.Mode))},
		{"Profile", inline(r.Profile)}, {"Run", inline(r.Run)}, {"Seed", fmt.Sprint(r.Seed)},
		{"Started", r.Started.UTC().Format(time.DateTime) + " UTC"}, {"Took", span(r.Duration)},
		{"Sent", plural(r.Requests, "request") + ", of which " + plural(r.Events, "event") + " to be accepted"},
		{"To connect", span(r.RoundTrip)}, {"Catalogue", inline(r.Catalogue)}, {"Configuration", inline(r.Configuration)},
	}
	if r.Strict {
		facts = append(facts, [2]string{"Strict", "warnings count as failures"})
	}
	var known [][2]string
	for _, f := range facts {
		if f[1] != "" {
			known = append(known, f)
		}
	}
	return known
}
