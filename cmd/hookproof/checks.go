package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"hookproof/conformance"
)

func (p *program) checks() *cobra.Command {
	var asJSON, asMarkdown bool
	cmd := &cobra.Command{
		Use:   "checks",
		Short: "List the checks that certify tries",
		Example: `  hookproof checks --profile core
  hookproof checks --json | jq -r '.[] | select(.level == "MUST").id'`,
		Args: exactly(0, "none"),
	}
	profile := addChoice(cmd, "profile", "only the checks of a profile; any is every check", append([]string{anyProfile}, profileNames()...))
	cmd.Flags().BoolVar(&asJSON, "json", false, "print a JSON array with an object per check")
	cmd.Flags().BoolVar(&asMarkdown, "markdown", false, "print a Markdown table")
	cmd.RunE = func(*cobra.Command, []string) error {
		var chosen []*conformance.Check
		for _, c := range conformance.Suite() {
			if profile.value == anyProfile || inProfile(profile.value, c) {
				chosen = append(chosen, c)
			}
		}
		switch {
		case asJSON && asMarkdown:
			return errTwoShapes
		case asJSON:
			return writeJSON(p.stdout, newCheckEntries(chosen))
		case asMarkdown:
			return writeChecksMarkdown(p.stdout, chosen)
		default:
			return writeChecks(p.stdout, chosen)
		}
	}
	return cmd
}

// anyProfile is the choice of all checks, also of those that no profile has.
const anyProfile = "any"

// checkEntry is a check for programs.
type checkEntry struct {
	ID           string              `json:"id"`
	Title        string              `json:"title"`
	Level        conformance.Level   `json:"level"`
	Basis        []conformance.Basis `json:"basis"`
	Impact       conformance.Impact  `json:"impact"`
	Profiles     []string            `json:"profiles"`
	Requirement  string              `json:"requirement"`
	Source       string              `json:"source"`
	Probe        string              `json:"probe"`
	Passes       string              `json:"passes"`
	Alternatives string              `json:"alternatives"` // "" if there is none
	Why          string              `json:"why"`
	Cause        string              `json:"cause,omitempty"` // the most likely one of a failure
	Fix          string              `json:"fix,omitempty"`
}

func newCheckEntries(checks []*conformance.Check) []checkEntry {
	entries := make([]checkEntry, len(checks))
	for i, c := range checks {
		entries[i] = checkEntry{
			ID: c.ID, Title: c.Title, Level: c.Level, Basis: c.Basis, Impact: c.Impact, Profiles: profilesOf(c),
			Requirement: c.Requirement, Source: c.Source, Probe: c.Probe, Passes: c.Doc.Passes, Alternatives: c.Doc.Alternatives,
			Why: c.Doc.Why, Cause: c.Doc.Cause, Fix: c.Doc.Fix,
		}
	}
	return entries
}

func inProfile(name string, c *conformance.Check) bool {
	for _, p := range conformance.Profiles() {
		if p.Name == name {
			return p.Has(c)
		}
	}
	return false
}

func profilesOf(c *conformance.Check) []string {
	names := []string{}
	for _, p := range conformance.Profiles() {
		if p.Has(c) {
			names = append(names, p.Name)
		}
	}
	return names
}

// firstProfile is the smallest profile that has a check; one that none has is tried if
// --run names it.
func firstProfile(c *conformance.Check) string {
	if names := profilesOf(c); len(names) > 0 {
		return names[0]
	}
	return "by name"
}

func bases(c *conformance.Check) string {
	words := make([]string, len(c.Basis))
	for i, b := range c.Basis {
		words[i] = string(b)
	}
	return strings.Join(words, ", ")
}

func writeChecks(w io.Writer, checks []*conformance.Check) error {
	rows := [][]string{{"CHECK", "LEVEL", "BASIS", "IMPACT", "PROFILE", "TITLE"}}
	for _, c := range checks {
		rows = append(rows, []string{c.ID, string(c.Level), bases(c), string(c.Impact), firstProfile(c), c.Title})
	}
	return writeTable(w, rows)
}

func writeChecksMarkdown(w io.Writer, checks []*conformance.Check) error {
	var b strings.Builder
	b.WriteString("| Check | Level | True of a conforming receiver | Basis | Impact | Profile |\n| --- | --- | --- | --- | --- | --- |\n")
	for _, c := range checks {
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s | %s |\n", c.ID, c.Level, cell(c.Title), bases(c), c.Impact, firstProfile(c))
	}
	_, err := io.WriteString(w, b.String())
	return err
}
