package main

import (
	"io"
	"os"

	"github.com/spf13/cobra"

	"hookproof/conformance"
	"hookproof/reports"
)

func (p *program) report() *cobra.Command {
	var output string
	var verbose bool
	cmd := &cobra.Command{
		Use:   "report FILE",
		Short: "Print a saved JSON report in another format",
		Long: `Print a report that certify saved as JSON in another format. FILE - is standard input.

The status is 0 whatever the report's verdict is.`,
		Example: `  hookproof report hookproof.json
  hookproof report hookproof.json --format markdown >> "$GITHUB_STEP_SUMMARY"`,
		Args: exactly(1, "one file"),
	}
	format := addChoice(cmd, "format", "what to print", formatNames())
	cmd.Flags().StringVarP(&output, "output", "o", "", "write to `FILE` instead of standard output")
	cmd.Flags().BoolVar(&verbose, "verbose", false, "a line for every check in the text format")
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		report, err := p.readReport(args[0])
		if err != nil {
			return err
		}
		if output == "" || output == "-" {
			return p.show(p.stdout, format.value, report, verbose)
		}
		if sameFile(args[0], output) {
			return usagef("--output %q: is the report itself, which would be lost: want another file", output)
		}
		file, err := openNew(output)
		if err != nil {
			return usagef("--output %q: %w", output, err)
		}
		return file.write(func(w io.Writer) error { return p.show(w, format.value, report, verbose) })
	}
	return cmd
}

// sameFile tells whether two names are of one file that exists.
func sameFile(a, b string) bool {
	x, errA := os.Stat(a)
	y, errB := os.Stat(b)
	return errA == nil && errB == nil && os.SameFile(x, y)
}

func (p *program) readReport(name string) (*conformance.Report, error) {
	in := p.stdin
	if name != "-" {
		file, err := os.Open(name)
		if err != nil {
			return nil, usagef("%q: cannot be read: %w", name, cause(err))
		}
		defer file.Close()
		in = file
	}
	report, err := reports.Parse(in)
	if err != nil {
		return nil, usagef("%q: %w", name, err)
	}
	return report, nil
}
