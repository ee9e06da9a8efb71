package reports

import (
	"html"
	"strings"

	"hookproof/conformance"
)

// evidence writes each check with findings, folded away.
func (m *markdown) evidence(results []conformance.Result) {
	var rows []conformance.Result
	for _, res := range worth(results) {
		if len(res.Findings) > 0 {
			rows = append(rows, res)
		}
	}
	if len(rows) == 0 {
		return
	}
	m.printf("### Evidence\n\n")
	for i, res := range rows {
		if m.full() {
			m.printf("%d more checks with findings are in the JSON report.\n\n", len(rows)-i)
			return
		}
		// The summary is HTML, in which Markdown means nothing.
		m.printf("<details><summary>%s <code>%s</code> %s</summary>\n\n",
			sign(res.Outcome), html.EscapeString(short(inline(res.ID), maxCell)), html.EscapeString(short(inline(res.Title), maxCell)))
		m.labelled("Requirement", res.Requirement)
		m.labelled("Source", basis(res))
		m.labelled("Measured", measures(res.Measures))
		for j, f := range res.Findings {
			if m.full() {
				m.printf("%d more findings are in the JSON report.\n\n", len(res.Findings)-j)
				break
			}
			m.finding(f)
		}
		m.printf("</details>\n\n")
	}
}

func (m *markdown) finding(f conformance.Finding) {
	m.printf("%s **%s** %s\n\n", sign(f.Outcome), prose(short(inline(f.Message), maxQuote)), code(f.Code))
	m.labelled("Likely cause", f.Cause)
	m.labelled("Fix", f.Fix)
	if x := f.Exchange; x != nil {
		m.part("Sent", sent(x))
		m.part("Received", received(x))
	}
	if f.Curl != "" {
		m.printf("Repeat it:\n\n")
		m.fence("sh", strings.Join(command(f.Curl), "\n"))
	}
}

func (m *markdown) labelled(label, text string) {
	if text = inline(text); text != "" {
		m.printf("**%s:** %s\n\n", label, prose(short(text, maxQuote)))
	}
}

func (m *markdown) part(label string, p part) {
	m.printf("%s (%s):\n\n", label, p.note)
	m.fence("http", short(p.text(), maxQuote))
}

// fence quotes a text as it is, between fences longer than any run of
// backticks in it, which nothing in it can close.
func (m *markdown) fence(language, text string) {
	fence := strings.Repeat("`", max(3, longestRun(text, '`')+1))
	m.printf("%s%s\n%s\n%s\n\n", fence, language, text, fence)
}

func longestRun(s string, r rune) int {
	longest, run := 0, 0
	for _, c := range s {
		if c != r {
			run = 0
			continue
		}
		run++
		longest = max(longest, run)
	}
	return longest
}

// short cuts a cleaned text to n bytes.
func short(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return clip(s, n) + "…"
}

// special are the characters to which Markdown or GitHub's additions to it
// (tables, strikethrough, formulas) give a meaning within a line.
const special = "\\`*_[]|~$"

// prose writes a text so that Markdown shows it as it is. Bare addresses still
// become links; names behind an @ do not notify anybody.
func prose(s string) string {
	var b strings.Builder
	for word := range strings.FieldsSeq(inline(s)) {
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		if strings.HasPrefix(word, "https://") && !strings.ContainsAny(word, "\\`*[]<>|~$@\"'") {
			b.WriteString(strings.ReplaceAll(word, "&", "&amp;"))
			continue
		}
		for _, c := range word {
			switch {
			case c == '&':
				b.WriteString("&amp;")
			case c == '<':
				b.WriteString("&lt;")
			case c == '@':
				b.WriteString("@<!-- -->")
			case strings.ContainsRune(special, c):
				b.WriteByte('\\')
				b.WriteRune(c)
			default:
				b.WriteRune(c)
			}
		}
	}
	return b.String()
}

// code writes a text as code within a line; "" stays empty.
func code(s string) string {
	s = short(inline(s), maxCell)
	switch {
	case s == "":
		return ""
	case strings.ContainsAny(s, "`|"):
		return "<code>" + prose(s) + "</code>"
	}
	return "`" + s + "`"
}
