package reports

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"hookproof/conformance"
)

// Comparison is what changed between two runs, as data for programs.
type Comparison struct {
	Old ComparedRun `json:"old"`
	New ComparedRun `json:"new"`
	// SameCatalogue tells whether both runs had the same checks and the same contract.
	SameCatalogue bool `json:"sameCatalogue"`
	// Worse and Better are checks that were tried both times, in the order of the suite.
	Worse  []Change `json:"worse"`
	Better []Change `json:"better"`
	// Other are those that were tried only once, or came to no conclusion.
	Other []Change `json:"other"`
	Same  int      `json:"same"` // checks of which nothing changed
}

// ComparedRun is what tells one run from another.
type ComparedRun struct {
	Target  string              `json:"target"`
	Profile string              `json:"profile"`
	Started time.Time           `json:"started"`
	Version string              `json:"version"`
	Verdict conformance.Verdict `json:"verdict"`
}

// Change is a check with another outcome than before.
type Change struct {
	ID    string              `json:"id"`
	Level conformance.Level   `json:"level"`
	Was   conformance.Outcome `json:"was"`            // "" if the check was not there
	Is    conformance.Outcome `json:"is"`             // as Was
	Gist  string              `json:"gist,omitempty"` // what the run in which it is worse says
}

// rank orders what a check can amount to, from good to bad; ok is false for what says
// nothing about the receiver.
func rank(o conformance.Outcome) (n int, ok bool) {
	switch o {
	case conformance.Passed, conformance.Informed:
		return 0, true
	case conformance.Warned:
		return 1, true
	case conformance.Failed:
		return 2, true
	}
	return 0, false
}

// Compare tells what got better and what got worse from one run to another.
func Compare(before, after *conformance.Report) Comparison {
	c := Comparison{
		Old: comparedRun(before), New: comparedRun(after), SameCatalogue: before.Catalogue == after.Catalogue,
		Worse: []Change{}, Better: []Change{}, Other: []Change{},
	}
	old := make(map[string]conformance.Result, len(before.Results))
	for _, was := range before.Results {
		old[was.ID] = was
	}
	kept := make(map[string]bool, len(after.Results))
	for _, is := range after.Results {
		kept[is.ID] = true
		c.add(is.ID, is.Level, old[is.ID], is)
	}
	for _, was := range before.Results {
		if !kept[was.ID] {
			c.add(was.ID, was.Level, was, conformance.Result{})
		}
	}
	return c
}

func comparedRun(r *conformance.Report) ComparedRun {
	return ComparedRun{r.Target, r.Profile, r.Started.UTC(), r.Tool.Version, r.Verdict}
}

func (c *Comparison) add(id string, level conformance.Level, was, is conformance.Result) {
	change := Change{ID: id, Level: level, Was: was.Outcome, Is: is.Outcome}
	m, tried := rank(was.Outcome)
	n, triedAgain := rank(is.Outcome)
	switch {
	case tried && triedAgain && m < n:
		change.Gist = gist(is)
		c.Worse = append(c.Worse, change)
	case tried && triedAgain && m > n:
		change.Gist = gist(was)
		c.Better = append(c.Better, change)
	case tried && triedAgain, !tried && !triedAgain && leftAlone(was.Outcome) == leftAlone(is.Outcome):
		c.Same++
	default:
		if triedAgain && n > 0 || is.Outcome == conformance.Inconclusive || is.Outcome == conformance.Errored {
			change.Gist = gist(is)
		}
		c.Other = append(c.Other, change)
	}
}

// leftAlone tells what was not tried, or was not there, from what came to no conclusion.
func leftAlone(o conformance.Outcome) bool {
	return o == "" || o == conformance.Skipped || o == conformance.NotSelected
}

// ComparisonFormat is one way to write a comparison.
type ComparisonFormat struct {
	Name  string
	Write func(io.Writer, Comparison) error
}

// ComparisonFormats returns them in the order in which to list them.
func ComparisonFormats() []ComparisonFormat {
	return []ComparisonFormat{{"text", compareText}, {"json", compareJSON}, {"markdown", compareMarkdown}}
}

// sections are the lists of a comparison with their headings.
func (c *Comparison) sections() []struct {
	sign, heading string
	changes       []Change
} {
	type section = struct {
		sign, heading string
		changes       []Change
	}
	return []section{{"❌", "Worse", c.Worse}, {"✅", "Better", c.Better}, {"➖", "Tried only once, or without a conclusion", c.Other}}
}

