package main

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"text/tabwriter"
	"unicode"

	"golang.org/x/term"
)

// terminal tells whether w is a terminal that can redraw a line.
func (p *program) terminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && p.getenv("TERM") != "dumb" && term.IsTerminal(int(f.Fd()))
}

// colour tells whether to write w in colour. NO_COLOR, set to anything, says no.
func (p *program) colour(w io.Writer) bool {
	return p.getenv("NO_COLOR") == "" && p.terminal(w)
}

// width is the number of columns of w, 0 if it is no terminal.
func (p *program) width(w io.Writer) int {
	f, ok := w.(*os.File)
	if !ok {
		return 0
	}
	columns, _, err := term.GetSize(int(f.Fd()))
	if err != nil {
		return 0
	}
	return columns
}

// say tells a person something. Nothing can be done if nobody listens.
func say(w io.Writer, format string, args ...any) { _, _ = fmt.Fprintf(w, format, args...) }

// writeTable writes rows in columns, the first being the heading.
func writeTable(w io.Writer, rows [][]string) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, row := range rows {
		if _, err := io.WriteString(t, strings.Join(row, "\t")+"\n"); err != nil {
			return err
		}
	}
	return t.Flush()
}

// printable returns s fit for one line of a terminal: what could act on the
// terminal or pass for another line is quoted.
func printable(s string) string {
	if !strings.ContainsFunc(s, control) {
		return s
	}
	return strconv.Quote(s)
}

// control tells whether a character must not reach a terminal as it is:
// controls, formatting such as a change of direction, and bytes that are no text.
func control(r rune) bool {
	return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) && r != '\u200d' || r == '\u2028' || r == '\u2029' || r == unicode.ReplacementChar
}
