package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"hookproof/mockserver/traffic"
	"hookproof/reports/load"
)

func loadFormatNames() []string {
	var names []string
	for _, f := range load.Formats() {
		names = append(names, f.Name)
	}
	return names
}

// loadSinks are the places that the report of a run of traffic goes to.
type loadSinks struct {
	out   io.Writer
	shown load.Format // on standard output
	old   *load.Report
	files []reportFile[load.Format]
}

// openReports finds out, before anything is sent, whether every report can be written.
func (f *trafficFlags) openReports(p *program) (*loadSinks, error) {
	s := &loadSinks{out: p.stdout}
	name := "text"
	if f.json {
		name = "json"
	}
	name, files, err := f.reports.open(name, f.json)
	if err != nil {
		return nil, err
	}
	s.files = files
	s.shown, _ = load.Lookup(name)
	if f.compare != "" {
		s.old, err = readLoad("--compare", f.compare)
	}
	return s, err
}

// write writes the report everywhere; where that fails, the rest is still written.
func (s *loadSinks) write(r *load.Report) error {
	var failed []string
	for _, f := range s.files {
		if err := f.file.write(func(w io.Writer) error { return f.format.Write(w, r, s.old) }); err != nil {
			failed = append(failed, err.Error())
		}
	}
	if err := s.shown.Write(s.out, r, s.old); err != nil {
		failed = append(failed, err.Error())
	}
	if failed == nil {
		return nil
	}
	return errors.New("report not written: " + strings.Join(failed, "; "))
}

// readLoad reads a saved report of traffic.
func readLoad(flag, name string) (*load.Report, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, usagef("%s %q: cannot be read: %w", flag, name, cause(err))
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, load.MaxSize+1))
	if err != nil {
		return nil, usagef("%s %q: cannot be read: %w", flag, name, cause(err))
	}
	r, err := load.Parse(text)
	if err != nil {
		return nil, usagef("%s %q: %w", flag, name, err)
	}
	return r, nil
}

// trafficProgress is a line about a run under way.
func trafficProgress(s traffic.Progress, o traffic.Options) string {
	const width = 20
	done := int(width * min(s.Elapsed, o.Arrivals.Duration) / o.Arrivals.Duration)
	return fmt.Sprintf("[%s%s] %s  %.0f/s  %d sent  %d under way  %d errors  p50 %s  p99 %s", strings.Repeat("#", done), strings.Repeat(".", width-done),
		s.Elapsed.Round(100*time.Millisecond), s.Rate, s.Sent, s.InFlight, s.Errors, load.Short(s.P50), load.Short(s.P99))
}
