package reports_test

import (
	"bytes"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"hookproof/conformance"
	"hookproof/reports"
)

func compile(t testing.TB) *jsonschema.Schema {
	t.Helper()
	c := jsonschema.NewCompiler()
	c.AssertFormat = true
	const id = "urn:hookproof:schema:report"
	if err := c.AddResource(id, bytes.NewReader(reports.Schema())); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile(id)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSchemaAcceptsEveryReport(t *testing.T) {
	s := compile(t)
	f := mustLookup(t, "json")
	for _, sample := range samples() {
		if err := s.Validate(decode(t, write(t, f, sample.report))); err != nil {
			t.Errorf("%s: %#v", sample.name, err)
		}
	}
	for _, hostile := range hostileStrings {
		if err := s.Validate(decode(t, write(t, f, poisoned(hostile)))); err != nil {
			t.Errorf("%.30q: %#v", hostile, err)
		}
	}
}

// TestSchemaAndParseRefuseTheSame breaks a report in each place in each way
// that a type or a word can be broken, and wants both readers to refuse it.
func TestSchemaAndParseRefuseTheSame(t *testing.T) {
	notForRace(t)
	s := compile(t)
	whole := write(t, mustLookup(t, "json"), everything())
	tried := 0
	for path, edit := range breakages(decode(t, whole)) {
		tried++
		broken := decode(t, whole)
		edit.do(broken)
		b, err := json.Marshal(broken)
		if err != nil {
			t.Fatal(err)
		}
		bySchema := s.Validate(decode(t, b)) == nil
		_, err = reports.Parse(bytes.NewReader(b))
		byParse := err == nil
		if bySchema != edit.fine || byParse != edit.fine {
			t.Errorf("%s: accepted by the schema: %v, by Parse: %v (%v), want %v", path, bySchema, byParse, err, edit.fine)
		}
	}
	if tried < 400 {
		t.Errorf("only %d ways to break a report were tried", tried)
	}
}

// everything is a report in which each member occurs.
func everything() *conformance.Report {
	r := poisoned("x")
	r.Results = r.Results[1:2]
	r.Results[0].Findings = r.Results[0].Findings[:1]
	return end(r)
}

// TestSchemaNamesTheMembersOfTheTypes keeps the file and the Go types equal.
func TestSchemaNamesTheMembersOfTheTypes(t *testing.T) {
	root := decode(t, reports.Schema()).(map[string]any)
	defs := root["$defs"].(map[string]any)
	for name, typ := range map[string]reflect.Type{
		"": reflect.TypeFor[conformance.Report](), "tool": reflect.TypeFor[conformance.Tool](), "summary": reflect.TypeFor[conformance.Summary](),
		"counts": reflect.TypeFor[conformance.Counts](), "result": reflect.TypeFor[conformance.Result](), "finding": reflect.TypeFor[conformance.Finding](),
		"exchange": reflect.TypeFor[conformance.Exchange](), "header": reflect.TypeFor[conformance.Header](), "measure": reflect.TypeFor[conformance.Measure](),
	} {
		def := root
		if name != "" {
			def = defs[name].(map[string]any)
		}
		if def["additionalProperties"] != false {
			t.Errorf("%s is open", cmpName(name))
		}
		var members, required []string
		for i := range typ.NumField() {
			member, option, _ := strings.Cut(typ.Field(i).Tag.Get("json"), ",")
			members = append(members, member)
			if option != "omitempty" {
				required = append(required, member)
			}
		}
		slices.Sort(members)
		slices.Sort(required)
		if got := slices.Sorted(maps.Keys(def["properties"].(map[string]any))); !slices.Equal(got, members) {
			t.Errorf("%s has the members %v, want %v", cmpName(name), got, members)
		}
		if got := sortedTexts(def["required"]); !slices.Equal(got, required) {
			t.Errorf("%s requires %v, want %v", cmpName(name), got, required)
		}
	}
}

func cmpName(name string) string {
	if name == "" {
		return "the report"
	}
	return name
}

func sortedTexts(v any) []string {
	var out []string
	for _, s := range v.([]any) {
		out = append(out, s.(string))
	}
	slices.Sort(out)
	return out
}

// TestSchemaKnowsTheWordsOfTheTypes reads the constants from the source, so that
// a new one is noticed.
func TestSchemaKnowsTheWordsOfTheTypes(t *testing.T) {
	words := constants(t, "../conformance")
	defs := decode(t, reports.Schema()).(map[string]any)["$defs"].(map[string]any)
	for def, typ := range map[string]string{"level": "Level", "basis": "Basis", "impact": "Impact", "outcome": "Outcome", "verdict": "Verdict", "mode": "Mode"} {
		want := slices.Clone(words[typ])
		if typ == "Mode" { // a run has decided what auto is
			want = slices.DeleteFunc(want, func(s string) bool { return s == string(conformance.Auto) })
		}
		if len(want) < 2 {
			t.Fatalf("%s has the constants %v, want more: are they elsewhere now?", typ, want)
		}
		slices.Sort(want)
		if got := sortedTexts(defs[def].(map[string]any)["enum"]); !slices.Equal(got, want) {
			t.Errorf("%s is one of %v, want the constants %v", def, got, want)
		}
		for _, word := range want {
			r := everything()
			switch typ {
			case "Level":
				r.Results[0].Level = conformance.Level(word)
			case "Basis":
				r.Results[0].Basis = []conformance.Basis{conformance.Basis(word)}
			case "Impact":
				r.Results[0].Impact = conformance.Impact(word)
			case "Outcome":
				r.Results[0].Outcome = conformance.Outcome(word)
			}
			r = end(r)
			switch typ {
			case "Verdict":
				r.Verdict = conformance.Verdict(word)
			case "Mode":
				r.Mode = conformance.Mode(word)
			}
			if _, err := reports.Parse(bytes.NewReader(write(t, mustLookup(t, "json"), r))); err != nil {
				t.Errorf("Parse refuses %s %q: %v", typ, word, err)
			}
		}
	}
}

// constants returns the values of the typed string constants of a package by type.
func constants(t testing.TB, dir string) map[string][]string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no sources in %s: %v", dir, err)
	}
	out := map[string][]string{}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for n := range ast.Preorder(f) {
			spec, ok := n.(*ast.ValueSpec)
			if !ok {
				continue
			}
			typ, ok := spec.Type.(*ast.Ident)
			if !ok {
				continue
			}
			for _, v := range spec.Values {
				if lit, ok := v.(*ast.BasicLit); ok && lit.Kind == token.STRING {
					s, err := strconv.Unquote(lit.Value)
					if err != nil {
						t.Fatal(err)
					}
					out[typ.Name] = append(out[typ.Name], s)
				}
			}
		}
	}
	return out
}

func TestSchemaIsTheCallersOwn(t *testing.T) {
	reports.Schema()[0] = 'x'
	if got := reports.Schema()[0]; got != '{' {
		t.Errorf("the schema begins with %q after a caller changed its copy", got)
	}
}
