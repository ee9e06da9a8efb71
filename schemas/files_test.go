package schemas_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"hookproof/schemas"
)

const draft = "https://json-schema.org/draft/2020-12/schema"

// The keywords that a file may use, by what their values hold. Others, misspelled
// ones above all, would be taken for annotations and check nothing.
var (
	plainKeywords = []string{"title", "description", "type", "required", "enum", "const",
		"minLength", "maxLength", "pattern", "minimum", "maximum", "examples", "$comment", "$ref", "x-basis", "x-source"}
	schemaKeywords    = []string{"propertyNames", "additionalProperties", "items", "if", "then", "else"}
	schemaMapKeywords = []string{"properties"}
	schemaListKeyword = "allOf"
	triggerKeywords   = []string{"$schema", "title", "description", "x-group", "x-tier", "x-idempotencyKey", "x-keyBasis", "x-source", "x-basis"}
)

// lint returns what is wrong with the keywords of a file.
func lint(name string, doc map[string]any) []string {
	var wrong []string
	report := func(where, format string, args ...any) {
		wrong = append(wrong, where+": "+fmt.Sprintf(format, args...))
	}
	var schema func(where string, v any)
	schema = func(where string, v any) {
		if _, ok := v.(bool); ok && strings.HasSuffix(where, "/additionalProperties") {
			return
		}
		s, ok := v.(map[string]any)
		if !ok {
			report(where, "is no schema")
			return
		}
		for keyword, value := range s {
			at := where + "/" + keyword
			switch {
			case slices.Contains(plainKeywords, keyword):
			case slices.Contains(schemaKeywords, keyword):
				schema(at, value)
			case slices.Contains(schemaMapKeywords, keyword):
				members, _ := value.(map[string]any)
				for member, s := range members {
					schema(at+"/"+member, s)
				}
			case keyword == schemaListKeyword:
				list, _ := value.([]any)
				for i, s := range list {
					schema(fmt.Sprint(at, "/", i), s)
				}
			default:
				report(where, "keyword %q is not allowed there", keyword)
			}
		}
		if basis, ok := s["x-basis"]; ok && !slices.Contains([]any{"documented", "observed", "assumed"}, basis) {
			report(where, "x-basis is %v", basis)
		}
		_, then := s["then"]
		_, otherwise := s["else"]
		if _, ok := s["if"]; ok != (then || otherwise) {
			report(where, "if without then or else, or the other way round")
		}
	}
	if doc["$schema"] != draft {
		report(name, "$schema is %v, want %s", doc["$schema"], draft)
	}
	if path.Dir(name) == "defs" {
		for keyword := range doc {
			if !slices.Contains([]string{"$schema", "description", "$defs"}, keyword) {
				report(name, "keyword %q is not allowed there", keyword)
			}
		}
		defs, _ := doc["$defs"].(map[string]any)
		for def, s := range defs {
			schema(name+"/$defs/"+def, s)
			if m, _ := s.(map[string]any); m["title"] == nil || m["x-basis"] == nil {
				report(name+"/$defs/"+def, "has no title or no x-basis")
			}
		}
		return wrong
	}
	rest := maps.Clone(doc)
	for _, keyword := range triggerKeywords {
		if doc[keyword] == nil {
			report(name, "keyword %q is missing", keyword)
		}
		delete(rest, keyword)
	}
	schema(name, rest)
	return wrong
}

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

func TestLintFindsMisspelledKeywords(t *testing.T) {
	const entry = `"$schema":"` + draft + `","title":"T","description":"D","x-group":"g","x-tier":"required","x-idempotencyKey":[],"x-keyBasis":"assumed","x-source":"s","x-basis":"assumed"`
	for _, c := range []struct{ name, file, doc, want string }{
		{"none", "triggers/a.json", `{` + entry + `}`, ""},
		{"at the root of a trigger", "triggers/a.json", `{` + entry + `,"requird":["a"]}`, `triggers/a.json: keyword "requird" is not allowed there`},
		{"an annotation", "triggers/a.json", strings.ReplaceAll(`{`+entry+`}`, "x-tier", "x-teir"), `triggers/a.json: keyword "x-teir" is not allowed there`},
		{"a missing annotation", "triggers/a.json", strings.ReplaceAll(`{`+entry+`}`, `"x-tier":"required",`, ``), `triggers/a.json: keyword "x-tier" is missing`},
		{"in a member", "triggers/a.json", `{` + entry + `,"properties":{"a":{"tpye":"string"}}}`, `triggers/a.json/properties/a: keyword "tpye" is not allowed there`},
		{"an annotation of triggers in a member", "triggers/a.json", `{` + entry + `,"properties":{"a":{"x-tier":"required"}}}`, `triggers/a.json/properties/a: keyword "x-tier" is not allowed there`},
		{"under allOf, if and items", "defs/a.json", `{"$schema":"` + draft + `","$defs":{"a":{"title":"a","x-basis":"assumed","allOf":[{"if":{"requierd":["a"]},"then":{}},{"items":{"typo":1}}]}}}`, `defs/a.json/$defs/a/allOf/0/if: keyword "requierd" is not allowed there`},
		{"in a map", "defs/a.json", `{"$schema":"` + draft + `","$defs":{"a":{"title":"a","x-basis":"assumed","additionalProperties":{"typo":1}}}}`, `defs/a.json/$defs/a/additionalProperties: keyword "typo" is not allowed there`},
		{"at the root of definitions", "defs/a.json", `{"$schema":"` + draft + `","definitions":{}}`, `defs/a.json: keyword "definitions" is not allowed there`},
		{"a basis", "defs/a.json", `{"$schema":"` + draft + `","$defs":{"a":{"title":"a","x-basis":"guessed"}}}`, `defs/a.json/$defs/a: x-basis is guessed`},
		{"if alone", "defs/a.json", `{"$schema":"` + draft + `","$defs":{"a":{"title":"a","x-basis":"assumed","if":{}}}}`, `defs/a.json/$defs/a: if without then or else, or the other way round`},
		{"another draft", "defs/a.json", `{"$schema":"http://json-schema.org/draft-07/schema#"}`, `defs/a.json: $schema is http://json-schema.org/draft-07/schema#, want ` + draft},
	} {
		var doc map[string]any
		if err := json.Unmarshal([]byte(c.doc), &doc); err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		got := lint(c.file, doc)
		if c.want == "" && len(got) > 0 || c.want != "" && !slices.Contains(got, c.want) {
			t.Errorf("%s: lint = %q, want %q", c.name, got, c.want)
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
