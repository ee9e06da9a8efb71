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

// reportFlags are the values of --report, each a format of type F and a file.
type reportFlags[F any] struct {
	lookup func(name string) (F, bool)
	names  []string
	list   []reportFlag[F]
}

type reportFlag[F any] struct {
	name   string
	format F
	file   string // "-" is standard output
}

func (r *reportFlags[F]) String() string { return "" }
func (r *reportFlags[F]) Type() string   { return "FORMAT=FILE" }

func (r *reportFlags[F]) Set(s string) error {
	name, file, found := strings.Cut(s, "=")
	format, known := r.lookup(name)
	if !found || !known || file == "" {
		return fmt.Errorf("want FORMAT=FILE with FORMAT one of %s", strings.Join(r.names, ", "))
	}
	r.list = append(r.list, reportFlag[F]{name, format, file})
	return nil
}

// reportFile is a file that will hold a report.
type reportFile[F any] struct {
	format F
	file   *newFile
}

// open finds out, before anything is sent, whether every report can be written, and
// which format standard output has: onStdout, unless taken, if no flag says another.
func (r *reportFlags[F]) open(onStdout string, taken bool) (string, []reportFile[F], error) {
	var files []reportFile[F]
	var paths []string
	for _, one := range r.list {
		if one.file == "-" {
			if taken {
				return "", nil, usagef("--report %s=-: standard output has a report in format %s already: want one, write the other to a file", one.name, onStdout)
			}
			onStdout, taken = one.name, true
			continue
		}
		file, err := openNew(one.file)
		if err != nil {
			return "", nil, usagef("--report %s=%q: %w", one.name, one.file, err)
		}
		if slices.Contains(paths, file.path) {
			return "", nil, usagef("--report %s=%q: another report goes to this file: want one file each", one.name, one.file)
		}
		paths = append(paths, file.path)
		files = append(files, reportFile[F]{one.format, file})
	}
	return onStdout, files, nil
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
	files  []reportFile[reports.Format]
}

// openReports opens those of a run of checks.
func (p *program) openReports(f *certifyFlags) (*sinks, error) {
	onStdout, files, err := f.reports.open(f.format.value, f.formatGiven())
	if err != nil {
		return nil, err
	}
	stdout := func(r *conformance.Report) error { return p.show(p.stdout, onStdout, r, f.verbose) }
	return &sinks{stdout, files}, nil
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

// paths are those of the files.
func (s *sinks) paths() []string {
	var paths []string
	for _, f := range s.files {
		paths = append(paths, f.file.path)
	}
	return paths
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
