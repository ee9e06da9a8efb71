package delivery_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"hookproof/mockserver/delivery"
)

func redactor(password string) *delivery.Redactor {
	return delivery.NewRedactor("vendor", password, url.Values{"api_key": {"Kp3mZ8rT2w"}, "page": {"7777"}})
}

func TestRedactorHidesWholeAndBegunSecrets(t *testing.T) {
	r := redactor("Zq7xWv93KdTm4pLs")
	for in, want := range map[string]string{
		"":                                       "",
		"nothing to hide":                        "nothing to hide",
		"pass=Zq7xWv93KdTm4pLs.":                 "pass=[redacted].",
		"cut: Zq7xWv93Kd…":                       "cut: [redacted]…",
		"six: Zq7xWv":                            "six: [redacted]",
		"five: Zq7xW":                            "five: Zq7xW",
		"case: zQ7XwV93kDtM4PlS":                 "case: [redacted]",
		"longer: Zq7xWv93KdTm4pLsx":              "longer: [redacted]x",
		"twice Zq7xWv93KdTm4pLs Zq7xWv93KdTm":    "twice [redacted] [redacted]",
		"beside Zq7xWv93KdTm4pLsZq7xWv93KdTm4":   "beside [redacted][redacted]",
		"basic dmVuZG9yOlpxN3hXdjkzS2RUbTRwTHM=": "basic [redacted]",
		"the token Kp3mZ8rT2w":                   "the token [redacted]",
		"page 7777":                              "page 7777",
		"\xffZq7xWv93KdTm4pLs\xfe":               "\xff[redacted]\xfe",
	} {
		if got := r.Clean(in); got != want {
			t.Errorf("Clean(%q) = %q, want %q", in, got, want)
		}
		b := []byte(in)
		if got := r.CleanBytes(b); string(got) != want || string(b) != in {
			t.Errorf("CleanBytes(%q) = %q, want %q", in, got, want)
		}
		if got := r.Shows(in); got != (in != want) {
			t.Errorf("Shows(%q) = %t", in, got)
		}
	}
}

func TestRedactorKnowsTokensOfAQueryByTheirNames(t *testing.T) {
	for name, secret := range map[string]bool{
		"token": true, "access_token": true, "apiKey": true, "code": true, "client-secret": true, "Password": true, "pwd": true, "auth": true, "sig": true,
		"page": false, "team": false, "": false,
	} {
		r := delivery.NewRedactor("", "", url.Values{name: {"other", "Kp3mZ8rT2w"}})
		if got := r.Shows("a=Kp3mZ8rT2w"); got != secret {
			t.Errorf("%s: got hidden %t, want %t", name, got, secret)
		}
	}
}

func TestRedactorHidesSecretsThatOverlap(t *testing.T) {
	r := new(delivery.Redactor)
	r.Add("abcdefgh", "efghijkl", "short", "abc")
	for in, want := range map[string]string{
		"<abcdefghijkl>": "<[redacted]>",
		"<efghijkl>":     "<[redacted]>",
		"shorts":         "[redacted]s",
		"shor":           "shor", // begun by fewer than six
		"abc":            "abc",  // too short to be told from text
	} {
		if got := r.Clean(in); got != want {
			t.Errorf("Clean(%q) = %q, want %q", in, got, want)
		}
	}
}

// TestRedactorKnowsTheFormsOfASecret in which a receiver may give it back.
func TestRedactorKnowsTheFormsOfASecret(t *testing.T) {
	const password = `<"p&ss=w rd/9Xy">`
	r := redactor(password)
	inJSON, err := json.Marshal(password)
	if err != nil {
		t.Fatal(err)
	}
	for name, form := range map[string]string{
		"itself": password, "in a query": url.QueryEscape(password), "in a path": url.PathEscape(password), "in HTML": html.EscapeString(password),
		"in JSON": string(inJSON[1 : len(inJSON)-1]), "in JSON by JavaScript": `<\"p&ss=w rd/9Xy\">`,
		"base64":              base64.StdEncoding.EncodeToString([]byte(password)),
		"base64 for URLs":     base64.RawURLEncoding.EncodeToString([]byte(password)),
		"credentials":         base64.StdEncoding.EncodeToString([]byte("vendor:" + password)),
		"without a user":      base64.StdEncoding.EncodeToString([]byte(":" + password)),
		"credentials, no pad": base64.RawStdEncoding.EncodeToString([]byte("vendor:" + password)),
	} {
		if got := r.Clean("?q=" + form + "#"); got != "?q=[redacted]#" {
			t.Errorf("%s: Clean(%q) = %q, want it redacted", name, form, got)
		}
	}
}

