package reports_test

import (
	"bytes"
	"encoding/xml"
	"io"
	"strings"
	"testing"

	"hookproof/conformance"
)

type junitFile struct {
	XMLName  xml.Name `xml:"testsuites"`
	Tests    int      `xml:"tests,attr"`
	Failures int      `xml:"failures,attr"`
	Errors   int      `xml:"errors,attr"`
	Suites   []struct {
		Name       string `xml:"name,attr"`
		Tests      int    `xml:"tests,attr"`
		Failures   int    `xml:"failures,attr"`
		Errors     int    `xml:"errors,attr"`
		Skipped    int    `xml:"skipped,attr"`
		Properties []struct {
			Name  string `xml:"name,attr"`
			Value string `xml:"value,attr"`
		} `xml:"properties>property"`
		Cases []junitTest `xml:"testcase"`
	} `xml:"testsuite"`
}

type junitTest struct {
	Class   string        `xml:"classname,attr"`
	Name    string        `xml:"name,attr"`
	Failure []junitReason `xml:"failure"`
	Error   []junitReason `xml:"error"`
	Skipped []junitReason `xml:"skipped"`
	Out     string        `xml:"system-out"`
}

type junitReason struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr"`
	Text    string `xml:",chardata"`
}

// readJUnit reads a JUnit report back and checks what every consumer relies on:
// well-formed, counts that add up, one outcome a test, and unique names.
func readJUnit(t testing.TB, b []byte) junitFile {
	t.Helper()
	dec := xml.NewDecoder(bytes.NewReader(b))
	var f junitFile
	if err := dec.Decode(&f); err != nil {
		t.Fatalf("not well-formed: %v\n%s", err, b)
	}
	if _, err := dec.Token(); err != nil && err != io.EOF {
		t.Fatalf("after the document: %v", err)
	}
	var tests, failures, errs int
	names := map[string]bool{}
	for _, s := range f.Suites {
		var failed, errored, skipped int
		for _, c := range s.Cases {
			if key := c.Class + "\x00" + c.Name; names[key] {
				t.Errorf("%s %s occurs twice", c.Class, c.Name)
			} else {
				names[key] = true
			}
			if n := len(c.Failure) + len(c.Error) + len(c.Skipped); n > 1 {
				t.Errorf("%s %s has %d outcomes", c.Class, c.Name, n)
			}
			failed, errored, skipped = failed+len(c.Failure), errored+len(c.Error), skipped+len(c.Skipped)
		}
		got, want := [4]int{s.Tests, s.Failures, s.Errors, s.Skipped}, [4]int{len(s.Cases), failed, errored, skipped}
		if got != want {
			t.Errorf("suite %q: tests, failures, errors, skipped are %v, want %v", s.Name, got, want)
		}
		tests, failures, errs = tests+s.Tests, failures+s.Failures, errs+s.Errors
	}
	if got, want := [3]int{f.Tests, f.Failures, f.Errors}, [3]int{tests, failures, errs}; got != want {
		t.Errorf("tests, failures, errors are %v in all, want %v", got, want)
	}
	return f
}

func (f junitFile) test(t testing.TB, id string) junitTest {
	t.Helper()
	group, name, _ := strings.Cut(id, "/")
	for _, s := range f.Suites {
		for _, c := range s.Cases {
			if c.Class == "hookproof."+group && c.Name == name {
				return c
			}
		}
	}
	t.Fatalf("no test case for %s", id)
	return junitTest{}
}

func junitOf(t testing.TB, r *conformance.Report) junitFile {
	t.Helper()
	return readJUnit(t, write(t, mustLookup(t, "junit"), r))
}

func TestJUnitCountsAddUp(t *testing.T) {
	for _, s := range samples() {
		t.Run(s.name, func(t *testing.T) {
			if got, want := junitOf(t, s.report).Tests, len(s.report.Results)+len(s.report.WaiverProblems); got != want {
				t.Errorf("%d test cases, want one per result and per waiver of no use: %d", got, want)
			}
		})
	}
}

