package conformance

import (
	"go/format"
	"path"
	"slices"
	"strings"
	"testing"
)

func TestEveryCheckHasARemedy(t *testing.T) {
	for _, c := range Suite() {
		found := Remedies(c.ID)
		if len(found) == 0 {
			t.Errorf("%s has no remedy: name it in a file of the folder remedies", c.ID)
		}
		for _, r := range found {
			has := func(stacks ...string) bool {
				return slices.ContainsFunc(r.Snippets, func(s Snippet) bool { return slices.Contains(stacks, s.Stack) })
			}
			if !has("go") || !has("express") || !has("flask", "django") || !has("spring") || !has("php") {
				t.Errorf("%s: the remedy %s lacks a snippet in Go, Express, Flask or Django, Spring or PHP", c.ID, r.Name)
			}
		}
	}
	if got := Remedies("auth/no-such-check"); len(got) != 1 || got[0].Name != "auth" {
		t.Errorf("a new check of a group has %d remedies, want the one for the rest of the group", len(got))
	}
	if got := Remedies("nothing/at-all"); len(got) != 0 {
		t.Errorf("Remedies of an unknown group = %v, want none", got)
	}
}

func TestRemediesAreWhole(t *testing.T) {
	for _, r := range remedies() {
		if r.Mistake == "" || r.Fix == "" || len(r.checks) == 0 {
			t.Errorf("remedy %s lacks a mistake, a fix or checks", r.Name)
		}
		for _, glob := range append(r.checks, r.rest...) {
			if !slices.ContainsFunc(Suite(), func(c *Check) bool { ok, err := path.Match(glob, c.ID); return ok && err == nil }) {
				t.Errorf("remedy %s: %s matches no check", r.Name, glob)
			}
		}
		for _, s := range r.Snippets {
			if n := strings.Count(s.Code, "\n"); n < 1 || n > 30 {
				t.Errorf("remedy %s, %s: %d lines, want 1 to 30", r.Name, s.Stack, n)
			}
			for line := range strings.Lines(s.Code) {
				line = strings.TrimSuffix(line, "\n")
				if n := len([]rune(strings.ReplaceAll(line, "\t", "    "))); n > 140 || strings.TrimRight(line, " \t") != line {
					t.Errorf("remedy %s, %s: a line of %d columns, or with white space at its end: %s", r.Name, s.Stack, n, line)
				}
			}
		}
	}
}

// A snippet is declarations or statements; gofmt knows both.
func TestGoRemediesAreFormatted(t *testing.T) {
	for _, r := range remedies() {
		for _, s := range r.Snippets {
			if s.Stack != "go" {
				continue
			}
			if got, err := format.Source([]byte(s.Code)); err != nil {
				t.Errorf("remedy %s: %v", r.Name, err)
			} else if string(got) != s.Code {
				t.Errorf("remedy %s is not formatted by gofmt:\n%s", r.Name, got)
			}
		}
	}
}

func TestParseRemedyRefuses(t *testing.T) {
	for name, text := range map[string]string{
		"an unknown member": "mistake: a\nfixes: b\n-- go --\nx\n",
		"an unknown stack":  "mistake: a\n-- rust --\nx\n",
		"a stack twice":     "mistake: a\n-- go --\nx\n-- go --\ny\n",
	} {
		if _, err := parseRemedy("x", []byte(text)); err == nil {
			t.Errorf("parseRemedy accepts %s", name)
		}
	}
}
