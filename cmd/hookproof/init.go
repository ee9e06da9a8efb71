package main

import (
	_ "embed" // the file that init writes
	"io"
	"os"

	"github.com/spf13/cobra"
)

//go:embed init.yaml
var projectTemplate string

func (p *program) init() *cobra.Command {
	var output string
	var force bool
	cmd := &cobra.Command{
		Use:   "init",
		Short: "Write a commented " + projectFile + " to start from",
		Long: `Write a configuration file for certify and traffic, with every member explained. What stands in it
is overruled by the environment, HOOKPROOF_ and the name of a flag in capitals, and that by flags.`,
		Example: "  hookproof init\n  hookproof init --output -",
		Args:    exactly(0, "none"),
		RunE: func(*cobra.Command, []string) error {
			if output == "-" {
				_, err := io.WriteString(p.stdout, projectTemplate)
				return err
			}
			if _, err := os.Stat(output); err == nil && !force {
				return usagef("--output %q: is there already: want another file, or --force", output)
			}
			file, err := openNew(output)
			if err != nil {
				return usagef("--output %q: %w", output, err)
			}
			if err := file.write(func(w io.Writer) error { _, err := io.WriteString(w, projectTemplate); return err }); err != nil {
				return err
			}
			say(p.stderr, "written to %s\n", printable(output))
			return nil
		},
	}
	cmd.Flags().StringVarP(&output, "output", "o", projectFile, "write to `FILE`; - is standard output")
	cmd.Flags().BoolVar(&force, "force", false, "replace a file that is there")
	return cmd
}
