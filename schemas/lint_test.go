package schemas_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
	"testing"
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
	triggerKeywords   = []string{"$schema", "title", "description", "x-group", "x-tier", "x-idempotencyKey", "x-source", "x-basis"}
	sparseKeywords    = []string{"x-keyBasis", "x-generation", "x-aliasOf"} // of some triggers
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
	for _, keyword := range sparseKeywords {
		delete(rest, keyword)
	}
	if key, _ := doc["x-idempotencyKey"].([]any); (len(key) > 0) != (doc["x-keyBasis"] != nil) {
		report(name, "a key without x-keyBasis, or the other way round")
	}
	if g := doc["x-generation"]; g != nil && g != "legacy" {
		report(name, "x-generation is %v, want legacy or none", g)
	}
	schema(name, rest)
	return wrong
}

func TestLintFindsMisspelledKeywords(t *testing.T) {
	const entry = `"$schema":"` + draft + `","title":"T","description":"D","x-group":"g","x-tier":"required","x-idempotencyKey":[],"x-source":"s","x-basis":"assumed"`
	for _, c := range []struct{ name, file, doc, want string }{
		{"none", "triggers/a.json", `{` + entry + `}`, ""},
		{"at the root of a trigger", "triggers/a.json", `{` + entry + `,"requird":["a"]}`, `triggers/a.json: keyword "requird" is not allowed there`},
		{"an annotation", "triggers/a.json", strings.ReplaceAll(`{`+entry+`}`, "x-tier", "x-teir"), `triggers/a.json: keyword "x-teir" is not allowed there`},
		{"a missing annotation", "triggers/a.json", strings.ReplaceAll(`{`+entry+`}`, `"x-tier":"required",`, ``), `triggers/a.json: keyword "x-tier" is missing`},
		{"a basis of no key", "triggers/a.json", `{` + entry + `,"x-keyBasis":"assumed"}`, `triggers/a.json: a key without x-keyBasis, or the other way round`},
		{"a key of no basis", "triggers/a.json", strings.ReplaceAll(`{`+entry+`}`, `[]`, `["/a"]`), `triggers/a.json: a key without x-keyBasis, or the other way round`},
		{"a generation", "triggers/a.json", `{` + entry + `,"x-generation":"modern"}`, `triggers/a.json: x-generation is modern, want legacy or none`},
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