func TestRedactorLeavesTextAloneThatAShortPasswordOccursIn(t *testing.T) {
	const text = "a body and a header"
	for _, r := range []*delivery.Redactor{redactor("b"), redactor("and"), redactor(""), new(delivery.Redactor)} {
		if got := r.Clean(text); got != text || r.Shows(text) {
			t.Errorf("Clean = %q, want the text unchanged", got)
		}
	}
}

func TestRedactorHidesWhatHeadersAreSecret(t *testing.T) {
	r := redactor("Zq7xWv93KdTm4pLs")
	in := http.Header{
		"Authorization":       {"Basic dmVuZG9yOm90aGVy", "Bearer", "basic", "", "tok3n-of-an0ther"},
		"authorization":       {"Digest username=x"}, // as written to a map
		"Proxy-Authorization": {"Basic x"},
		"Cookie":              {"session=abc; theme=dark", "bare"},
		"Set-Cookie":          {"session=abc=; Path=/; HttpOnly", "=; Path=/"},
		"X-Zq7xwv93kdtm4pls":  {"name"},
		"X-Echo":              {"got Zq7xWv93KdTm4pLs"},
		"Content-Type":        {"application/json"},
	}
	want := http.Header{
		"Authorization":       {"Basic [redacted]", "Bearer", "basic", "", "[redacted]"},
		"authorization":       {"Digest [redacted]"},
		"Proxy-Authorization": {"Basic [redacted]"},
		"Cookie":              {"session=[redacted]; theme=[redacted]", "[redacted]"},
		"Set-Cookie":          {"session=[redacted]; Path=/; HttpOnly", "=[redacted]; Path=/"},
		"X-[redacted]":        {"name"},
		"X-Echo":              {"got [redacted]"},
		"Content-Type":        {"application/json"},
	}
	before := in.Clone()
	if got := r.Header(in); !reflect.DeepEqual(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if !reflect.DeepEqual(in, before) {
		t.Error("Header changed what it was given")
	}
}

func FuzzRedactor(f *testing.F) {
	f.Add("Zq7xWv93KdTm4pLs", "x Zq7xWv93KdTm4pLs y")
	f.Add("aaaaaaaa", "aaaaaaaaaaaaaaaaaaaaaaa")
	f.Add("\xff\xfe\xfd\xfc\xfb\xfa", "\xff\xfe\xfd\xfc\xfb\xfa\xff")
	f.Add("v0nd", "päss wörd")
	f.Fuzz(func(t *testing.T, password, text string) {
		if len(password) < 4 || len(password) > 100 || len(text) > 1<<12 {
			return
		}
		r := delivery.NewRedactor("vendor", password, nil)
		begun := asciiLower(password[:min(len(password), 6)])
		for _, in := range []string{text + password + text, text + asciiLower(password), begun + text} {
			if !r.Shows(in) {
				t.Errorf("Shows(%q) = false for the password %q", in, password)
			}
			got := r.Clean(in)
			if string(r.CleanBytes([]byte(in))) != got {
				t.Errorf("CleanBytes(%q) is not Clean", in)
			}
			// A secret may end where a mark begins, so the marks are taken out first.
			for _, part := range strings.Split(got, delivery.Redacted) {
				if strings.Contains(asciiLower(part), begun) && !strings.Contains(delivery.Redacted, begun) {
					t.Errorf("Clean(%q) = %q, which shows %q", in, got, password)
				}
			}
		}
	})
}

// asciiLower leaves bytes that are no text as they are.
func asciiLower(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}

func ExampleRedactor() {
	r := delivery.NewRedactor("vendor", "Tr0ubadour", nil)
	fmt.Println(r.Clean("401: vendor:Tr0ubadour is unknown, so is Tr0ubad…"))
	// Output: 401: vendor:[redacted] is unknown, so is [redacted]…
}

// BenchmarkRedactor has nothing to hide in an event, as is usual.
func BenchmarkRedactor(b *testing.B) {
	r := redactor("Zq7xWv93KdTm4pLs")
	b.ReportAllocs()
	for b.Loop() {
		r.CleanBytes(event)
	}
}
