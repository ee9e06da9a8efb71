package load

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"time"

	"hookproof/mockserver/traffic"
)

// The JUnit elements, in the dialect that Jenkins and Surefire share.
type (
	junitSuites struct {
		XMLName  xml.Name   `xml:"testsuites"`
		Name     string     `xml:"name,attr"`
		Tests    int        `xml:"tests,attr"`
		Failures int        `xml:"failures,attr"`
		Errors   int        `xml:"errors,attr"`
		Time     string     `xml:"time,attr"`
		Suite    junitSuite `xml:"testsuite"`
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
		Out     *junitText    `xml:"system-out"`
	}
	junitText struct {
		Text string `xml:",cdata"`
	}
	junitProblem struct {
		Message string `xml:"message,attr"`
		Type    string `xml:"type,attr"`
	}
)

// JUnit writes a test case per condition, which fails if the condition came true,
// and one that is an error if the sender did not do its part.
func JUnit(w io.Writer, r, old *Report) error {
	res := r.Result
	took := fmt.Sprintf("%.3f", res.Elapsed.Seconds())
	var text bytes.Buffer
	if err := Text(&text, r, old); err != nil {
		return err
	}
	s := junitSuite{
		Name: "traffic", Time: took, Timestamp: res.Start.UTC().Format("2006-01-02T15:04:05"),
		Properties: []junitProperty{{"url", res.Plan.URL}, {"verdict", r.Verdict}, {"hookproof", r.Version}},
	}
	sender := junitCase{Class: "traffic", Name: "sender", Time: took, Out: &junitText{text.String()}}
	switch {
	case res.Interrupted:
		sender.Error = &junitProblem{"interrupted after " + res.Elapsed.Round(time.Millisecond).String(), "interrupted"}
	case r.Bottleneck != traffic.NoBottleneck:
		sender.Error = &junitProblem{BottleneckWords(r.Bottleneck), string(r.Bottleneck)}
	}
	if sender.Error != nil {
		s.Errors++
	}
	s.Cases = append(s.Cases, sender)
	for _, c := range r.Conditions {
		one := junitCase{Class: "traffic", Name: c.Text, Time: took}
		if c.True {
			one.Failure = &junitProblem{c.Text + ": it is " + c.Value, "condition"}
			s.Failures++
		}
		s.Cases = append(s.Cases, one)
	}
	s.Tests = len(s.Cases)
	doc := junitSuites{Name: "hookproof", Tests: s.Tests, Failures: s.Failures, Errors: s.Errors, Time: took, Suite: s}
	out, err := xml.MarshalIndent(doc, "", "  ")
	if err != nil {
		return fmt.Errorf("write junit report: %w", err)
	}
	return emit(w, "junit", append(append([]byte(xml.Header), out...), '\n'))
}
