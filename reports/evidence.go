package reports

import (
	"cmp"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"
	"unicode"

	"hookproof/conformance"
)

// part is one direction of an exchange, cleaned.
type part struct {
	first   string   // request line, or status with timing
	headers []string // "Name: value"
	body    string
	note    string // on the size of the body
}

// text joins a part as it would look on the wire.
func (p part) text() string {
	lines := append([]string{p.first}, p.headers...)
	if p.body != "" {
		lines = append(lines, "", p.body)
	}
	return strings.Join(lines, "\n")
}

// sent describes the request of an exchange.
func sent(x *conformance.Exchange) part {
	return part{
		first:   inline(x.Method + " " + x.URL),
		headers: headerLines(x.Headers),
		body:    strings.Trim(block(x.Body), "\n"),
		note:    sizeNote(len(x.Body), int64(x.BodySize)),
	}
}

// received describes what came back.
func received(x *conformance.Exchange) part {
	return part{
		first:   statusLine(x),
		headers: headerLines(x.Answer),
		body:    strings.Trim(block(x.Text), "\n"),
		note:    sizeNote(len(x.Text), x.TextSize),
	}
}

func headerLines(headers []conformance.Header) []string {
	lines := make([]string, 0, len(headers))
	for _, h := range headers {
		lines = append(lines, inline(h.Name+": "+h.Value))
	}
	return lines
}

// statusLine says what answered, how fast and from where, or why nothing did.
func statusLine(x *conformance.Exchange) string {
	failure := inline(x.Failure)
	if x.Status == 0 {
		return "no answer: " + cmp.Or(failure, "no reason known")
	}
	said := []string{status(x.Status)}
	if t := span(x.Time); t != "" {
		said[0] += " after " + t
	}
	if t := span(x.Connect); t != "" {
		said = append(said, t+" to connect")
	}
	if from := strings.TrimSpace(inline(x.Protocol) + " from " + inline(x.Remote)); x.Remote != "" {
		said = append(said, from)
	} else if x.Protocol != "" {
		said = append(said, inline(x.Protocol))
	}
	if failure != "" {
		said = append(said, "then "+failure)
	}
	return strings.Join(said, ", ")
}

// status is a status code with its phrase from the standard, never the
// receiver's own words.
func status(code int) string {
	return strings.TrimSpace(fmt.Sprintf("%d %s", code, http.StatusText(code)))
}

// sizeNote says how much of a body there is and whether all of it is shown.
func sizeNote(shown int, size int64) string {
	switch {
	case size == 0 && shown == 0:
		return "no body"
	case int64(shown) < size:
		return fmt.Sprintf("body of %s, cut", bytesText(size))
	default:
		return "body of " + bytesText(int64(shown))
	}
}

// plural counts things: "1 request", "2 requests".
func plural(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

func bytesText(n int64) string {
	switch {
	case n < 10<<10:
		return plural(int(n), "byte")
	case n < 10<<20:
		return fmt.Sprintf("%d KiB", n>>10)
	default:
		return fmt.Sprintf("%d MiB", n>>20)
	}
}

// command is the lines of a curl command, whole or not at all: half of one
// could not be run.
func command(curl string) []string {
	if len(curl) > maxText {
		return []string{"# a command of " + bytesText(int64(len(curl))) + ", which is in the JSON report"}
	}
	var lines []string
	for line := range strings.SplitSeq(strings.TrimSpace(block(curl)), "\n") {
		lines = append(lines, strings.TrimRightFunc(line, unicode.IsSpace))
	}
	return lines
}

// measures lists the figures of a check: "p95 41.2 ms, samples 20".
func measures(all []conformance.Measure) string {
	said := make([]string, 0, len(all))
	for _, m := range all {
		said = append(said, strings.TrimSpace(fmt.Sprintf("%s %s %s", inline(m.Name), number(m.Value), inline(m.Unit))))
	}
	return strings.Join(said, ", ")
}

// number writes a figure to two decimals, or in powers of ten where that would be long.
func number(v float64) string {
	if math.Abs(v) < 1e9 {
		return strconv.FormatFloat(math.Round(v*100)/100, 'f', -1, 64)
	}
	return strconv.FormatFloat(v, 'g', 6, 64)
}

// basis names where a requirement comes from: "documented, observed: https://…".
func basis(res conformance.Result) string {
	names := make([]string, 0, len(res.Basis))
	for _, b := range res.Basis {
		names = append(names, inline(string(b)))
	}
	said := strings.Join(names, ", ")
	if source := inline(res.Source); source != "" {
		if said == "" {
			return source
		}
		return said + ": " + source
	}
	return said
}

// outcome says what became of a check, in words.
func outcome(o conformance.Outcome) string {
	switch o {
	case conformance.Passed:
		return "passed"
	case conformance.Failed:
		return "failed"
	case conformance.Warned:
		return "warning"
	case conformance.Informed:
		return "information"
	case conformance.Skipped:
		return "skipped"
	case conformance.NotSelected:
		return "not selected"
	case conformance.Inconclusive:
		return "inconclusive"
	case conformance.Errored:
		return "not tried, by a fault of hookproof"
	}
	return inline(string(o))
}

// reason is the reason of an outcome, with how often it was tried again.
func reason(res conformance.Result) string {
	said := inline(res.Reason)
	if res.Retries > 0 {
		said = strings.TrimSpace(said + fmt.Sprintf(" (tried %d times)", res.Retries+1))
	}
	return said
}
