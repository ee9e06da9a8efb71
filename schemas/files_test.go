package schemas_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"hookproof/schemas"
)

func contractFiles(t *testing.T) map[string]map[string]any {
	t.Helper()
	files := map[string]map[string]any{}
	for _, pattern := range []string{"triggers/*", "defs/*"} {
		names, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			body, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			var doc map[string]any
			if err := json.Unmarshal(body, &doc); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			files[filepath.ToSlash(name)] = doc
		}
	}
	return files
}

func TestFilesUseKnownKeywordsOnly(t *testing.T) {
	for name, doc := range contractFiles(t) {
		for _, wrong := range lint(name, doc) {
			t.Error(wrong)
		}
	}
}

func TestFilesAreValidSchemas(t *testing.T) {
	meta := jsonschema.MustCompile(draft)
	for name, doc := range contractFiles(t) {
		if err := meta.Validate(doc); err != nil {
			t.Errorf("%s: %#v", name, err)
		}
	}
}

func TestReferencesLeadSomewhereAndAllDefinitionsAreUsed(t *testing.T) {
	files := contractFiles(t)
	owner, used := map[string]string{}, map[string]bool{}
	for name, doc := range files {
		defs, _ := doc["$defs"].(map[string]any)
		for def := range defs {
			if other, ok := owner[def]; ok {
				t.Errorf("%s and %s both define %s: a bundle could not hold both", name, other, def)
			}
			owner[def] = name
		}
	}
	form := regexp.MustCompile(`^((?:\.\./defs/)?[a-z]+\.json)?#/\$defs/(\w+)$`)
	for name, doc := range files {
		for _, p := range places(doc, "") {
			if p.name != "$ref" {
				continue
			}
			ref, _ := p.value.(string)
			m := form.FindStringSubmatch(ref)
			if m == nil {
				t.Errorf("%s%s: %q is no relative reference to a definition", name, p.pointer, ref)
				continue
			}
			file := name
			if m[1] != "" {
				file = path.Join(path.Dir(name), m[1])
			}
			if owner[m[2]] != file {
				t.Errorf("%s%s: %q leads nowhere", name, p.pointer, ref)
			}
			used[m[2]] = true
		}
	}
	for def, name := range owner {
		if !used[def] {
			t.Errorf("%s: nothing refers to %s", name, def)
		}
	}
}

// Bundles are judged alone, by a compiler that may load nothing.
func TestBundlesGiveTheSameVerdicts(t *testing.T) {
	notForRace(t)
	meta := jsonschema.MustCompile(draft)
	for trigger := range schemas.Triggers() {
		t.Run(trigger.Name, func(t *testing.T) {
			bundle, err := schemas.Bundle(trigger.Name)
			if err != nil {
				t.Fatal(err)
			}
			if err := meta.Validate(parse(t, bundle)); err != nil {
				t.Errorf("not a valid schema: %#v", err)
			}
			if !strings.HasSuffix(string(bundle), "\n}\n") || strings.Contains(string(bundle), `\u003`) || strings.Contains(string(bundle), ".json#") {
				t.Errorf("bundle is not indented, escapes HTML or refers to files:\n%.300s", bundle)
			}
			c := jsonschema.NewCompiler()
			c.LoadURL = nil
			if err := c.AddResource("bundle:///", strings.NewReader(string(bundle))); err != nil {
				t.Fatal(err)
			}
			alone, err := c.Compile("bundle:///")
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range examples(t) {
				if e.trigger != trigger.Name {
					continue
				}
				v := parse(t, e.body)
				if err := alone.Validate(v); err != nil {
					t.Errorf("%s: bundle says %v", e.name, err)
				}
				others := []any{nil, "x", json.Number("7"), map[string]any{}}
				for i, p := range places(v, "") {
					if testing.Short() && i%7 != 0 { // the race detector runs with it
						continue
					}
					other := others[i%len(others)]
					p.set(other)
					got, want := alone.Validate(v), schemas.Validate(trigger.Name, encode(t, v))
					if (got == nil) != (want == nil) {
						t.Errorf("%s with %s = %v: bundle says %v, Validate %v", e.name, p.pointer, other, got, want)
					}
					p.set(p.value)
				}
			}
		})
	}
	if _, err := schemas.Bundle("nope"); fmt.Sprintf("%T", err) != "*schemas.UnknownTriggerError" {
		t.Errorf("Bundle of an unknown trigger = %T, want a *UnknownTriggerError", err)
	}
}