func TestJUnitOutcomes(t *testing.T) {
	f := junitOf(t, failing())

	failed := f.test(t, "auth/wrong-pass")
	if len(failed.Failure) != 1 {
		t.Fatalf("a failed MUST gave %+v, want a failure", failed)
	}
	if got, want := failed.Failure[0].Type, "accepted-wrong-credentials"; got != want {
		t.Errorf("type of the failure is %q, want its code %q", got, want)
	}
	if got := failed.Failure[0].Message; !strings.HasPrefix(got, "A request with the right user name") {
		t.Errorf("message of the failure is %q, want that of the finding", got)
	}
	for _, want := range []string{"POST https://hooks.example.com/cometchat", "200 OK", `{"ok":true}`, "constant time", "curl -sS", "nothing is done for it"} {
		if !strings.Contains(failed.Failure[0].Text, want) {
			t.Errorf("text of the failure has no %q:\n%s", want, failed.Failure[0].Text)
		}
	}

	warned := f.test(t, "tls/expiry-soon")
	if len(warned.Failure)+len(warned.Error)+len(warned.Skipped) > 0 || !strings.Contains(warned.Out, "expires in 6 days") {
		t.Errorf("a warning gave %+v, want a passed test that prints it", warned)
	}
	informed := f.test(t, "auth/challenge")
	if len(informed.Failure)+len(informed.Error)+len(informed.Skipped) > 0 || !strings.Contains(informed.Out, "WWW-Authenticate") {
		t.Errorf("an information gave %+v, want a passed test that prints it", informed)
	}
	for id, want := range map[string]string{
		"http/parallel":           "inconclusive: 429 Too Many Requests",
		"idempotency/same-effect": "no observer",
		"security/probe-00":       "not selected: not in profile core",
	} {
		got := f.test(t, id)
		if len(got.Skipped) != 1 || !strings.HasPrefix(got.Skipped[0].Message, want) {
			t.Errorf("%s gave %+v, want a skipped test with %q", id, got, want)
		}
	}
	own := f.test(t, "tls/version-1-2")
	if len(own.Error) != 1 || !strings.Contains(own.Error[0].Message, "too many open files") {
		t.Errorf("an error of our own gave %+v, want an error", own)
	}
	if f.Failures != 2 || f.Errors != 1 {
		t.Errorf("%d failures and %d errors, want 2 and 1", f.Failures, f.Errors)
	}
}

func TestJUnitCountsWarningsAsFailuresInAStrictRun(t *testing.T) {
	r := strictDev()
	if got := junitOf(t, r).test(t, "ack/latency-comfort"); len(got.Failure) != 1 || got.Failure[0].Type != "slow" {
		t.Errorf("strict: a warning gave %+v, want a failure", got)
	}
	r.Strict = false
	if got := junitOf(t, r).test(t, "ack/latency-comfort"); len(got.Failure) != 0 {
		t.Errorf("not strict: a warning gave %+v, want no failure", got)
	}
}

func TestJUnitNeverFailsForAMay(t *testing.T) {
	r := strictDev()
	for i, o := range []conformance.Outcome{conformance.Failed, conformance.Warned} {
		res := check("may/"+string(o), conformance.May, "It may", 1)
		res.Outcome, res.Findings = o, r.Results[1].Findings
		r.Results = append(r.Results, res)
		if got := junitOf(t, r).Failures; got != 1 {
			t.Errorf("%d MAY checks in trouble: %d failures, want only that of the SHOULD", i+1, got)
		}
	}
}

func TestJUnitHasTheVerdictInEverySuite(t *testing.T) {
	for _, s := range junitOf(t, interrupted()).Suites {
		got := map[string]string{}
		for _, p := range s.Properties {
			got[p.Name] = p.Value
		}
		for name, want := range map[string]string{"verdict": "undecided", "interrupted": "true", "seed": "15204869031147325441"} {
			if got[name] != want {
				t.Errorf("suite %s: property %s is %q, want %q", s.Name, name, got[name], want)
			}
		}
	}
}

func TestJUnitNamesStayUniqueWhenIDsDoNot(t *testing.T) {
	r := begin("https://hooks.example.com/")
	for _, id := range []string{"a/b", "a/b", "a/b (2)", "a/b\x00", "a/b\\x00", "", "/"} {
		r.Results = append(r.Results, check(id, conformance.Must, "", 1))
	}
	f := junitOf(t, end(r))
	if f.Tests != len(r.Results) {
		t.Errorf("%d test cases, want %d", f.Tests, len(r.Results))
	}
	validateXSD(t, write(t, mustLookup(t, "junit"), r))
}
