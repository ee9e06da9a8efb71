package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"hookproof/conformance"
	"hookproof/reports"
)

// reportFlags are the values of --report.
type reportFlags []reportFlag

type reportFlag struct {
	format reports.Format
	file   string // "-" is standard output
}

func (r *reportFlags) String() string { return "" }
func (r *reportFlags) Type() string   { return "FORMAT=FILE" }

func (r *reportFlags) Set(s string) error {
	name, file, found := strings.Cut(s, "=")
	format, known := reports.Lookup(name)
	if !found || !known || file == "" {
		return fmt.Errorf("want FORMAT=FILE with FORMAT one of %s", strings.Join(formatNames(), ", "))
	}
	*r = append(*r, reportFlag{format, file})
	return nil
}

func formatNames() []string {
	var names []string
	for _, f := range reports.Formats() {
		names = append(names, f.Name)
	}
	return names
}

// sinks are the places that a report goes to.
type sinks struct {
	stdout func(*conformance.Report) error
	files  []reportFile
}

type reportFile struct {
	format reports.Format
	file   *newFile
}

// openReports finds out, before anything is sent, whether every report can be written.
func (p *program) openReports(f *certifyFlags) (*sinks, error) {
	s := &sinks{}
	onStdout := f.format.value
	taken := f.formatGiven()
	var names []string
	for _, r := range f.reports {
		if r.file == "-" {
			if taken {
				return nil, usagef("--report %s=-: standard output has a report in format %s already: want one, write the other to a file", r.format.Name, onStdout)
			}
			onStdout, taken = r.format.Name, true
			continue
		}
		file, err := openNew(r.file)
		if err != nil {
			return nil, usagef("--report %s=%q: %w", r.format.Name, r.file, err)
		}
		if slices.Contains(names, file.path) {
			return nil, usagef("--report %s=%q: another report goes to this file: want one file each", r.format.Name, r.file)
		}
		names = append(names, file.path)
		s.files = append(s.files, reportFile{r.format, file})
	}
	s.stdout = func(r *conformance.Report) error { return p.show(p.stdout, onStdout, r, f.verbose) }
	return s, nil
}

// show writes a report to w, as text with what the terminal can do.
func (p *program) show(w io.Writer, format string, r *conformance.Report, verbose bool) error {
	if format == "text" {
		return reports.Text(w, r, reports.TextOptions{Color: p.colour(w), Verbose: verbose, Width: p.width(w)})
	}
	f, ok := reports.Lookup(format)
	if !ok {
		return usagef("%q: no such format: want %s", format, either(formatNames()))
	}
	return f.Write(w, r)
}

// write writes the report everywhere; where that fails, the rest is still written.
func (s *sinks) write(r *conformance.Report) error {
	var failed []string
	for _, f := range s.files {
		if err := f.file.write(func(w io.Writer) error { return f.format.Write(w, r) }); err != nil {
			failed = append(failed, err.Error())
		}
	}
	if err := s.stdout(r); err != nil {
		failed = append(failed, err.Error())
	}
	if failed == nil {
		return nil
	}
	return errors.New("report not written: " + strings.Join(failed, "; "))
}
