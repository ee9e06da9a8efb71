package main

import (
	"bytes"
	"flag"
	"io"
	"os"
	"slices"
	"testing"

	"hookproof/conformance"
	"hookproof/schemas"
)

var update = flag.Bool("update", false, "rewrite the generated parts of the README")

const readme = moduleAt + "/README.md"

// TestReadme demands that the README's tables are those that the program
// prints; go generate brings them up to date.
func TestReadme(t *testing.T) {
	old, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	var triggers, checks bytes.Buffer
	if err := writeTriggersMarkdown(&triggers, slices.Collect(schemas.Triggers())); err != nil {
		t.Fatal(err)
	}
	if err := writeChecksMarkdown(&checks, conformance.Suite()); err != nil {
		t.Fatal(err)
	}
	text := splice(t, old, "triggers", triggers.Bytes())
	text = splice(t, text, "checks", checks.Bytes())
	for part, write := range map[string]func(*testing.T, io.Writer){
		"world": readmeWorld, "scenarios": readmeScenarios, "drift": readmeDrift, "rules": readmeRules,
	} {
		var b bytes.Buffer
		write(t, &b)
		text = splice(t, text, part, b.Bytes())
	}
	if bytes.Equal(text, old) {
		return
	}
	if !*update {
		t.Fatal("README.md is stale: run go generate ./cmd/hookproof")
	}
	if err := os.WriteFile(readme, text, 0o666); err != nil {
		t.Fatal(err)
	}
}

// splice replaces what is between the markers of a part.
func splice(t *testing.T, text []byte, part string, content []byte) []byte {
	t.Helper()
	begin, end := []byte("<!-- "+part+":begin -->"), []byte("<!-- "+part+":end -->")
	head, rest, found := bytes.Cut(text, begin)
	_, tail, ended := bytes.Cut(rest, end)
	if !found || !ended || bytes.Contains(head, end) || bytes.Contains(tail, begin) {
		t.Fatalf("README.md: want one %s and one %s after it", begin, end)
	}
	return slices.Concat(head, begin, []byte("\n\n"), content, []byte("\n"), end, tail)
}
