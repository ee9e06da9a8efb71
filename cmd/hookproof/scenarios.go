package main

import (
	"errors"
	"io/fs"
	"os"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"hookproof/fixtures"
)

func (p *program) scenarios() *cobra.Command {
	var asJSON, actions bool
	cmd := &cobra.Command{
		Use:   "scenarios [NAME]",
		Short: "List the scenarios, or print one to begin one's own with",
		Long: `List the scenarios that generate, send and serve can play, or print the one of NAME: a story in YAML,
in which people do one thing after the other, and which may say how what is told of it is delivered.

What can be done in one is listed by --actions. Whoever writes their own gives its file in place of a
name; whatever cannot happen in it is an error with line and column.`,
		Example: `  hookproof scenarios
  hookproof scenarios missed-call > mine.yaml
  hookproof generate --scenario mine.yaml
  hookproof scenarios --actions`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usagef("%d arguments: want the name of a scenario, or none", len(args))
			}
			return nil
		},
		ValidArgsFunction: cobra.FixedCompletions(scenarioNames(), cobra.ShellCompDirectiveNoFileComp),
		RunE: func(_ *cobra.Command, args []string) error {
			switch {
			case actions && (asJSON || len(args) > 0):
				return usagef("--actions: want it alone")
			case actions:
				return p.listActions()
			case len(args) == 0:
				return p.listScenarios(asJSON)
			case asJSON:
				return usagef("--json: a scenario is YAML: leave it out, or NAME")
			}
			s, err := findScenario("NAME", args[0])
			if err != nil {
				return err
			}
			_, err = p.stdout.Write(s.Source)
			return err
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print a JSON array with an object per scenario")
	cmd.Flags().BoolVar(&actions, "actions", false, "list what can be done in a scenario")
	return cmd
}

func scenarioNames() []string {
	names := fixtures.ScenarioNames()
	return names
}

func (p *program) listScenarios(asJSON bool) error {
	type listed struct {
		Name   string `json:"name"`
		Title  string `json:"title"`
		About  string `json:"about"`
		Events int    `json:"events"` // about how many
	}
	var all []listed
	rows := [][]string{{"SCENARIO", "EVENTS", "WHAT HAPPENS"}}
	for _, s := range fixtures.Scenarios() {
		all = append(all, listed{s.Name, s.Title, strings.TrimSpace(s.About), s.Events()})
		rows = append(rows, []string{s.Name, strconv.Itoa(s.Events()), s.Title})
	}
	if asJSON {
		return writeJSON(p.stdout, all)
	}
	return writeTable(p.stdout, rows)
}

func (p *program) listActions() error {
	rows := [][]string{{"ACTION", "WITH", "WHAT HAPPENS"}}
	for a := range fixtures.ScenarioActions() {
		rows = append(rows, []string{a.Name, strings.Join(a.Args, " "), a.Doc})
	}
	return writeTable(p.stdout, rows)
}

// findScenario returns the scenario of a name, or in a file.
func findScenario(flag, name string) (*fixtures.Scenario, error) {
	if s, ok := fixtures.LookupScenario(name); ok {
		return s, nil
	}
	info, err := os.Stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, usagef("%s %.60q: is no file and no scenario%s (hookproof scenarios lists them)", flag, name, didYouMean(name, scenarioNames()))
	case err == nil && info.Size() > fixtures.MaxScenario:
		return nil, usagef("%s %.60q: has %d bytes: want at most %d", flag, name, info.Size(), fixtures.MaxScenario)
	}
	source, err := os.ReadFile(name)
	if err != nil {
		return nil, usagef("%s %.60q: cannot be read: %w", flag, name, cause(err))
	}
	s, err := fixtures.ParseScenario(source)
	if err != nil {
		return nil, usagef("%s %s:%w", flag, name, err)
	}
	return s, nil
}
