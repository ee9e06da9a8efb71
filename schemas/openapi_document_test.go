package schemas_test

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"hookproof/schemas"
)

// openAPI is the bundled document, from its JSON.
func openAPI(t testing.TB) map[string]any {
	t.Helper()
	text, err := schemas.OpenAPI()
	if err != nil {
		t.Fatal(err)
	}
	return dig[map[string]any](t, parse(t, text))
}

// dig returns what a path leads to, which must be a T.
func dig[T any](t testing.TB, v any, path ...string) T {
	t.Helper()
	for i, name := range path {
		m, _ := v.(map[string]any)
		next, ok := m[name]
		if !ok {
			t.Fatalf("no %s", strings.Join(path[:i+1], " > "))
		}
		v = next
	}
	out, ok := v.(T)
	if !ok {
		t.Fatalf("%s is a %T, want a %T", strings.Join(path, " > "), v, out)
	}
	return out
}

// follow returns what a reference within the document leads to; anything else
// is returned as it is.
func follow(t testing.TB, doc map[string]any, v any) map[string]any {
	t.Helper()
	m := dig[map[string]any](t, v)
	ref, ok := m["$ref"].(string)
	if !ok {
		return m
	}
	path, inside := strings.CutPrefix(ref, "#/")
	if !inside {
		t.Fatalf("%s leads out of the document", ref)
	}
	return dig[map[string]any](t, doc, strings.Split(path, "/")...)
}

// walk visits every object below v with the JSON Pointer to it.
func walk(v any, pointer string, visit func(pointer string, m map[string]any)) {
	switch v := v.(type) {
	case map[string]any:
		visit(pointer, v)
		for _, name := range slices.Sorted(maps.Keys(v)) {
			walk(v[name], pointer+"/"+strings.NewReplacer("~", "~0", "/", "~1").Replace(name), visit)
		}
	case []any:
		for i, item := range v {
			walk(item, fmt.Sprint(pointer, "/", i), visit)
		}
	}
}

// operations returns the operations under some members, by "METHOD PATH".
func operations(t testing.TB, doc map[string]any, members ...string) map[string]map[string]any {
	t.Helper()
	all := map[string]map[string]any{}
	for _, member := range members {
		for path, item := range dig[map[string]any](t, doc, member) {
			for _, method := range []string{"get", "put", "post", "delete", "patch", "head", "options", "trace"} {
				if op, ok := dig[map[string]any](t, item)[method]; ok {
					all[strings.ToUpper(method)+" "+path] = dig[map[string]any](t, op)
				}
			}
		}
	}
	return all
}

// compiler returns a function that compiles a schema anywhere in the document.
func compiler(t testing.TB) func(t testing.TB, pointer string) *jsonschema.Schema {
	t.Helper()
	text, err := schemas.OpenAPI()
	if err != nil {
		t.Fatal(err)
	}
	const url = "doc:///openapi.json"
	c := jsonschema.NewCompiler()
	c.Draft = jsonschema.Draft2020
	c.LoadURL = nil
	c.AssertFormat = true
	if err := c.AddResource(url, bytes.NewReader(text)); err != nil {
		t.Fatal(err)
	}
	return func(t testing.TB, pointer string) *jsonschema.Schema {
		t.Helper()
		s, err := c.Compile(url + "#" + strings.NewReplacer("{", "%7B", "}", "%7D").Replace(pointer))
		if err != nil {
			t.Fatalf("%s: %v", pointer, err)
		}
		return s
	}
}
