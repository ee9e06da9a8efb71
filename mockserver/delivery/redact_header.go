package delivery

import (
	"net/http"
	"strings"
)

// Header returns a copy of a header without secrets, names included. Of
// credentials it keeps the scheme, of cookies the name and what is said about them.
func (r *Redactor) Header(h http.Header) http.Header {
	shown := make(http.Header, len(h))
	for name, values := range h {
		to := r.Clean(name)
		for _, v := range values {
			switch http.CanonicalHeaderKey(name) {
			case "Authorization", "Proxy-Authorization":
				v = hideCredentials(v)
			case "Cookie":
				v = hideCookies(v, len(v))
			case "Set-Cookie":
				v = hideCookies(v, 1)
			}
			shown[to] = append(shown[to], r.Clean(v))
		}
	}
	return shown
}

// hideCredentials keeps the scheme. A word alone is one only if it is a known
// one: it could be the secret itself.
func hideCredentials(value string) string {
	scheme, token, _ := strings.Cut(value, " ")
	switch {
	case token != "":
		return scheme + " " + Redacted
	case scheme == "", strings.EqualFold(scheme, "Basic"), strings.EqualFold(scheme, "Bearer"):
		return scheme
	default:
		return Redacted
	}
}

// hideCookies hides the values of the first n parts between semicolons.
func hideCookies(value string, n int) string {
	parts := strings.Split(value, ";")
	for i, part := range parts[:min(n, len(parts))] {
		name, _, found := strings.Cut(part, "=")
		switch {
		case found:
			parts[i] = name + "=" + Redacted
		case strings.TrimSpace(part) != "":
			parts[i] = Redacted
		}
	}
	return strings.Join(parts, ";")
}
