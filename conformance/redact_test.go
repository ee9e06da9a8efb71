package conformance

import (
	"net/url"
	"strings"
	"testing"
)

func newTestRedactor(password string) *redactor {
	u, _ := url.Parse("https://example.com/hook?api_key=Kp3mZ8rT2w&page=7")
	return newRedactor(&Options{Username: "vendor", Password: password}, u)
}

func TestRedactorHidesWholeAndBegunSecrets(t *testing.T) {
	r := newTestRedactor("Zq7xWv93KdTm4pLs")
	for in, want := range map[string]string{
		"nothing to hide":                        "nothing to hide",
		"pass=Zq7xWv93KdTm4pLs.":                 "pass=[redacted].",
		"cut: Zq7xWv93Kd…":                       "cut: [redacted]…",
		"five: Zq7xW":                            "five: Zq7xW",
		"case: zQ7XwV93kDtM4PlS":                 "case: [redacted]",
		"longer: Zq7xWv93KdTm4pLsx":              "longer: [redacted]x",
		"twice Zq7xWv93KdTm4pLs Zq7xWv93KdTm":    "twice [redacted] [redacted]",
		"basic dmVuZG9yOlpxN3hXdjkzS2RUbTRwTHM=": "basic [redacted]",
		"the token Kp3mZ8rT2w":                   "the token [redacted]",
		"page 7":                                 "page 7",
		"\xffZq7xWv93KdTm4pLs\xfe":               "\xff[redacted]\xfe",
	} {
		if got := r.clean(in); got != want {
			t.Errorf("clean(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestRedactorKnowsASecretInAURL(t *testing.T) {
	r := newTestRedactor("p&ss=w rd/9Xy")
	for _, in := range []string{"p&ss=w rd/9Xy", "p%26ss%3Dw+rd%2F9Xy", "p&ss=w%20rd%2F9Xy"} {
		if got := r.clean("?q=" + in + "#"); got != "?q=[redacted]#" {
			t.Errorf("clean(%q) = %q, want it redacted", in, got)
		}
	}
}

func TestRedactorLeavesTextAloneThatAShortPasswordOccursIn(t *testing.T) {
	if got := newTestRedactor("b").clean("a body and a header"); got != "a body and a header" {
		t.Errorf("clean = %q, want the text unchanged", got)
	}
}

func FuzzRedactor(f *testing.F) {
	f.Add("Zq7xWv93KdTm4pLs", "x Zq7xWv93KdTm4pLs y")
	f.Add("aaaaaaaa", "aaaaaaaaaaaaaaaaaaaaaaa")
	f.Add("\xff\xfe\xfd\xfc\xfb\xfa", "\xff\xfe\xfd\xfc\xfb\xfa\xff")
	f.Fuzz(func(t *testing.T, password, text string) {
		if len(password) < minSecret || len(password) > 100 || len(text) > 1<<12 || strings.Contains(redacted, lower(password)[:minSecret]) {
			return // too short to be hidden, or part of the mark itself
		}
		got := newTestRedactor(password).clean(text + password + text)
		// A secret may end where a mark begins, so the marks are taken out first.
		for _, part := range strings.Split(got, redacted) {
			if strings.Contains(lower(part), lower(password)[:minSecret]) {
				t.Errorf("clean(…) = %q, which shows %q", got, password)
			}
		}
	})
}
