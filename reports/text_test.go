package reports_test

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/text/width"

	"hookproof/conformance"
	"hookproof/reports"
)

func text(t testing.TB, r *conformance.Report, o reports.TextOptions) string {
	t.Helper()
	var b bytes.Buffer
	if err := reports.Text(&b, r, o); err != nil {
		t.Fatalf("Text: %v", err)
	}
	return b.String()
}

// columns is how wide a terminal shows a line.
func columns(s string) int {
	n := 0
	for _, r := range s {
		switch {
		case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		case width.LookupRune(r).Kind() == width.EastAsianWide, width.LookupRune(r).Kind() == width.EastAsianFullwidth:
			n += 2
		default:
			n++
		}
	}
	return n
}

var ownColour = regexp.MustCompile(`\x1b\[(?:[0-9];)?[0-9]{1,2}m`)

// checkText is what holds for every text report, whatever is in it.
func checkText(t testing.TB, r *conformance.Report, o reports.TextOptions) {
	t.Helper()
	got := text(t, r, o)
	bare := ownColour.ReplaceAllString(got, "")
	if !o.Color && bare != got {
		t.Errorf("%+v: there is colour", o)
	}
	lines := strings.Split(strings.TrimSuffix(bare, "\n"), "\n")
	most := o.Width
	if most == 0 {
		most = 100
	}
	repeat := false
	for i, line := range lines {
		if strings.TrimRightFunc(line, unicode.IsSpace) != line {
			t.Errorf("%+v: line %d ends in blanks: %q", o, i+1, line)
		}
		for _, c := range line {
			if unicode.IsControl(c) || c == '\u202e' || c == '\u2028' {
				t.Errorf("%+v: line %d has %U: %q", o, i+1, c, line)
			}
		}
		// A curl command ends a finding: it goes on until the next empty line.
		repeat = line != "" && (repeat || strings.HasPrefix(line, "  Repeat "))
		last := i == len(lines)-1
		if !repeat && !last && columns(line) > max(most, 80) {
			t.Errorf("%+v: line %d has %d columns, want at most %d: %q", o, i+1, columns(line), most, line)
		}
		if isVerdict := strings.HasPrefix(line, "verdict: "); isVerdict != last {
			t.Errorf("%+v: line %d of %d: only the last one begins with the verdict: %q", o, i+1, len(lines), line)
		}
	}
	if !strings.HasSuffix(got, "\n") || strings.HasSuffix(got, "\n\n") {
		t.Errorf("%+v: the text does not end with one line break", o)
	}
}

func textOptions() []reports.TextOptions {
	var all []reports.TextOptions
	for _, w := range []int{0, 80, 133} {
		all = append(all, reports.TextOptions{Width: w}, reports.TextOptions{Width: w, Verbose: true}, reports.TextOptions{Width: w, Color: true})
	}
	return all
}

func TestTextKeepsItsLayout(t *testing.T) {
	notForRace(t)
	for _, o := range textOptions() {
		for _, s := range samples() {
			checkText(t, s.report, o)
		}
	}
	for _, o := range []reports.TextOptions{{}, {Width: 80, Verbose: true, Color: true}} {
		for _, hostile := range hostileStrings {
			checkText(t, poisoned(hostile), o)
			checkText(t, poisonedWords(hostile), o)
		}
	}
}

func TestTextDiffersByColourOnly(t *testing.T) {
	for _, s := range samples() {
		colour := text(t, s.report, reports.TextOptions{Color: true})
		if got, want := ownColour.ReplaceAllString(colour, ""), text(t, s.report, reports.TextOptions{}); got != want {
			t.Errorf("%s: without its colours the text is\n%s\nwant\n%s", s.name, got, want)
		}
		if !strings.Contains(colour, "\x1b[") {
			t.Errorf("%s: no colour although it was asked for", s.name)
		}
	}
}

