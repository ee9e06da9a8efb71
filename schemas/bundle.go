package schemas

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"path"
	"strings"
)

// Bundle returns the schema of a trigger with the definitions that it uses inside,
// as indented JSON: a self-contained schema of draft 2020-12. Its only error is
// [*UnknownTriggerError].
func Bundle(trigger string) ([]byte, error) {
	if _, err := find(trigger); err != nil {
		return nil, err
	}
	b := bundler{docs: theContract().docs, defs: map[string]any{}}
	doc := maps.Clone(b.object("triggers/"+trigger+".json", b.docs["triggers/"+trigger+".json"]))
	doc["$defs"] = b.defs
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(doc); err != nil {
		return nil, fmt.Errorf("bundling %s: %w", trigger, err)
	}
	return out.Bytes(), nil
}

// bundler copies schemas, turning references to other files into references to
// definitions of its own. The names of definitions are unique over all files.
type bundler struct {
	docs map[string]map[string]any
	defs map[string]any
}

func (b *bundler) value(file string, v any) any {
	switch v := v.(type) {
	case map[string]any:
		return b.object(file, v)
	case []any:
		out := make([]any, len(v))
		for i, item := range v {
			out[i] = b.value(file, item)
		}
		return out
	default:
		return v
	}
}

func (b *bundler) object(file string, schema map[string]any) map[string]any {
	out := make(map[string]any, len(schema)+1)
	for name, v := range schema {
		if ref, ok := v.(string); ok && name == "$ref" {
			out[name] = b.reference(file, ref)
			continue
		}
		out[name] = b.value(file, v)
	}
	return out
}

// reference takes in the definition that ref leads to from file.
func (b *bundler) reference(file, ref string) string {
	target, fragment, _ := strings.Cut(ref, "#")
	if target == "" {
		target = file
	} else {
		target = path.Join(path.Dir(file), target)
	}
	name := strings.TrimPrefix(fragment, "/$defs/")
	if _, ok := b.defs[name]; !ok {
		b.defs[name] = nil // taken, should it refer to itself
		definition, _ := at(b.docs[target], tokens(fragment))
		b.defs[name] = b.value(target, definition)
	}
	return "#/$defs/" + name
}
