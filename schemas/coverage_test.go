package schemas

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v5"
)

// A member that no full example has would be a member that no test tries.
func TestFullExamplesHaveEveryDeclaredMember(t *testing.T) {
	tried := map[string]bool{}
	var try func(schemas []*jsonschema.Schema, v any)
	try = func(schemas []*jsonschema.Schema, v any) {
		applied := applicable(nil, schemas, v)
		switch v := v.(type) {
		case map[string]any:
			for name, m := range v {
				subschemas, _ := member(applied, name)
				for _, s := range subschemas {
					tried[s.Location] = true
				}
				try(subschemas, m)
			}
		case []any:
			for _, item := range v {
				for _, s := range applied {
					try([]*jsonschema.Schema{s.Items2020}, item)
				}
			}
		}
	}
	names, err := filepath.Glob("testdata/full/*.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		body, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		v, err := decode(body)
		if err != nil {
			t.Fatal(err)
		}
		trigger, _, _ := strings.Cut(filepath.Base(name), ".")
		try([]*jsonschema.Schema{theContract().byName[trigger].schema()}, v)
	}

	seen := map[*jsonschema.Schema]bool{}
	var check func(s *jsonschema.Schema)
	check = func(s *jsonschema.Schema) {
		if s == nil || seen[s] {
			return
		}
		seen[s] = true
		for name, p := range s.Properties {
			if !tried[p.Location] {
				t.Errorf("no full example has %s, declared at %s", name, p.Location)
			}
			check(p)
		}
		for _, in := range append([]*jsonschema.Schema{s.Ref, s.Then, s.Else, s.Items2020}, s.AllOf...) {
			check(in)
		}
		if rest, ok := s.AdditionalProperties.(*jsonschema.Schema); ok {
			check(rest)
		}
	}
	for _, e := range theContract().entries {
		check(e.schema())
	}
	if len(seen) < 100 {
		t.Errorf("only %d schemas were seen", len(seen))
	}
}
