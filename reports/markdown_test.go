package reports_test

import (
	"regexp"
	"strings"
	"testing"

	"hookproof/conformance"
)

// ownTags is the HTML that a Markdown report has of its own.
var ownTags = regexp.MustCompile(`</?(?:details|summary|code|sub)>|<!-- -->`)

// checkMarkdown follows the fences as a renderer does and fails if a text of
// the report has got out of its place.
func checkMarkdown(t testing.TB, b []byte) {
	t.Helper()
	if len(b) >= 1<<20 {
		t.Errorf("%d bytes, want less than 1 MiB", len(b))
	}
	fence, details, cells := "", 0, 0
	for i, line := range strings.Split(strings.TrimSuffix(string(b), "\n"), "\n") {
		for _, c := range line {
			if c < ' ' || c == 0x7f || c == '\u202e' {
				t.Errorf("line %d has %U: %q", i+1, c, line)
			}
		}
		ticks := len(line) - len(strings.TrimLeft(line, "`"))
		switch {
		case fence != "":
			if ticks >= len(fence) && strings.Trim(line, "` ") == "" {
				fence = ""
			}
			continue
		case ticks >= 3:
			if info := line[ticks:]; info != "http" && info != "sh" {
				t.Errorf("line %d opens a fence that is not ours: %q", i+1, line)
			}
			fence = line[:ticks]
			continue
		}
		details += strings.Count(line, "<details>") - strings.Count(line, "</details>")
		if rest := codeSpans.ReplaceAllString(ownTags.ReplaceAllString(line, ""), ""); strings.Contains(rest, "<") {
			t.Errorf("line %d has HTML that is not ours: %q", i+1, line)
		}
		if strings.HasPrefix(line, "#") && !ownHeading.MatchString(line) {
			t.Errorf("line %d is a heading that is not ours: %q", i+1, line)
		}
		row := 0
		if strings.HasPrefix(line, "|") {
			row = strings.Count(strings.ReplaceAll(line, `\|`, ""), "|")
			if cells != 0 && row != cells {
				t.Errorf("line %d has %d bars, want %d as above it: %q", i+1, row, cells, line)
			}
		}
		cells = row
	}
	if fence != "" {
		t.Errorf("a fence of %d backticks is never closed", len(fence))
	}
	if details != 0 {
		t.Errorf("%d <details> are not closed", details)
	}
}

var (
	codeSpans  = regexp.MustCompile("`[^`]*`")
	ownHeading = regexp.MustCompile(`^(## [✅❌❓] |### (Needs action|Waivers|Evidence|Not tried)$)`)
)

func TestMarkdownKeepsItsStructure(t *testing.T) {
	f := mustLookup(t, "markdown")
	for _, s := range samples() {
		checkMarkdown(t, write(t, f, s.report))
	}
	for _, hostile := range hostileStrings {
		checkMarkdown(t, write(t, f, poisoned(hostile)))
		checkMarkdown(t, write(t, f, poisonedWords(hostile)))
	}
}

func TestMarkdownFencesAreLongerThanWhatTheyQuote(t *testing.T) {
	r := unreachable()
	res := &r.Results[1]
	res.Findings[0].Exchange.Text = "before\n`````\nafter"
	got := string(write(t, mustLookup(t, "markdown"), r))
	if want := "``````http\n"; !strings.Contains(got, want) {
		t.Errorf("no fence of six backticks around five:\n%s", got)
	}
}

func TestMarkdownShowsTextAsItIs(t *testing.T) {
	for _, c := range []struct{ name, message, want string }{
		{"table", "a|b", `a\|b`},
		{"tags", "<b>&amp;</b>", "&lt;b>&amp;amp;&lt;/b>"},
		{"emphasis", "message_sent *now* `x`", "message\\_sent \\*now\\* \\`x\\`"},
		{"link", "[x](http://y)", `\[x\](http://y)`},
		{"address", "see https://example.com/a_b?c=1&d=2", "see https://example.com/a_b?c=1&amp;d=2"},
		{"mention", "ask @team", "ask @<!-- -->team"},
		{"formula", "$x$ ~~y~~", `\$x\$ \~\~y\~\~`},
		{"lines", "one\ntwo", "one two"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := unreachable()
			r.Results[1].Findings[0].Message = c.message
			got := string(write(t, mustLookup(t, "markdown"), r))
			if want := "| ❌ | `ack/accept` | MUST | " + c.want + " |\n"; !strings.Contains(got, want) {
				t.Errorf("no line %q in\n%s", want, got)
			}
		})
	}
}

func TestMarkdownStaysBelowWhatGitHubShows(t *testing.T) {
	notForRace(t)
	f := mustLookup(t, "markdown")
	big := poisoned(strings.Repeat("<", 9000))
	one := big.Results[1]
	for range 4000 {
		big.Results = append(big.Results, one)
	}
	got := write(t, f, big)
	checkMarkdown(t, got)
	if !strings.Contains(string(got), "more checks with findings are in the JSON report") {
		t.Error("what is left out is not counted")
	}

	many := poisoned("x")
	one.Findings = many.Results[1].Findings
	for range 6000 {
		one.Findings = append(one.Findings, big.Results[1].Findings[0])
	}
	many.Results = []conformance.Result{one}
	got = write(t, f, many)
	checkMarkdown(t, got)
	if !strings.Contains(string(got), "more findings are in the JSON report") {
		t.Error("findings that are left out are not counted")
	}

	groups := begin("https://x.example/")
	for i := range 40000 {
		groups.Results = append(groups.Results, check(strings.Repeat("g", 1+i%200)+string(rune('一'+i))+"/x", conformance.Must, "", 1))
	}
	checkMarkdown(t, write(t, f, groups))
}
