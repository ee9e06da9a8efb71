package reports

import (
	"bytes"
	"cmp"
	"encoding/xml"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"hookproof/conformance"
)

// The JUnit elements in the dialect that Jenkins and Surefire share, which
// every CI server reads. No attribute is used that their schemas do not have.
type (
	junitSuites struct {
		XMLName  xml.Name     `xml:"testsuites"`
		Name     string       `xml:"name,attr"`
		Tests    int          `xml:"tests,attr"`
		Failures int          `xml:"failures,attr"`
		Errors   int          `xml:"errors,attr"`
		Time     string       `xml:"time,attr"`
		Suites   []junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name       string          `xml:"name,attr"`
		Tests      int             `xml:"tests,attr"`
		Failures   int             `xml:"failures,attr"`
		Errors     int             `xml:"errors,attr"`
		Skipped    int             `xml:"skipped,attr"`
		Time       string          `xml:"time,attr"`
		Timestamp  string          `xml:"timestamp,attr"`
		Properties []junitProperty `xml:"properties>property"`
		Cases      []junitCase     `xml:"testcase"`
	}
	junitProperty struct {
		Name  string `xml:"name,attr"`
		Value string `xml:"value,attr"`
	}
	junitCase struct {
		Class   string        `xml:"classname,attr"`
		Name    string        `xml:"name,attr"`
		Time    string        `xml:"time,attr"`
		Failure *junitProblem `xml:"failure"`
		Error   *junitProblem `xml:"error"`
		Skipped *junitProblem `xml:"skipped"`
		Out     *junitText    `xml:"system-out"`
	}
	junitProblem struct {
		Message string `xml:"message,attr"`
		Type    string `xml:"type,attr,omitempty"`
		Text    string `xml:",cdata"`
	}
	junitText struct {
		Text string `xml:",cdata"`
	}
)

// JUnit writes a test suite per group and a test case per check.
//
// A failure is what makes the verdict "does not conform": a failed check, and
// in a strict run a warned one. Any other warning is the output of a test that
// passed. An error is hookproof's own. A check that was skipped, left out or
// inconclusive is a skipped test with the reason, and so is one that is waived: inconclusive is no green
// test, and the properties of each suite have the verdict, which is
// "undecided" if a MUST was inconclusive.
func JUnit(w io.Writer, r *conformance.Report) error {
	doc := junitSuites{Name: "hookproof", Time: seconds(r.Duration)}
	names := map[[2]string]bool{}
	for _, g := range groups(r.Results) {
		suite := junitSuite{
			Name:       inline(g.name),
			Time:       seconds(g.duration()),
			Timestamp:  r.Started.UTC().Format("2006-01-02T15:04:05"),
			Properties: junitProperties(r, g),
		}
		for _, res := range g.results {
			c := junitCaseOf(res, r.Strict)
			for n, name := 2, c.Name; names[[2]string{c.Class, c.Name}]; n++ {
				c.Name = fmt.Sprintf("%s (%d)", name, n)
			}
			names[[2]string{c.Class, c.Name}] = true
			suite.add(c)
		}
		doc.Tests += suite.Tests
		doc.Failures += suite.Failures
		doc.Errors += suite.Errors
		doc.Suites = append(doc.Suites, suite)
	}
	if suite := junitWaivers(r); suite != nil {
		doc.Tests += suite.Tests
		doc.Failures += suite.Failures
		doc.Suites = append(doc.Suites, *suite)
	}
	var b bytes.Buffer
	b.WriteString(xml.Header)
	enc := xml.NewEncoder(&b)
	enc.Indent("", "  ")
	if err := enc.Encode(doc); err != nil {
		return fmt.Errorf("write junit report: %w", err)
	}
	b.WriteByte('\n')
	return emit(w, "junit", b.Bytes())
}

