package main

import (
	"github.com/spf13/cobra"

	"hookproof/schemas"
)

func (p *program) schema() *cobra.Command {
	return &cobra.Command{
		Use:   "schema TRIGGER",
		Short: "Print the JSON Schema of a trigger's payload",
		Long: `Print the JSON Schema (draft 2020-12) of a trigger's payload, with the definitions that it shares
with other triggers bundled into it. Of a trigger without a known payload it says no more than what
every event has.`,
		Example:           "  hookproof schema message_sent > message_sent.schema.json",
		Args:              exactly(1, "one trigger"),
		ValidArgsFunction: cobra.FixedCompletions(schemas.Names(), cobra.ShellCompDirectiveNoFileComp),
		RunE: func(_ *cobra.Command, args []string) error {
			if err := knownTrigger("", args[0]); err != nil {
				return err
			}
			b, err := schemas.Bundle(schemas.Canonical(args[0]))
			if err == nil {
				_, err = p.stdout.Write(b)
			}
			return err
		},
	}
}
