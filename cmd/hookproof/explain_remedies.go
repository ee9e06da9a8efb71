package main

import (
	"slices"
	"strings"

	"hookproof/conformance"
)

// stackTitles are how the stacks of remedies call themselves.
var stackTitles = [][2]string{
	{"go", "Go"}, {"express", "Express"}, {"flask", "Flask"}, {"django", "Django"}, {"spring", "Spring"}, {"php", "PHP"}, {"server", "Web server"},
}

func knownStacks(stacks []string) error {
	for _, s := range stacks {
		if !slices.Contains(conformance.Stacks(), s) {
			return usagef("--stack %q: want %s", s, either(conformance.Stacks()))
		}
	}
	return nil
}

// remediesIn returns a check's remedies with the snippets of some stacks, of all
// if none is named. What there is for Flask only helps with Django too, and the
// other way round: both are Python.
func remediesIn(id string, stacks []string) []conformance.Remedy {
	found := conformance.Remedies(id)
	if len(stacks) == 0 {
		return found
	}
	cousin := map[string]string{"flask": "django", "django": "flask"}
	for i, r := range found {
		has := func(stack string) bool {
			return slices.ContainsFunc(r.Snippets, func(s conformance.Snippet) bool { return s.Stack == stack })
		}
		found[i].Snippets = []conformance.Snippet{} // and not a change of the remedies themselves
		for _, s := range r.Snippets {
			if other := cousin[s.Stack]; slices.Contains(stacks, s.Stack) || other != "" && slices.Contains(stacks, other) && !has(other) {
				found[i].Snippets = append(found[i].Snippets, s)
			}
		}
	}
	return found
}

func mistakes(remedies []conformance.Remedy) []string {
	var all []string
	for _, r := range remedies {
		all = append(all, r.Mistake)
	}
	return all
}

// explainedEntry is a check with its remedies, for programs.
type explainedEntry struct {
	checkEntry
	Remedies []conformance.Remedy `json:"remedies"`
}

func newExplainedEntries(checks []*conformance.Check, stacks []string) []explainedEntry {
	entries := make([]explainedEntry, len(checks))
	for i, e := range newCheckEntries(checks) {
		entries[i] = explainedEntry{e, remediesIn(e.ID, stacks)}
	}
	return entries
}

// writeRemedy writes what to do, and under it the code for each stack.
func writeRemedy(b *strings.Builder, r conformance.Remedy) {
	b.WriteString("\n")
	paragraph(b, "In code   ", r.Fix)
	for _, s := range r.Snippets {
		for _, title := range stackTitles {
			if title[0] == s.Stack {
				b.WriteString("\n  " + title[1] + "\n\n")
			}
		}
		for line := range strings.Lines(s.Code) {
			if strings.TrimSpace(line) != "" {
				b.WriteString("    ")
			}
			b.WriteString(line)
		}
	}
}