// junitWaivers is a suite of the waivers that fail the run; nil if none does.
func junitWaivers(r *conformance.Report) *junitSuite {
	if len(r.WaiverProblems) == 0 {
		return nil
	}
	suite := &junitSuite{
		Name: "waivers", Time: seconds(0), Timestamp: r.Started.UTC().Format("2006-01-02T15:04:05"),
		Properties: junitProperties(r, group{}),
	}
	for _, w := range r.WaiverProblems {
		suite.add(junitCase{
			Class: "hookproof.waivers", Name: cmp.Or(inline(w.Check), "unnamed"), Time: seconds(0),
			Failure: &junitProblem{Message: inline(w.Problem), Type: "waiver", Text: inline(w.Problem)},
		})
	}
	return suite
}

func (s *junitSuite) add(c junitCase) {
	s.Tests++
	switch {
	case c.Failure != nil:
		s.Failures++
	case c.Error != nil:
		s.Errors++
	case c.Skipped != nil:
		s.Skipped++
	}
	s.Cases = append(s.Cases, c)
}

func junitProperties(r *conformance.Report, g group) []junitProperty {
	return []junitProperty{
		{"tool", inline(r.Tool.Name + " " + r.Tool.Version)},
		{"target", inline(r.Target)},
		{"mode", inline(string(r.Mode))},
		{"profile", inline(r.Profile)},
		{"strict", strconv.FormatBool(r.Strict)},
		{"run", inline(r.Run)},
		{"seed", strconv.FormatUint(r.Seed, 10)},
		{"verdict", inline(string(r.Verdict))},
		{"conclusion", strings.Join(conclusion(r), " ")},
		{"certifies", strconv.FormatBool(r.Certifies)},
		{"interrupted", strconv.FormatBool(r.Interrupted)},
		{"warned", strconv.Itoa(tally(g.results).Warned)},
		{"inconclusive", strconv.Itoa(tally(g.results).Inconclusive)},
	}
}

func junitCaseOf(res conformance.Result, strict bool) junitCase {
	class, name, _ := strings.Cut(inline(res.ID), "/")
	c := junitCase{Class: "hookproof." + class, Name: cmp.Or(name, class, "unnamed"), Time: seconds(res.Duration)}
	switch {
	case res.Waiver != nil:
		c.Skipped = &junitProblem{Message: waiverText(res.Waiver)}
		c.Out = &junitText{junitDetails(res)}
	case fails(res, strict):
		c.Failure = &junitProblem{Message: gist(res), Type: "failed", Text: junitDetails(res)}
		if i, _ := gravest(res.Findings); i >= 0 {
			c.Failure.Type = cmp.Or(inline(res.Findings[i].Code), c.Failure.Type)
		}
	case res.Outcome == conformance.Errored:
		c.Error = &junitProblem{Message: gist(res), Type: "hookproof", Text: junitDetails(res)}
	case res.Outcome == conformance.Inconclusive:
		c.Skipped = &junitProblem{Message: "inconclusive: " + gist(res)}
		c.Out = &junitText{junitDetails(res)}
	case res.Outcome == conformance.Skipped:
		c.Skipped = &junitProblem{Message: cmp.Or(inline(res.Reason), "skipped")}
	case res.Outcome == conformance.NotSelected:
		c.Skipped = &junitProblem{Message: strings.TrimSuffix("not selected: "+inline(res.Reason), ": ")}
	case len(res.Findings) > 0 || len(res.Measures) > 0 || res.Outcome != conformance.Passed:
		c.Out = &junitText{junitDetails(res)}
	}
	return c
}

// fails tells whether a result makes the verdict "does not conform". A MAY
// informs and never decides, nor does what is waived.
func fails(res conformance.Result, strict bool) bool {
	if res.Level == conformance.May {
		return false
	}
	return res.Waiver == nil && (res.Outcome == conformance.Failed || strict && res.Outcome == conformance.Warned)
}

// junitDetails is the same account of a check that the text report gives. It is
// written as CDATA, to be readable in the file too; encoding/xml escapes nothing
// there, so it matters that block leaves no character that XML forbids.
func junitDetails(res conformance.Result) string {
	p := newPage(TextOptions{Verbose: true})
	p.details(res)
	return p.b.String()
}

// seconds writes a duration as JUnit wants it.
func seconds(d conformance.Duration) string {
	return strconv.FormatFloat(max(0, time.Duration(d).Seconds()), 'f', 3, 64)
}
