package delivery

import (
	"net/url"
	"strings"
)

// Redacted stands where a secret was.
const Redacted = "[redacted]"

// Lengths of secrets, in bytes.
const (
	// minSecret is the least that is hidden: what is shorter cannot be told from
	// ordinary text and would make it unreadable without hiding anything.
	minSecret = 4
	// begunSecret is how much of the beginning of a secret counts as the secret:
	// a text may show it cut, or with something appended.
	begunSecret = 6
)

// Redactor knows secrets and removes them, whole or begun and in any mixture of
// cases, from what is going to be shown. The zero value knows none. It is safe for
// concurrent use once everything is added.
type Redactor struct {
	secrets []string  // ASCII in lower case, none shorter than minSecret
	begins  [256]bool // bytes that one of them begins with, in both cases
}

// NewRedactor knows a password of Basic auth and the parameters of a URL's query
// that are tokens by their names, in the forms in which a receiver may give them
// back: as they are, escaped for URLs, HTML or JSON, and the credentials in base64.
func NewRedactor(username, password string, query url.Values) *Redactor {
	r := &Redactor{}
	r.AddCredentials(username, password)
	for name, values := range query {
		if tokenLike(name) {
			r.Add(values...)
		}
	}
	return r
}

// tokenLike tells whether a query parameter's name says that its value is a secret.
func tokenLike(name string) bool {
	name = strings.ToLower(name)
	for _, word := range []string{"token", "key", "code", "secret", "pass", "pwd", "auth", "sig"} {
		if strings.Contains(name, word) {
			return true
		}
	}
	return false
}

// Shows tells whether a text has a secret in it.
func (r *Redactor) Shows(text string) bool {
	_, end := next(r, text, 0)
	return end > 0
}

// Clean returns a text without secrets.
func (r *Redactor) Clean(text string) string {
	start, end := next(r, text, 0)
	if end == 0 {
		return text
	}
	var b strings.Builder
	kept := 0
	for end > 0 {
		b.WriteString(text[kept:start])
		b.WriteString(Redacted)
		kept = end
		start, end = next(r, text, kept)
	}
	b.WriteString(text[kept:])
	return b.String()
}

// CleanBytes is Clean for bytes. It returns text itself if there is nothing to
// hide, and changes nothing in it.
func (r *Redactor) CleanBytes(text []byte) []byte {
	if _, end := next(r, text, 0); end == 0 {
		return text
	}
	return []byte(r.Clean(string(text)))
}

// next finds the first stretch of text from i on that belongs to a secret, or to
// several that overlap; end is 0 if there is none.
func next[T string | []byte](r *Redactor, text T, i int) (start, end int) {
	for ; i < len(text) && (end == 0 || i < end); i++ {
		n := longest(r, text, i)
		if n > 0 && end == 0 {
			start = i
		}
		if n > 0 {
			end = max(end, i+n)
		}
	}
	return start, end
}

// longest returns how many bytes of text at i belong to a secret that begins there.
func longest[T string | []byte](r *Redactor, text T, i int) int {
	if !r.begins[text[i]] {
		return 0
	}
	most := 0
	for _, secret := range r.secrets {
		n := 0
		for n < len(secret) && i+n < len(text) && lower(text[i+n]) == secret[n] {
			n++
		}
		if n >= begunSecret || n == len(secret) {
			most = max(most, n)
		}
	}
	return most
}

// lower maps ASCII only, so that bytes that are no text stay what they are.
func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}
