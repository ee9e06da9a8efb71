package main

import (
	"bytes"
	"io"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"hookproof/conformance"
	"hookproof/reports"
	"hookproof/reports/load"
)

func (p *program) report() *cobra.Command {
	var output, compare string
	var verbose bool
	cmd := &cobra.Command{
		Use:   "report FILE",
		Short: "Print a saved JSON report in another format",
		Long: `Print a report that certify or traffic saved as JSON in another format. FILE - is standard input.

With --compare a run is shown beside an older one: of traffic in each format, of certify as text, json
or markdown, with what got worse and what got better, for a CI job to comment. The status is 0 whatever
the report's verdict is.`,
		Example: `  hookproof report hookproof.json
  hookproof report hookproof.json --format markdown >> "$GITHUB_STEP_SUMMARY"
  hookproof report new.json --compare old.json --format markdown
  hookproof report run.json --compare yesterday.json --format html --output run.html`,
		Args: exactly(1, "one file"),
	}
	names := formatNames()
	for _, name := range loadFormatNames() {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	format := addChoice(cmd, "format", "what to print", names)
	cmd.Flags().StringVar(&compare, "compare", "", "show the run beside an older one, saved in `FILE`")
	cmd.Flags().StringVarP(&output, "output", "o", "", "write to `FILE` instead of standard output")
	cmd.Flags().BoolVar(&verbose, "verbose", false, "a line for every check in the text format")
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		write, err := p.rendering(args[0], format.value, compare, verbose)
		if err != nil {
			return err
		}
		if output == "" || output == "-" {
			return write(p.stdout)
		}
		for _, source := range []string{args[0], compare} {
			if sameFile(source, output) {
				return usagef("--output %q: is the report itself, which would be lost: want another file", output)
			}
		}
		file, err := openNew(output)
		if err != nil {
			return usagef("--output %q: %w", output, err)
		}
		return file.write(write)
	}
	return cmd
}

// sameFile tells whether two names are of one file that exists.
func sameFile(a, b string) bool {
	x, errA := os.Stat(a)
	y, errB := os.Stat(b)
	return errA == nil && errB == nil && os.SameFile(x, y)
}

// rendering returns what writes a saved report, of whichever kind it is.
func (p *program) rendering(name, format, compare string, verbose bool) (func(io.Writer) error, error) {
	in := p.stdin
	if name != "-" {
		file, err := os.Open(name)
		if err != nil {
			return nil, usagef("%q: cannot be read: %w", name, cause(err))
		}
		defer file.Close()
		in = file
	}
	text, err := io.ReadAll(io.LimitReader(in, maxSaved+1))
	if err != nil {
		return nil, usagef("%q: cannot be read: %w", name, cause(err))
	}
	if load.Is(text) {
		return loadRendering(name, text, format, compare)
	}
	report, err := reports.Parse(bytes.NewReader(text))
	if err != nil {
		return nil, usagef("%q: %w", name, err)
	}
	if !slices.Contains(formatNames(), format) {
		return nil, usagef("--format %s: is of runs of traffic: want %s", format, either(formatNames()))
	}
	if compare == "" {
		return func(w io.Writer) error { return p.show(w, format, report, verbose) }, nil
	}
	older, err := readReport("--compare", compare)
	if err != nil {
		return nil, err
	}
	if err := reports.WriteComparison(io.Discard, format, reports.Compare(older, report)); err != nil {
		return nil, usagef("--format: %w", err)
	}
	return func(w io.Writer) error { return reports.WriteComparison(w, format, reports.Compare(older, report)) }, nil
}

// readReport reads a saved report of a run of checks.
func readReport(flag, name string) (*conformance.Report, error) {
	text, err := readBounded(name, maxSaved)
	if err != nil {
		return nil, usagef("%s %q: %w", flag, name, err)
	}
	if load.Is(text) {
		return nil, usagef("%s %q: is of a run of traffic, and the other report is not: want two of a kind", flag, name)
	}
	report, err := reports.Parse(bytes.NewReader(text))
	if err != nil {
		return nil, usagef("%s %q: %w", flag, name, err)
	}
	return report, nil
}

// maxSaved bounds what is read of a saved report: as much as either kind may have.
const maxSaved = max(load.MaxSize, reports.MaxReport)

// loadRendering is rendering for a run of traffic.
func loadRendering(name string, text []byte, format, compare string) (func(io.Writer) error, error) {
	report, err := load.Parse(text)
	if err != nil {
		return nil, usagef("%q: %w", name, err)
	}
	f, ok := load.Lookup(format)
	if !ok {
		return nil, usagef("--format %s: is of runs of checks: want %s", format, either(loadFormatNames()))
	}
	var old *load.Report
	if compare != "" {
		if old, err = readLoad("--compare", compare); err != nil {
			return nil, err
		}
	}
	return func(w io.Writer) error { return f.Write(w, report, old) }, nil
}
