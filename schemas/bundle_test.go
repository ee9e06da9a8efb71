package schemas

import (
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// A document whose references cannot all be kept apart must not be bundled.
func TestBundlingFailsRatherThanGuesses(t *testing.T) {
	for _, c := range []struct{ name, doc, want string }{
		{"no such file", `{"$ref": "defs/nope.json#/$defs/user"}`, "defs/nope.json"},
		{"no such definition", `{"$ref": "defs/user.json#/$defs/nope"}`, "defs/user.json has no such member"},
		{"a list on the way", `{"$ref": "defs/group.json#/$defs/group/required/guid"}`, "defs/group.json has no such member"},
		{"two of one name", `[{"$ref": "defs/user.json#/$defs/user"}, {"$ref": "defs/group.json#/$defs/memberChangeBy/properties/user"}]`,
			"the name user is taken by defs/user.json#/$defs/user"},
		{"out of the contract", `{"$ref": "../../go.mod"}`, "go.mod"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var doc yaml.Node
			if err := yaml.Unmarshal([]byte(c.doc), &doc); err != nil {
				t.Fatal(err)
			}
			err := newBundler("doc.json", "#/$defs/").resolve("doc.json", &doc)
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "$ref") {
				t.Errorf("error %v, want the reference and %q", err, c.want)
			}
		})
	}
}

func TestEveryDefinitionIsBundledOnce(t *testing.T) {
	const source = `{"a": {"$ref": "defs/user.json#/$defs/user"}, "b": {"$ref": "defs/user.json#/$defs/user"}, "c": {"$ref": "#/a"}}`
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(source), &doc); err != nil {
		t.Fatal(err)
	}
	b := newBundler("doc.json", "#/$defs/")
	if err := b.resolve("doc.json", &doc); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{"a": "#/$defs/user", "b": "#/$defs/user", "c": "#/a"} {
		if got := lookup(doc.Content[0], path, "$ref").Value; got != want {
			t.Errorf("%s refers to %s, want %s", path, got, want)
		}
	}
	seen := map[string]int{}
	for name := range pairs(b.definitions) {
		seen[name.Value]++
	}
	for _, name := range []string{"user", "uid", "seconds"} {
		if seen[name] != 1 {
			t.Errorf("%s is defined %d times, want once", name, seen[name])
		}
	}
}