func TestTextEndsWithTheVerdictForScripts(t *testing.T) {
	want := map[string]string{
		"conforming":  "verdict: conforms (0 failed, 0 inconclusive, 0 errors, 0 warned, 5 passed)\n",
		"failing":     "verdict: does not conform (2 failed, 1 inconclusive, 1 errors, 2 warned, 5 passed)\n",
		"unreachable": "verdict: does not conform (1 failed, 0 inconclusive, 0 errors, 0 warned, 1 passed)\n",
		"strict-dev":  "verdict: does not conform (0 failed, 0 inconclusive, 0 errors, 1 warned, 2 passed)\n",
		"interrupted": "verdict: undecided (0 failed, 0 inconclusive, 0 errors, 0 warned, 1 passed)\n",
	}
	for _, s := range samples() {
		if got := text(t, s.report, reports.TextOptions{Color: true}); !strings.HasSuffix(got, "\n"+want[s.name]) {
			t.Errorf("%s: ends with %q, want %q", s.name, got[strings.LastIndex(got[:len(got)-1], "\n")+1:], want[s.name])
		}
	}
}

func TestTextSaysWhatARunIsWorth(t *testing.T) {
	for _, c := range []struct {
		name string
		r    *conformance.Report
		want []string
	}{
		{"cannot certify", strictDev(), []string{"This run cannot certify the receiver: 127.0.0.1 is a loopback address", "a strict run counts warnings as failures"}},
		{"interrupted", interrupted(), []string{"The run was interrupted.", "Undecided: the run did not come to its end."}},
		{"unreachable", unreachable(), []string{"12 skipped: baseline not accepted", "no answer: connection refused", "and 4 more"}},
		{"failing", failing(), []string{"2 of 8 MUST checks failed", "(tried 3 times)", "24 not selected: not in profile core", "3 findings, the first"}},
		{"conforming", conforming(), []string{"Conforms to profile core: 4 MUST checks tried, none failed."}},
	} {
		got := strings.Join(strings.Fields(text(t, c.r, reports.TextOptions{})), " ")
		for _, want := range c.want {
			if !strings.Contains(got, want) {
				t.Errorf("%s: the text does not say %q:\n%s", c.name, want, got)
			}
		}
	}
}

func TestTextShowsEvidenceOnceARuleUnlessVerbose(t *testing.T) {
	const stack = "Cannot read properties of undefined"
	r := failing()
	if got := strings.Count(text(t, r, reports.TextOptions{}), stack); got != 1 {
		t.Errorf("the same evidence is shown %d times, want once", got)
	}
	if got := strings.Count(text(t, r, reports.TextOptions{Verbose: true}), stack); got != 3 {
		t.Errorf("verbose: evidence is shown %d times, want that of all 3 findings", got)
	}
}

func TestTextListsEveryCheckWhenVerbose(t *testing.T) {
	r := failing()
	short, long := text(t, r, reports.TextOptions{}), text(t, r, reports.TextOptions{Verbose: true})
	for _, res := range r.Results {
		row := regexp.MustCompile(fmt.Sprintf(`(?m)^    . %s +%s `, res.Level, regexp.QuoteMeta(res.ID)))
		if !row.MatchString(long) {
			t.Errorf("verbose: no line for %s", res.ID)
		}
		if res.Outcome == conformance.Passed && row.MatchString(short) {
			t.Errorf("a line for %s, which passed", res.ID)
		}
	}
}

func TestTextNeverShowsHalfACommand(t *testing.T) {
	r := unreachable()
	r.Results[1].Findings[0].Curl = "curl --data '" + strings.Repeat("x", 20<<10) + "'"
	got := text(t, r, reports.TextOptions{})
	if want := "  Repeat       # a command of 20 KiB, which is in the JSON report\n"; !strings.Contains(got, want) || strings.Contains(got, "curl --data") {
		t.Errorf("no line %q, or a part of the command", want)
	}
}

// TestTextKeepsCurlWhole guards what a reader copies: neither wrapped nor cut.
func TestTextKeepsCurlWhole(t *testing.T) {
	r := failing()
	for _, o := range textOptions() {
		got := ownColour.ReplaceAllString(text(t, r, o), "")
		want := `  Repeat       curl -sS -i -X POST -u "$WEBHOOK_USER:wrong" -H 'Content-Type: application/json' --data-binary '{"trigger":"message_sent"}' 'https://hooks.example.com/cometchat'`
		if !strings.Contains(got, want+"\n") {
			t.Errorf("%+v: no line %q", o, want)
		}
	}
}
