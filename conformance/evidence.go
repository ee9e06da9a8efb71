package conformance

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"
)

// Sizes of the evidence in a report, in bytes.
const (
	maxShown  = 2 << 10 // of a body
	maxInline = 4 << 10 // of a body in a curl line
	maxHeader = 512     // of a header's value
)

// exchange turns a delivery into evidence, without secrets.
func (s *session) exchange(x *sent) *Exchange {
	a := &x.attempt
	e := &Exchange{
		Method: a.Method, URL: s.red.Clean(a.URL), Headers: s.headers(a.Header),
		Body: s.shown(a.Body), BodySize: len(a.Body),
		Status: a.Status, Answer: s.headers(a.Answer), Text: s.shown(a.Text), TextSize: a.TextSize,
		Connect: rounded(a.Timing.DNS + a.Timing.Connect + a.Timing.TLS), Time: rounded(a.Timing.LastByte),
		Remote: a.Remote, Protocol: a.Proto,
	}
	if a.Failure != "" {
		e.Failure = s.red.Clean(fmt.Sprintf("%s: %v", a.Failure, a.Err))
	}
	return e
}

// shown cuts a body after cleaning it, so that no cut leaves half a secret.
func (s *session) shown(body []byte) string {
	return cut(strings.ToValidUTF8(s.red.Clean(string(body)), "�"), maxShown)
}

func cut(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	for limit > 0 && !utf8.RuneStart(text[limit]) {
		limit--
	}
	return text[:limit] + "…"
}

func (s *session) headers(h http.Header) []Header {
	list := []Header{}
	for name, values := range s.red.Header(h) {
		for _, v := range values {
			list = append(list, Header{name, cut(strings.ToValidUTF8(v, "�"), maxHeader)})
		}
	}
	slices.SortStableFunc(list, func(a, b Header) int { return strings.Compare(a.Name, b.Name) })
	return list
}

// implied are the headers that a curl line gives in another way or not at all.
var implied = []string{"Authorization", "Content-Type", "User-Agent", "Content-Length"}

// curl writes a command that repeats a delivery; it takes the credentials from
// the environment.
func (s *session) curl(x *sent) string {
	a := &x.attempt
	var b strings.Builder
	b.WriteString("curl -i")
	if s.target.Scheme == "https" {
		b.WriteString(" --http1.1") // as the probe; curl would prefer HTTP/2
	}
	if x.probe.shell != "" {
		b.WriteString(" " + x.probe.shell)
	}
	if a.Method != http.MethodPost || len(a.Body) == 0 {
		b.WriteString(" -X " + a.Method)
	}
	switch {
	case x.probe.auth.shell != "":
		b.WriteString(" " + x.probe.auth.shell)
	case !x.probe.auth.custom && s.opts.authenticated():
		b.WriteString(` -u "$WEBHOOK_USER:$WEBHOOK_PASS"`)
	}
	for _, h := range s.headers(a.Header) {
		name := http.CanonicalHeaderKey(h.Name)
		switch {
		case name == "Content-Type":
			b.WriteString(" -H " + quote(h.Name+": "+h.Value))
		case h.Name == name && slices.Contains(implied, name), name == "Authorization":
		default:
			b.WriteString(" -H " + quote(h.Name+": "+h.Value))
		}
	}
	switch {
	case len(a.Body) == 0:
	case len(a.Body) > maxInline || bytes.IndexByte(a.Body, 0) >= 0:
		b.WriteString(" --data-binary @event.json")
	default:
		b.WriteString(" --data-binary " + quote(s.red.Clean(string(a.Body))))
	}
	b.WriteString(" " + quote(s.red.Clean(a.URL)))
	return strings.ToValidUTF8(b.String(), "�")
}

// quote makes one shell word.
func quote(s string) string {
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
