package reports

import (
	"strings"
	"unicode"

	"golang.org/x/text/width"
)

// cells returns how many columns of a terminal a cleaned text takes.
func cells(s string) int {
	n := 0
	for _, r := range s {
		n += cell(r)
	}
	return n
}

func cell(r rune) int {
	if r < 0x80 {
		return 1
	}
	if unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf) {
		return 0
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	return 1
}

// split cuts s after at most n columns, and after at least one rune.
func split(s string, n int) (head, tail string) {
	used := 0
	for i, r := range s {
		used += cell(r)
		if used > n && i > 0 {
			return s[:i], s[i:]
		}
	}
	return s, ""
}

// cut shortens s to n columns; what is missing is marked by an ellipsis.
func cut(s string, n int) string {
	if cells(s) <= n {
		return s
	}
	head, _ := split(s, n-1)
	if cells(head) >= n { // one wide rune where there is room for none
		head = ""
	}
	return strings.TrimRight(head, " ") + "…"
}

// pad fills s with blanks to n columns.
func pad(s string, n int) string {
	return s + strings.Repeat(" ", max(0, n-cells(s)))
}

// padLeft sets s to the right of n columns.
func padLeft(s string, n int) string {
	return strings.Repeat(" ", max(0, n-cells(s))) + s
}

// wrap breaks prose at blanks into lines of at most n columns; a word longer
// than that is broken where it must.
func wrap(s string, n int) []string {
	var lines []string
	line, used := "", 0
	for word := range strings.FieldsSeq(s) {
		for {
			head, tail := split(word, n)
			taken := cells(head)
			switch {
			case line == "":
				line, used = head, taken
			case used+1+taken <= n:
				line, used = line+" "+head, used+1+taken
			default:
				lines = append(lines, line)
				line, used = head, taken
			}
			if tail == "" {
				break
			}
			word = tail
		}
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}

// fold breaks text that is quoted as it is into lines of at most n columns,
// where it can after a comma, a semicolon or a blank in the second half of a line.
func fold(s string, n int) []string {
	var lines []string
	for line := range strings.SplitSeq(s, "\n") {
		for {
			head, tail := split(line, n)
			if i := strings.LastIndexAny(head, ",; "); tail != "" && i >= len(head)/2 {
				head, tail = line[:i+1], line[i+1:]
			}
			lines = append(lines, strings.TrimRightFunc(head, unicode.IsSpace))
			if tail == "" {
				break
			}
			line = tail
		}
	}
	return lines
}
