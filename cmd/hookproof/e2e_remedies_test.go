//go:build e2e

package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"hookproof/conformance"
)

const e2eRemedies = "testdata/e2e/remedies"

// e2eSnippet is a remedy in one language, for the programs that judge them.
type e2eSnippet struct {
	Name string `json:"name"`
	Code string `json:"code"`
}

// e2eSnippets returns the snippets of some stacks, each once.
func e2eSnippets(stacks ...string) []e2eSnippet {
	var all []e2eSnippet
	for _, c := range conformance.Suite() {
		for _, r := range conformance.Remedies(c.ID) {
			for _, s := range r.Snippets {
				name := r.Name
				if s.Stack == "django" {
					name += " (django)"
				}
				if slices.Contains(stacks, s.Stack) && !slices.ContainsFunc(all, func(e e2eSnippet) bool { return e.Name == name }) {
					all = append(all, e2eSnippet{name, s.Code})
				}
			}
		}
	}
	return all
}

// e2eJudge gives the snippets to a program, whose every line is a complaint.
func e2eJudge(t *testing.T, snippets []e2eSnippet, name string, args ...string) {
	t.Helper()
	for line := range strings.Lines(e2eComplaints(t, snippets, name, args...)) {
		t.Error(strings.TrimSpace(line))
	}
}

// TestE2ERemedies parses every fix that explain prints in its own language, and
// runs those that can be run without their framework.
func TestE2ERemedies(t *testing.T) {
	t.Parallel()
	if n := len(e2eSnippets("express")); n < 25 {
		t.Fatalf("%d families of remedies, want 25 or more", n)
	}
	for _, lang := range []struct {
		name, program, suffix string
		stacks                []string
	}{{"Express", "node", "js", []string{"express"}}, {"Python", "python3", "py", []string{"flask", "django"}}, {"PHP", "php", "php", []string{"php"}}} {
		t.Run(lang.name, func(t *testing.T) {
			t.Parallel()
			if _, err := exec.LookPath(lang.program); err != nil && lang.program == "php" && os.Getenv("HOOKPROOF_REQUIRE_PHP") == "" {
				t.Skip("php is not on PATH")
			}
			snippets := e2eSnippets(lang.stacks...)
			e2eJudge(t, snippets, lang.program, filepath.Join(e2eRemedies, "parse."+lang.suffix))
			e2eJudge(t, snippets, lang.program, filepath.Join(e2eRemedies, "behave."+lang.suffix))
			broken := []e2eSnippet{{"broken", "<?php function ( {"}}
			if out := e2eComplaints(t, broken, lang.program, filepath.Join(e2eRemedies, "parse."+lang.suffix)); !strings.HasPrefix(out, "broken: ") {
				t.Errorf("the parser says nothing of what does not parse: %q", out)
			}
		})
	}
	t.Run("Spring", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		var files []string
		for _, s := range append(e2eSnippets("spring"), e2eSnippet{"broken", "class {"}) {
			files = append(files, filepath.Join(dir, s.Name))
			if err := os.WriteFile(files[len(files)-1], []byte(s.Code), 0o600); err != nil {
				t.Fatal(err)
			}
			if got := e2eOpen(s.Code); got != "" && s.Name != "broken" {
				t.Errorf("%s leaves %s open", s.Name, got)
			}
		}
		if _, err := exec.LookPath("javac"); err != nil && os.Getenv("HOOKPROOF_REQUIRE_JDK") == "" {
			t.Log("no JDK: brackets were counted, and nothing parsed")
			return
		}
		out, err := exec.CommandContext(t.Context(), "java", append([]string{"-Xshare:auto", filepath.Join(e2eRemedies, "Parse.java")}, files...)...).CombinedOutput()
		if lines := strings.Split(strings.TrimSpace(string(out)), "\n"); err != nil || len(lines) != 1 || !strings.HasPrefix(lines[0], "broken: ") {
			t.Errorf("java: %v\n%s", err, out)
		}
	})
	t.Run("Go", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		write := func(name, text string) {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		imports := map[string]string{
			"auth": "crypto/sha256 crypto/subtle net/http", "content-type": "mime net/http", "bad-body": "encoding/json errors", "storage": "strings",
			"body-limit": "errors io net/http", "tolerant": "", "dedupe": "context database/sql", "order": "context database/sql", "errors": "log/slog net/http",
		}
		for _, s := range e2eSnippets("go") {
			paths, ok := imports[s.Name]
			if !ok {
				continue
			}
			var b strings.Builder
			b.WriteString("package main\n\n")
			for _, path := range strings.Fields(paths) {
				fmt.Fprintf(&b, "import %q\n", path)
			}
			write(s.Name+".go", b.String()+"\n"+s.Code)
			delete(imports, s.Name)
		}
		if len(imports) > 0 {
			t.Errorf("these remedies are gone: %v", imports)
		}
		program, err := os.ReadFile(filepath.Join(e2eRemedies, "behave.go.txt"))
		if err != nil {
			t.Fatal(err)
		}
		write("main.go", string(program))
		write("go.mod", "module behave\n\ngo 1.26\n")
		cmd := exec.CommandContext(t.Context(), "go", "run", ".")
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=")
		if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
			t.Errorf("go run: %v\n%s", err, out)
		}
	})
}

// e2eComplaints is what a program says about snippets.
func e2eComplaints(t *testing.T, snippets []e2eSnippet, name string, args ...string) string {
	t.Helper()
	in, err := json.Marshal(snippets)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Stdin = strings.NewReader(string(in))
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}

// e2eOpen returns the brackets that a snippet of Java leaves open, or closes
// without having opened them. Texts and comments of the remedies have their
// brackets in pairs.
func e2eOpen(code string) string {
	pairs := map[rune]rune{')': '(', ']': '[', '}': '{'}
	var open []rune
	for _, r := range code {
		if strings.ContainsRune("([{", r) {
			open = append(open, r)
		}
		if want, ok := pairs[r]; ok {
			if len(open) == 0 || open[len(open)-1] != want {
				return string(r)
			}
			open = open[:len(open)-1]
		}
	}
	return string(open)
}
