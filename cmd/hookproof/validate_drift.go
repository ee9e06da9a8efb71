package main

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/rogpeppe/go-internal/diff"

	"hookproof/schemas"
)

// printDrift prints what was compared, or what to change.
func (j *judging) printDrift(w io.Writer) error {
	r := j.compared.Report()
	j.invalid += r.Invalid()
	if j.propose {
		changes, err := j.compared.Propose()
		if err != nil {
			return err
		}
		for _, c := range changes {
			name := "schemas/" + c.File
			if _, err := w.Write(diff.Diff("a/"+name, c.Old, "b/"+name, c.New)); err != nil {
				return err
			}
		}
		return nil
	}
	if j.json {
		return writeJSON(w, r)
	}
	return writeDrift(w, &r)
}

// writeDrift writes a report for people.
func writeDrift(w io.Writer, r *schemas.DriftReport) error {
	var b bytes.Buffer
	p := func(format string, args ...any) { fmt.Fprintf(&b, format, args...) }
	p("%s of %s\n", counted(r.Payloads, "payload"), counted(int64(len(r.Triggers)), "trigger"))
	for _, c := range r.Problems {
		p("  %d not compared: %s\n", c.Count, c.Name)
	}
	for _, c := range r.Unknown {
		p("  %d of the unknown trigger %s\n", c.Count, c.Name)
	}
	for _, t := range r.Triggers {
		p("\n%s: %s, %d invalid\n", t.Trigger, counted(t.Payloads, "payload"), t.Invalid)
		for _, v := range t.Violations {
			p("  violation       %s: %s (%d)\n", where(v.Place), v.Message, v.Count)
		}
		for _, u := range t.Unknown {
			p("  not declared    %s: %s (%d)\n", where(u.Place), namesOf(u.Types), u.Count)
		}
		for _, v := range t.Values {
			var words []string
			for _, c := range v.Values {
				words = append(words, fmt.Sprintf("%s (%d)", c.Name, c.Count))
			}
			p("  not listed      %s: %s\n", where(v.Place), strings.Join(words, ", "))
		}
		if t.Omitted > 0 {
			p("  %d more that are not told apart\n", t.Omitted)
		}
		if len(t.NeverSeen) > 0 {
			p("  never seen      %s\n", strings.Join(t.NeverSeen, "\n                  "))
		}
	}
	_, err := io.WriteString(w, printableLines(b.String()))
	return err
}

func where(place string) string {
	if place == "" {
		return "the event"
	}
	return printable(place)
}

// counted is a number of things.
func counted(n int64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

func namesOf(types []schemas.DriftCount) string {
	var names []string
	for _, t := range types {
		names = append(names, t.Name)
	}
	return strings.Join(names, " or ")
}

// printableLines is printable for a text of several lines.
func printableLines(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = printable(line)
	}
	return strings.Join(lines, "\n")
}