// headline says in a sentence how the runs differ.
func (c *Comparison) headline() string {
	said := fmt.Sprintf("%d worse, %d better, %d unchanged", len(c.Worse), len(c.Better), c.Same)
	if c.Old.Verdict == c.New.Verdict {
		return fmt.Sprintf("Still %q: %s", inline(string(c.New.Verdict)), said)
	}
	return fmt.Sprintf("From %q to %q: %s", inline(string(c.Old.Verdict)), inline(string(c.New.Verdict)), said)
}

// notes say why a comparison may mislead.
func (c *Comparison) notes() []string {
	var notes []string
	if c.Old.Target != c.New.Target {
		notes = append(notes, fmt.Sprintf("The targets differ: %s and %s.", inline(c.Old.Target), inline(c.New.Target)))
	}
	if c.Old.Profile != c.New.Profile {
		notes = append(notes, fmt.Sprintf("The profiles differ: %s and %s.", inline(c.Old.Profile), inline(c.New.Profile)))
	}
	if !c.SameCatalogue {
		notes = append(notes, fmt.Sprintf("The checks are those of two versions, %s and %s: some may have changed.", inline(c.Old.Version), inline(c.New.Version)))
	}
	return notes
}

func named(o conformance.Outcome) string { return cmp.Or(inline(string(o)), "no such check") }

func compareText(w io.Writer, c Comparison) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\n  Old  %s\n  New  %s\n", c.headline(), c.Old.text(), c.New.text())
	for _, note := range c.notes() {
		fmt.Fprintf(&b, "  !    %s\n", note)
	}
	for _, s := range c.sections() {
		if len(s.changes) == 0 {
			continue
		}
		fmt.Fprintf(&b, "\n%s\n", s.heading)
		for _, ch := range s.changes {
			line := fmt.Sprintf("  %-6s  %s: %s -> %s", inline(string(ch.Level)), inline(ch.ID), named(ch.Was), named(ch.Is))
			if ch.Gist != "" {
				line += "  " + short(inline(ch.Gist), maxCell)
			}
			b.WriteString(line + "\n")
		}
	}
	return emit(w, "text", []byte(b.String()))
}

func (r ComparedRun) text() string {
	return fmt.Sprintf("%s UTC, %s, profile %s, hookproof %s", r.Started.UTC().Format(time.DateTime), inline(string(r.Verdict)), inline(r.Profile), inline(r.Version))
}

func compareJSON(w io.Writer, c Comparison) error {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(c); err != nil {
		return fmt.Errorf("write json comparison: %w", err)
	}
	return emit(w, "json", b.Bytes())
}

// compareMarkdown writes the comment that a CI job makes.
func compareMarkdown(w io.Writer, c Comparison) error {
	var m markdown
	sign := "➖"
	switch {
	case len(c.Worse) > 0:
		sign = "❌"
	case len(c.Better) > 0:
		sign = "✅"
	}
	m.printf("## %s %s\n\nhookproof on %s\n\n", sign, prose(c.headline()), code(c.New.Target))
	for _, note := range c.notes() {
		m.printf("> [!WARNING]\n> %s\n\n", prose(note))
	}
	for _, s := range c.sections() {
		if len(s.changes) == 0 {
			continue
		}
		m.printf("### %s\n\n| | Check | Level | Was | Is | |\n|---|---|---|---|---|---|\n", s.heading)
		for i, ch := range s.changes {
			if m.full() {
				m.printf("\n%d more are in the JSON comparison.\n", len(s.changes)-i)
				break
			}
			m.printf("| %s | %s | %s | %s | %s | %s |\n", s.sign, code(ch.ID), prose(string(ch.Level)), prose(named(ch.Was)), prose(named(ch.Is)), prose(short(ch.Gist, maxCell)))
		}
		m.printf("\n")
	}
	m.printf("<sub>Old: %s. New: %s.</sub>\n", prose(c.Old.text()), prose(c.New.text()))
	return emit(w, "markdown", []byte(m.b.String()))
}

// comparisonNames are the names of the formats.
func comparisonNames() []string {
	var names []string
	for _, f := range ComparisonFormats() {
		names = append(names, f.Name)
	}
	return names
}

// WriteComparison writes a comparison in the format of a name; its error names those
// that there are.
func WriteComparison(w io.Writer, format string, c Comparison) error {
	i := slices.Index(comparisonNames(), format)
	if i < 0 {
		return fmt.Errorf("format %.20q: a comparison has %s", format, strings.Join(comparisonNames(), ", "))
	}
	return ComparisonFormats()[i].Write(w, c)
}
