package reports_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"hookproof/conformance"
)

// checkFormats is what holds for the formats for programs and browsers, whatever is in a
// report.
func checkFormats(t testing.TB, r *conformance.Report) {
	t.Helper()
	for _, name := range []string{"sarif", "ctrf", "har"} {
		b := write(t, mustLookup(t, name), r)
		if !json.Valid(b) || !utf8.Valid(b) {
			t.Errorf("%s is no JSON: %.200q", name, b)
		}
	}
	checkTAP(t, r, string(write(t, mustLookup(t, "tap"), r)))
	checkCommands(t, string(write(t, mustLookup(t, "github"), r)))
	checkXML(t, write(t, mustLookup(t, "badge"), r))
	checkPage(t, r, string(write(t, mustLookup(t, "html"), r)))
}

var testPoint = regexp.MustCompile(`^(not )?ok \d+ - `)

// checkTAP wants a test point per check and per waiver that fails the run, and lines of no
// other kind than ours.
func checkTAP(t testing.TB, r *conformance.Report, got string) {
	t.Helper()
	points, within := 0, false
	for line := range strings.Lines(got) {
		switch line = strings.TrimSuffix(line, "\n"); {
		case line == "  ---":
			within = true
		case line == "  ...":
			within = false
		case within:
			name, value, _ := strings.Cut(strings.TrimPrefix(line, "  "), ": ")
			if strings.TrimFunc(name, unicode.IsLower) != "" || !json.Valid([]byte(value)) {
				t.Errorf("tap: a line of YAML is %.100q", line)
			}
		case testPoint.MatchString(line):
			points++
			if n := strings.Count(strings.ReplaceAll(strings.ReplaceAll(line, `\\`, ""), `\#`, ""), "#"); n > 1 {
				t.Errorf("tap: %d directives: %.100q", n, line)
			}
		case strings.HasPrefix(line, "# "), strings.HasPrefix(line, "1.."), line == "TAP version 14", line == "Bail out! The run was interrupted.":
		default:
			t.Errorf("tap: there is a line %.100q", line)
		}
	}
	if want := len(r.Results) + len(r.WaiverProblems); points != want {
		t.Errorf("tap: %d test points, want %d", points, want)
	}
}

var workflowCommand = regexp.MustCompile(`^::(group|endgroup|error|warning|notice)( title=[^:,\r\n]*)?::[^\r\n]*$`)

// checkCommands wants each line to be a command of ours or a check, and no command within.
func checkCommands(t testing.TB, got string) {
	t.Helper()
	for line := range strings.Lines(got) {
		line = strings.TrimSuffix(line, "\n")
		command := strings.HasPrefix(strings.TrimSpace(line), "::")
		if command && !workflowCommand.MatchString(line) || !command && strings.Contains(line, "##[") || strings.ContainsAny(line, "\r\x1b") {
			t.Errorf("github: there is a line %.100q", line)
		}
	}
}

func checkXML(t testing.TB, b []byte) {
	t.Helper()
	dec := xml.NewDecoder(bytes.NewReader(b))
	for {
		token, err := dec.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Errorf("badge: %v\n%s", err, b)
			return
		}
		if e, ok := token.(xml.StartElement); ok && !strings.Contains(" svg title clipPath rect g text ", " "+e.Name.Local+" ") {
			t.Errorf("badge: there is an element %s", e.Name.Local)
		}
	}
}

// checkPage wants the elements that act to be ours, and the texts not to show a way out.
func checkPage(t testing.TB, r *conformance.Report, got string) {
	t.Helper()
	if n := strings.Count(got, "<script"); n != 4 {
		t.Errorf("html: %d scripts, want 4", n)
	}
	bare := string(large.ReplaceAll([]byte(got), nil))
	for _, bad := range []string{"<img", "<a ", "href=", "\u202e", "\x1b", "\x00"} {
		if strings.Contains(bare, bad) {
			t.Errorf("html: the page has %q", bad)
		}
	}
	if n := strings.Count(bare, `<details class="check"`); n != len(r.Results) {
		t.Errorf("html: %d checks, want %d", n, len(r.Results))
	}
	if len(got) > 3<<20 {
		t.Errorf("html: the page has %d bytes", len(got))
	}
}

func TestFormatsSurviveHostileReports(t *testing.T) {
	notForRace(t)
	for _, hostile := range hostileStrings {
		checkFormats(t, poisoned(hostile))
		checkFormats(t, poisonedWords(hostile))
	}
	for _, s := range samples() {
		checkFormats(t, s.report)
	}
}

// TestPageIsBounded, however much a run has to say.
func TestPageIsBounded(t *testing.T) {
	r := poisoned(strings.Repeat("<&\"'漢字", 100))
	one := r.Results[1]
	for i := range 300 {
		one.ID = "group/n" + strings.Repeat("x", i)
		r.Results = append(r.Results, one)
	}
	page := write(t, mustLookup(t, "html"), end(r))
	if len(page) > 3<<20 || len(page) < 1<<20 {
		t.Errorf("the page has %d bytes", len(page))
	}
}
