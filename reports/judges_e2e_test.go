//go:build e2e

package reports_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"hookproof/conformance"
)

// judges installs what judges reports and is not ours, once, outside of the checkout: the
// npm packages that testdata/judges locks.
var judges = sync.OnceValues(func() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(cache, "hookproof-tools", "report-judges")
	lock, err := os.ReadFile("testdata/judges/package-lock.json")
	if err != nil {
		return "", err
	}
	installed := filepath.Join(dir, "installed.json") // the lock that the packages are of
	if was, err := os.ReadFile(installed); err == nil && bytes.Equal(was, lock) {
		return dir, nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	for _, name := range []string{"package.json", "package-lock.json"} {
		b, err := os.ReadFile(filepath.Join("testdata/judges", name))
		if err != nil {
			return "", err
		}
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o644); err != nil {
			return "", err
		}
	}
	cmd := exec.Command("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("npm ci: %w\n%s", err, out)
	}
	return dir, os.WriteFile(installed, lock, 0o644)
})

// judge returns the path of a file of a package.
func judge(t *testing.T, elements ...string) string {
	t.Helper()
	dir, err := judges()
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(append([]string{dir, "node_modules"}, elements...)...)
}

// foreignSchema compiles a schema, with those beside it by their names.
func foreignSchema(t *testing.T, file string) *jsonschema.Schema {
	t.Helper()
	c := jsonschema.NewCompiler()
	c.AssertFormat = true
	beside, err := filepath.Glob(filepath.Join(filepath.Dir(file), "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range beside {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var schema map[string]any
		if err := json.Unmarshal(b, &schema); err != nil {
			t.Fatal(err)
		}
		delete(schema, "id")
		delete(schema, "$id")
		if b, err = json.Marshal(schema); err != nil {
			t.Fatal(err)
		}
		if err := c.AddResource("https://schemas.invalid/"+filepath.Base(name), bytes.NewReader(b)); err != nil {
			t.Fatal(err)
		}
	}
	s, err := c.Compile("https://schemas.invalid/" + filepath.Base(file))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// judged are the reports that foreign judges see: those of runs, and hostile ones.
func judged() []sample {
	all := samples()
	for i, hostile := range hostileStrings {
		all = append(all, sample{fmt.Sprintf("hostile-%d", i), poisoned(hostile)})
	}
	return all
}

func TestE2EReportsFitTheirOfficialSchemas(t *testing.T) {
	for _, c := range []struct{ format, file, drop string }{
		{"sarif", judge(t, "@microsoft", "jest-sarif", "lib", "schemas", "sarif-2.1.0-rtm.5.json"), "version"},
		{"ctrf", judge(t, "ctrf", "dist", "ctrf-schema-0.0.json"), "reportFormat"},
		{"har", judge(t, "har-schema", "lib", "har.json"), "log"},
	} {
		schema := foreignSchema(t, c.file)
		for _, s := range judged() {
			if c.format == "har" && strings.HasPrefix(s.name, "hostile") {
				continue // the URL of such a report is none
			}
			if err := schema.Validate(decode(t, write(t, mustLookup(t, c.format), s.report))); err != nil {
				t.Errorf("%s of %s: %#v", c.format, s.name, err)
			}
		}
		broken := decode(t, write(t, mustLookup(t, c.format), failing())).(map[string]any)
		delete(broken, c.drop)
		if schema.Validate(broken) == nil {
			t.Errorf("the schema of %s takes a report without %s", c.format, c.drop)
		}
	}
}

// TestE2ETAPIsRead by a parser of others, which counts as we do and complains of nothing.
func TestE2ETAPIsRead(t *testing.T) {
	parser := judge(t, ".bin", "tap-parser")
	for _, s := range judged() {
		cmd := exec.Command(parser, "-j", "0", "--strict")
		cmd.Stdin = bytes.NewReader(write(t, mustLookup(t, "tap"), s.report))
		out, _ := cmd.Output() // its status is that of the tests
		var events [][]any
		if err := json.Unmarshal(out, &events); err != nil {
			t.Fatalf("%s: %v: %.200s", s.name, err, out)
		}
		at := slices.IndexFunc(events, func(e []any) bool { return e[0] == "complete" })
		if at < 0 {
			t.Fatalf("%s: the parser came to no end: %.200s", s.name, out)
		}
		complete := events[at][1].(map[string]any)
		points := float64(len(s.report.Results) + len(s.report.WaiverProblems))
		if complete["count"] != points || len(complete["failures"].([]any)) != tapFailures(s.report) {
			t.Errorf("%s: %v tests and the failures %v, want %v and %d", s.name, complete["count"], complete["failures"], points, tapFailures(s.report))
		}
	}
}

func tapFailures(r *conformance.Report) int {
	n := len(r.WaiverProblems)
	for _, res := range r.Results {
		switch {
		case res.Outcome == conformance.Errored:
			n++
		case res.Waiver != nil || res.Level == conformance.May:
		case res.Outcome == conformance.Failed, res.Outcome == conformance.Warned && r.Strict:
			n++
		}
	}
	return n
}

func TestE2EBadgeIsWellFormed(t *testing.T) {
	xmllint := xmllintPath(t)
	for _, s := range judged() {
		cmd := exec.Command(xmllint, "--noout", "--nonet", "-")
		cmd.Stdin = bytes.NewReader(write(t, mustLookup(t, "badge"), s.report))
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", s.name, err, out)
		}
	}
}
