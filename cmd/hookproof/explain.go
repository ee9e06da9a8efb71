package main

import (
	"cmp"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"hookproof/conformance"
)

func (p *program) explain() *cobra.Command {
	var asJSON bool
	var stacks words
	cmd := &cobra.Command{
		Use:   "explain ID…",
		Short: "Explain checks: what is required and by whom, what is sent, what passes, fixes in code",
		Example: `  hookproof explain auth/prefix
  hookproof explain auth/prefix --stack express
  hookproof explain 'tls/*' --json`,
		Args:              atLeastOne("id of a check"),
		ValidArgsFunction: cobra.FixedCompletions(checkIDs(), cobra.ShellCompDirectiveNoFileComp),
		RunE: func(_ *cobra.Command, args []string) error {
			checks, err := findChecks("", args)
			if err != nil {
				return err
			}
			if err := knownStacks(stacks); err != nil {
				return err
			}
			if asJSON {
				return writeJSON(p.stdout, newExplainedEntries(checks, stacks))
			}
			explained := make([]string, len(checks))
			for i, c := range checks {
				explained[i] = explanation(c, stacks)
			}
			_, err = io.WriteString(p.stdout, strings.Join(explained, "\n"))
			return err
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print a JSON array with an object per check")
	cmd.Flags().Var(&stacks, "stack", "fixes in these stacks only, the default being all: "+either(conformance.Stacks()))
	complete(cmd, "stack", conformance.Stacks())
	return cmd
}

// findChecks returns the checks of ids, groups or globs, each once, in the
// order of the patterns; what names where those came from.
func findChecks(what string, patterns []string) ([]*conformance.Check, error) {
	var found []*conformance.Check
	for _, pattern := range patterns {
		matched := false
		for _, c := range conformance.Suite() {
			if ok, err := path.Match(pattern, c.ID); err != nil || !ok && pattern != c.Group() && pattern != "*" {
				continue
			}
			matched = true
			if !slices.ContainsFunc(found, func(f *conformance.Check) bool { return f.ID == c.ID }) {
				found = append(found, c)
			}
		}
		if !matched {
			return nil, usagef("%s%q: no such check%s (hookproof checks lists them)", what, pattern, didYouMean(pattern, checkIDs()))
		}
	}
	return found, nil
}

// explanation is all there is to say about a check, with code for some stacks or
// for all.
func explanation(c *conformance.Check, stacks []string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s\n\n", c.ID, c.Title)
	impact := map[conformance.Impact]string{
		conformance.Quiet: "no event is accepted", conformance.Events: "creates events in the receiver",
		conformance.Hostile: "may hold up a receiver that is not built for it", conformance.Load: "creates many events in a short time, or for a long one",
	}[c.Impact]
	fixes := remediesIn(c.ID, stacks)
	rows := [][2]string{
		{"Level", string(c.Level)},
		{"Basis", bases(c)},
		{"Source", c.Source},
		{"Impact", string(c.Impact) + ": " + impact},
		{"Profiles", strings.Join(profilesOf(c), ", ")},
		{"Required", c.Requirement},
		{"Probe", c.Probe},
		{"Passes", c.Doc.Passes},
		{"Also fine", cmp.Or(c.Doc.Alternatives, "nothing else")},
		{"Why", c.Doc.Why},
	}
	label := "Causes"
	for _, cause := range append([]string{c.Doc.Cause}, mistakes(fixes)...) {
		if cause != "" {
			rows = append(rows, [2]string{label, cause})
			label = ""
		}
	}
	rows = append(rows, [2]string{"Fix", c.Doc.Fix})
	for _, row := range rows {
		if row[1] != "" {
			paragraph(&b, fmt.Sprintf("%-10s", row[0]), row[1])
		}
	}
	for _, r := range fixes {
		writeRemedy(&b, r)
	}
	return b.String()
}

// paragraph writes text after a label, wrapped at 100 columns and indented by
// the label's width. Labels are ASCII.
func paragraph(b *strings.Builder, label, text string) {
	const columns = 100
	indent := strings.Repeat(" ", len(label))
	line := label
	for i, word := range strings.Fields(text) {
		if i > 0 {
			if len([]rune(line))+1+len([]rune(word)) > columns {
				b.WriteString(line + "\n")
				line = indent
			} else {
				line += " "
			}
		}
		line += word
	}
	b.WriteString(strings.TrimRight(line, " ") + "\n")
}
