package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"hookproof/schemas"
)

func (p *program) triggers() *cobra.Command {
	var asJSON, asMarkdown bool
	cmd := &cobra.Command{
		Use:   "triggers",
		Short: "List the webhook triggers of the contract",
		Example: `  hookproof triggers
  hookproof triggers --json | jq -r '.[].name'`,
		Args: exactly(0, "none"),
		RunE: func(*cobra.Command, []string) error {
			all := slices.Collect(schemas.Triggers())
			switch {
			case asJSON && asMarkdown:
				return errTwoShapes
			case asJSON:
				return writeJSON(p.stdout, all)
			case asMarkdown:
				return writeTriggersMarkdown(p.stdout, all)
			default:
				return writeTriggers(p.stdout, all)
			}
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print a JSON array with an object per trigger")
	cmd.Flags().BoolVar(&asMarkdown, "markdown", false, "print a Markdown table")
	return cmd
}

var errTwoShapes = usagef("--json and --markdown: want one of them")

func writeTriggers(w io.Writer, all []schemas.Trigger) error {
	rows := [][]string{{"TRIGGER", "GROUP", "TITLE"}}
	for _, tr := range all {
		rows = append(rows, []string{tr.Name, tr.Group, tr.Title})
	}
	return writeTable(w, rows)
}

func writeTriggersMarkdown(w io.Writer, all []schemas.Trigger) error {
	var b strings.Builder
	b.WriteString("| Trigger | Sent when | Idempotency key |\n| --- | --- | --- |\n")
	for _, tr := range all {
		key := make([]string, len(tr.IdempotencyKey))
		for i, pointer := range tr.IdempotencyKey {
			key[i] = "`" + pointer + "`"
		}
		basis := ""
		if tr.KeyBasis == "assumed" {
			basis = " (assumed)"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s%s |\n", tr.Name, cell(cmp.Or(tr.Description, tr.Title)), strings.Join(key, " "), basis)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// cell makes text fit for a cell of a Markdown table.
func cell(s string) string {
	return strings.NewReplacer("|", "\\|", "\n", " ", "<", "&lt;").Replace(s)
}
