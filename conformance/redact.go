package conformance

import (
	"encoding/base64"
	"net/url"
	"strings"
)

const redacted = "[redacted]"

// minSecret is the length from which the beginning of a secret counts as the
// secret: an answer may show it cut or with something appended.
const minSecret = 6

// redactor removes secrets, whole or begun, in any mixture of cases, from
// whatever goes into a report.
type redactor struct{ secrets []string } // lower case, none shorter than 4 bytes

// newRedactor knows the credentials and the token-like parts of the target's query.
func newRedactor(o *Options, target *url.URL) *redactor {
	r := &redactor{}
	if o.Password != "" {
		r.add(o.Password)
		r.add(url.QueryEscape(o.Password))
		r.add(url.PathEscape(o.Password))
		for _, plain := range []string{o.Username + ":" + o.Password, o.Password, ":" + o.Password} {
			r.add(base64.StdEncoding.EncodeToString([]byte(plain)))
			r.add(base64.URLEncoding.EncodeToString([]byte(plain)))
		}
	}
	for name, values := range target.Query() {
		if tokenLike(name) {
			for _, v := range values {
				r.add(v)
				r.add(url.QueryEscape(v))
			}
		}
	}
	return r
}

// tokenLike tells whether a query parameter's name says that its value is a secret.
func tokenLike(name string) bool {
	name = strings.ToLower(name)
	for _, word := range []string{"token", "key", "secret", "pass", "pwd", "auth", "sig"} {
		if strings.Contains(name, word) {
			return true
		}
	}
	return false
}

// add registers a secret. One of fewer than 4 bytes cannot be told from
// ordinary text and would make a report unreadable without hiding anything.
func (r *redactor) add(secret string) {
	if len(secret) >= 4 {
		r.secrets = append(r.secrets, lower(secret))
	}
}

// clean returns s without secrets.
func (r *redactor) clean(s string) string {
	if len(r.secrets) == 0 || len(s) < 4 {
		return s
	}
	low := lower(s)
	var b strings.Builder
	kept := 0
	for i := 0; i < len(low); {
		n := r.match(low, i)
		if n == 0 {
			i++
			continue
		}
		b.WriteString(s[kept:i])
		b.WriteString(redacted)
		i += n
		kept = i
	}
	if kept == 0 {
		return s
	}
	b.WriteString(s[kept:])
	return b.String()
}

// match returns how many bytes of s at i belong to a secret.
func (r *redactor) match(s string, i int) int {
	longest := 0
	for _, secret := range r.secrets {
		if s[i] != secret[0] {
			continue
		}
		n := 1
		for n < len(secret) && i+n < len(s) && s[i+n] == secret[n] {
			n++
		}
		if n >= minSecret || n == len(secret) {
			longest = max(longest, n)
		}
	}
	return longest
}

// lower maps ASCII only, so that offsets stay those of the original, which may
// be no valid UTF-8.
func lower(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}
