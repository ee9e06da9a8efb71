package main

import (
	"os"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

// man writes the manual pages that packages have.
func (p *program) man() *cobra.Command {
	return &cobra.Command{
		Use:     "man DIRECTORY",
		Short:   "Write a manual page for each verb",
		Example: "  hookproof man man1",
		Hidden:  true, // for whoever makes packages
		Args:    exactly(1, "one directory"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := os.MkdirAll(args[0], 0o777); err != nil {
				return usagef("%q: cannot be made: %w", args[0], cause(err))
			}
			epoch := time.Unix(0, 0).UTC() // the same pages for the same program
			header := &doc.GenManHeader{Title: "HOOKPROOF", Section: "1", Source: "hookproof", Manual: "hookproof", Date: &epoch}
			return doc.GenManTree(cmd.Root(), header, args[0])
		},
	}
}
