package main

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestNearestSuggestsWhatWasMeant(t *testing.T) {
	known := []string{"certify", "demo", "listen", "validate", "auth/prefix", "auth/suffix"}
	for _, tt := range []struct{ typed, want string }{
		{"certfy", "certify"},
		{"crtify", "certify"},
		{"lisetn", "listen"},
		{"prefix", "auth/prefix"},
		{"fix", ""}, // two contain it
		{"d", ""},
		{"", ""},
		{"zzz", ""},
		{strings.Repeat("certify", 100), ""},
	} {
		if got := nearest(tt.typed, known); got != tt.want {
			t.Errorf("nearest(%.20q) = %q, want %q", tt.typed, got, tt.want)
		}
	}
}

func TestEitherListsWords(t *testing.T) {
	for _, tt := range []struct {
		words []string
		want  string
	}{{nil, ""}, {[]string{"a"}, "a"}, {[]string{"a", "b"}, "a or b"}, {[]string{"a", "b", "c"}, "a, b or c"}} {
		if got := either(tt.words); got != tt.want {
			t.Errorf("either(%q) = %q, want %q", tt.words, got, tt.want)
		}
	}
}

func FuzzPrintable(f *testing.F) {
	for _, s := range []string{"plain", "é 👩‍👧", "\x1b[31m", "a\nb", "\xff", "\u202e", "\u2028"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, got := range []string{printable(s), abridged(s)} {
			if !utf8.ValidString(got) || strings.ContainsFunc(got, control) {
				t.Fatalf("%q became %q", s, got)
			}
		}
	})
}

func TestCredentialsAreNeverShown(t *testing.T) {
	none := func(string) string { return "" }
	for _, tt := range []struct {
		name, flag, variable string
		given                bool
		user, pass, problem  string
	}{
		{"flag", "u:p", "x:y", true, "u", "p", ""},
		{"variable", "", "x:y", false, "x", "y", ""},
		{"colons in the password", "u:p:q", "", true, "u", "p:q", ""},
		{"nothing", "", "", false, "", "", ""},
		{"an empty flag over the variable", "", "x:y", true, "", "", "--auth is empty: want USER:PASS"},
		{"no colon", "topsecret", "", true, "", "", "--auth: want USER:PASS, got no colon"},
		{"no colon in the variable", "", "topsecret", false, "", "", "AUTH: want USER:PASS, got no colon"},
		{"no user", ":topsecret", "", true, "", "", "--auth: want USER:PASS with neither part empty"},
		{"a line break", "u:topsecret\n", "", true, "", "", "--auth: want no control characters, such as a line break at the end"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := &credentials{flag: "--auth", variable: "AUTH"}
			if tt.given {
				if err := c.Set(tt.flag); err != nil {
					t.Fatal(err)
				}
			}
			env := none
			if tt.variable != "" {
				env = func(name string) string { return map[string]string{"AUTH": tt.variable}[name] }
			}
			user, pass, err := c.split(env)
			if tt.problem != "" {
				if err == nil || err.Error() != tt.problem {
					t.Errorf("error %v, want %s", err, tt.problem)
				}
				return
			}
			if err != nil || user != tt.user || pass != tt.pass {
				t.Errorf("got %q, %q, error %v, want %q, %q", user, pass, err, tt.user, tt.pass)
			}
			if c.String() != "" {
				t.Errorf("shown as %q", c.String())
			}
		})
	}
}

func TestEveryVerbHasHelpWithAnExample(t *testing.T) {
	var out, errs bytes.Buffer
	p := &program{stdin: strings.NewReader(""), stdout: &out, stderr: &errs, getenv: func(string) string { return "" }}
	for _, cmd := range p.root().Commands() {
		if cmd.Short == "" || !strings.HasPrefix(cmd.Example, "  ") || !strings.Contains(cmd.Example, "hookproof") {
			t.Errorf("%s: short %q, example %q", cmd.Name(), cmd.Short, cmd.Example)
		}
		if cmd.Name() == "help" {
			continue
		}
		out.Reset()
		if got := run(t.Context(), []string{cmd.Name(), "--help"}, nil, &out, &errs, p.getenv); got != statusFine {
			t.Errorf("%s --help: status %d", cmd.Name(), got)
		}
		for line := range strings.Lines(out.String()) {
			if n := utf8.RuneCountInString(strings.TrimRight(line, "\n")); n > 110 {
				t.Errorf("%s --help: a line of %d columns: %s", cmd.Name(), n, line)
			}
		}
	}
	if errs.Len() > 0 {
		t.Errorf("help says on standard error: %s", errs.String())
	}
}
