package delivery

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"html"
	"net/url"
	"slices"
)

// Add makes secrets known, in every form but base64. Those of fewer than 4
// bytes are not hidden: they cannot be told from ordinary text.
func (r *Redactor) Add(secrets ...string) {
	for _, secret := range secrets {
		for _, form := range []string{
			secret, url.QueryEscape(secret), url.PathEscape(secret), html.EscapeString(secret),
			quoted(secret, true), quoted(secret, false),
		} {
			r.add(form)
		}
	}
}

// AddCredentials makes a password of Basic auth known, in base64 as well, with its
// username and without.
func (r *Redactor) AddCredentials(username, password string) {
	if password == "" {
		return
	}
	r.Add(password)
	for _, plain := range []string{username + ":" + password, password, ":" + password} {
		r.addBase64(plain)
	}
}

// addBase64 makes a secret known in base64, for URLs and otherwise. The
// padding needs no care: a form without it is the beginning of one with it.
func (r *Redactor) addBase64(secret string) {
	r.add(base64.StdEncoding.EncodeToString([]byte(secret)))
	r.add(base64.URLEncoding.EncodeToString([]byte(secret)))
}

// quoted is a text as it stands in JSON, between the quotes. Some encoders
// escape what HTML gives a meaning to, some do not.
func quoted(text string, escapeHTML bool) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(escapeHTML)
	_ = e.Encode(text)                      // of a string, which never fails
	return string(b.Bytes()[1 : b.Len()-2]) // without the quotes and the line's end
}

func (r *Redactor) add(form string) {
	b := []byte(form)
	for i, c := range b {
		b[i] = lower(c)
	}
	form = string(b)
	if len(form) < minSecret || slices.Contains(r.secrets, form) {
		return
	}
	r.secrets = append(r.secrets, form)
	for c := range len(r.begins) {
		if lower(byte(c)) == form[0] {
			r.begins[c] = true
		}
	}
}
