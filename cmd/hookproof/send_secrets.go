package main

import (
	"encoding/base64"
	"encoding/json"
	"html"
	"net/url"
	"strings"
)

// secrets are the beginnings of what must not be shown, in lower case, in each
// form in which a receiver may give it back.
type secrets []string

// An answer may give a secret back cut off: its beginning counts as the whole.
// What is shorter than minSecret cannot be told from ordinary text.
const (
	minSecret = 4
	begun     = 6
)

// newSecrets knows a user's password, and what a query of the URL holds.
func newSecrets(user, pass string, query url.Values) secrets {
	var s secrets
	add := func(secret string) {
		if len(secret) >= minSecret {
			s = append(s, lowerASCII(secret[:min(len(secret), begun)]))
		}
	}
	plain := func(secret string) {
		quoted, _ := json.Marshal(secret) // of a string, which never fails
		for _, form := range []string{
			secret, url.QueryEscape(secret), url.PathEscape(secret), html.EscapeString(secret), string(quoted[1 : len(quoted)-1]),
		} {
			add(form)
		}
	}
	if pass != "" {
		plain(pass)
		for _, form := range []string{user + ":" + pass, ":" + pass, pass} {
			add(base64.StdEncoding.EncodeToString([]byte(form)))
		}
	}
	for _, values := range query {
		for _, v := range values {
			plain(v)
		}
	}
	return s
}

// withhold returns what is to be said, unless the text that it was taken from
// shows a secret.
func (s secrets) withhold(from, said string) string {
	from = lowerASCII(from)
	for _, secret := range s {
		if strings.Contains(from, secret) {
			return "(withheld: it repeats credentials)"
		}
	}
	return said
}

// lowerASCII leaves all but ASCII as it is, so that bytes that are no text stay too.
func lowerASCII(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}
