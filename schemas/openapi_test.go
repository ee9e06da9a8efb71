package schemas_test

import (
	"bytes"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"go.yaml.in/yaml/v3"

	"hookproof/schemas"
)

// renderings are the forms in which the document is given.
func renderings(t testing.TB) map[string][]byte {
	t.Helper()
	all := map[string][]byte{}
	for name, render := range map[string]func() ([]byte, error){
		"OpenAPI": schemas.OpenAPI, "OpenAPIYAML": schemas.OpenAPIYAML, "ManagementAPI": schemas.ManagementAPI,
	} {
		text, err := render()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		all[name] = text
	}
	return all
}

func TestOpenAPIIsTheSameEveryTime(t *testing.T) {
	first := renderings(t)
	for name, again := range renderings(t) {
		if !bytes.Equal(again, first[name]) {
			t.Errorf("%s: two calls give different bytes", name)
		}
		clear(again) // must be the caller's own
	}
	for name, again := range renderings(t) {
		if !bytes.Equal(again, first[name]) {
			t.Errorf("%s: a caller can change it for others", name)
		}
	}
}

func TestOpenAPIIsValid(t *testing.T) {
	for name, text := range renderings(t) {
		loader := openapi3.NewLoader()
		doc, err := loader.LoadFromData(text)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if err := doc.Validate(loader.Context, openapi3.EnableExamplesValidation(), openapi3.EnableMultiError()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		want := "3.1.0"
		if name == "ManagementAPI" {
			want = "3.0.3"
		}
		if doc.OpenAPI != want {
			t.Errorf("%s: version %s, want %s", name, doc.OpenAPI, want)
		}
	}
}

func TestOpenAPIInYAMLIsThatInJSON(t *testing.T) {
	text := renderings(t)["OpenAPIYAML"]
	var v any
	if err := yaml.Unmarshal(text, &v); err != nil {
		t.Fatal(err)
	}
	if got, want := encode(t, v), encode(t, openAPI(t)); !bytes.Equal(got, want) {
		t.Errorf("they differ: %d and %d bytes", len(got), len(want))
	}
	if !bytes.HasPrefix(text, []byte("openapi: 3.1.0\ninfo:\n")) || bytes.Contains(text, []byte("\n#")) {
		t.Errorf("YAML is out of order or has comments:\n%.200s", text)
	}
	// Readers of YAML 1.1 take these words for booleans unless they are in quotes.
	words := regexp.MustCompile(`(?im)^ *(?:- )?(?:y|n|yes|no|on|off):|[:-] (?:y|n|yes|no|on|off)$`)
	if m := words.Find(text); m != nil || !words.MatchString("a:\n  on: b") || !words.MatchString("- on") {
		t.Errorf("%q is a boolean in YAML 1.1", m)
	}
}

func TestManagementAPIIsPartOfOpenAPI(t *testing.T) {
	whole := openAPI(t)
	part := dig[map[string]any](t, parse(t, renderings(t)["ManagementAPI"]))
	for _, name := range []string{"info", "servers", "security", "tags", "paths"} {
		if got, want := encode(t, part[name]), encode(t, whole[name]); !bytes.Equal(got, want) {
			t.Errorf("%s differs:\n got %s\nwant %s", name, got, want)
		}
	}
	for kind, v := range dig[map[string]any](t, part, "components") {
		for name, component := range dig[map[string]any](t, v) {
			if got, want := encode(t, component), encode(t, dig[any](t, whole, "components", kind, name)); !bytes.Equal(got, want) {
				t.Errorf("component %s of %s differs", name, kind)
			}
		}
	}
	if part["webhooks"] != nil {
		t.Error("it has webhooks, which OpenAPI 3.0 does not know")
	}
}

func TestOpenAPIRefersToNothingElse(t *testing.T) {
	for name, text := range renderings(t) {
		if name == "OpenAPIYAML" {
			continue
		}
		doc := dig[map[string]any](t, parse(t, text))
		refs := 0
		walk(doc, "", func(_ string, m map[string]any) {
			if m["$ref"] != nil {
				refs++
				follow(t, doc, m)
			}
		})
		if refs < 100 {
			t.Errorf("%s: only %d references were seen", name, refs)
		}
	}
}

// Generators make types of the names, in languages where case tells them apart or not.
func TestOpenAPIComponentsHaveNamesOfTheirOwn(t *testing.T) {
	for kind, v := range dig[map[string]any](t, openAPI(t), "components") {
		seen := map[string]string{}
		for _, name := range slices.Sorted(maps.Keys(dig[map[string]any](t, v))) {
			if other, ok := seen[strings.ToLower(name)]; ok {
				t.Errorf("%s: %s and %s differ in case only", kind, name, other)
			}
			seen[strings.ToLower(name)] = name
		}
	}
}

func TestOpenAPIExamplesAreValid(t *testing.T) {
	compile, doc := compiler(t), openAPI(t)
	tried := 0
	walk(doc, "", func(pointer string, m map[string]any) {
		if m["schema"] == nil {
			return
		}
		examples := map[string]any{}
		if e, ok := m["example"]; ok {
			examples["example"] = e
		}
		if named, ok := m["examples"]; ok {
			for name, e := range dig[map[string]any](t, named) {
				examples[name] = dig[any](t, follow(t, doc, e), "value")
			}
		}
		if strings.Contains(pointer, "/content/") && len(examples) == 0 && !strings.HasPrefix(pointer, "/webhooks/") {
			t.Errorf("%s has no example", pointer)
		}
		schema := compile(t, pointer+"/schema")
		for name, e := range examples {
			tried++
			if err := schema.Validate(e); err != nil {
				t.Errorf("%s: example %s: %v", pointer, name, err)
			}
		}
	})
	if tried < 30 {
		t.Errorf("only %d examples were tried", tried)
	}
}

// Whatever can be read on its own says how it is known.
func TestOpenAPISaysHowItIsKnown(t *testing.T) {
	doc := openAPI(t)
	bases := []any{string(schemas.Documented), string(schemas.Observed), string(schemas.Assumed)}
	known := func(where string, v any) {
		if m := follow(t, doc, v); !slices.Contains(bases, m["x-basis"]) {
			t.Errorf("%s: x-basis is %v, want one of %v", where, m["x-basis"], bases)
		}
	}
	for kind, v := range dig[map[string]any](t, doc, "components") {
		for name, component := range dig[map[string]any](t, v) {
			if kind != "examples" {
				known(kind+" "+name, component)
			}
		}
	}
	for where, op := range operations(t, doc, "paths", "webhooks") {
		known(where, op)
		if list, ok := op["parameters"]; ok {
			for _, p := range dig[[]any](t, list) {
				known(where+" parameter", p)
			}
		}
		for status, answer := range dig[map[string]any](t, op, "responses") {
			known(where+" "+status, answer)
		}
	}
	walk(doc, "", func(pointer string, m map[string]any) {
		if basis, ok := m["x-basis"]; ok && !slices.Contains(bases, basis) {
			t.Errorf("%s: x-basis is %v, want one of %v", pointer, basis, bases)
		}
	})
}
