package reports

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxText is how many bytes of one string of a report are shown by the formats
// for people; the JSON report has the whole.
const maxText = 16 << 10

// block returns text of any origin as lines that are safe to show: bytes that
// are not UTF-8 become U+FFFD, tabs spaces, and all that moves the cursor,
// changes colours or reorders what a reader sees becomes a visible escape.
func block(s string) string {
	if len(s) > maxText {
		s = clip(s, maxText) + "…"
	}
	s = strings.ToValidUTF8(s, "\uFFFD")
	s = strings.ReplaceAll(s, "\r\n", "\n")
	if strings.IndexFunc(s, hidden) < 0 {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		switch {
		case !hidden(r):
			b.WriteRune(r)
		case r == '\t':
			b.WriteString("    ")
		case r < 0x100:
			fmt.Fprintf(&b, `\x%02x`, r)
		case r < 0x10000:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			fmt.Fprintf(&b, `\U%08x`, r)
		}
	}
	return b.String()
}

// inline is block on one line, without blanks around it.
func inline(s string) string {
	return strings.TrimSpace(strings.ReplaceAll(block(s), "\n", " "))
}

// hidden tells runes that a terminal obeys or a reader cannot see. The zero
// width joiners stay: emoji and several scripts are spelt with them.
func hidden(r rune) bool {
	const nonJoiner, joiner = '\u200c', '\u200d'
	return !unicode.IsGraphic(r) && r != '\n' && r != nonJoiner && r != joiner
}

// clip returns at most n bytes of s, cut between runes.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
