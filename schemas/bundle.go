package schemas

import (
	"cmp"
	"fmt"
	"path"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Bundle returns the schema of a trigger with the definitions that it uses inside,
// as indented JSON: a self-contained schema of draft 2020-12. Its only error is
// [*UnknownTriggerError].
func Bundle(trigger string) ([]byte, error) {
	if _, err := find(trigger); err != nil {
		return nil, err
	}
	file := "triggers/" + trigger + ".json"
	doc, err := readYAML(file)
	if err != nil {
		return nil, err
	}
	b := newBundler(file, "#/$defs/")
	if err := b.resolve(file, doc); err != nil {
		return nil, err
	}
	add(doc, "$defs", b.definitions)
	return encodeJSON(file, doc)
}

// bundler makes a document one that needs no other: what it refers to in other
// files becomes a definition of its own, once. It works on YAML nodes, which
// keep the order of members; JSON is YAML.
type bundler struct {
	root        string // the document's file, whose references to itself stay
	prefix      string // of references to definitions
	definitions *yaml.Node
	origins     map[string]string     // by definition: where it is from, as "FILE#POINTER"
	docs        map[string]*yaml.Node // by file, but for the root
}

func newBundler(root, prefix string) *bundler {
	return &bundler{
		root: root, prefix: prefix, definitions: &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"},
		origins: map[string]string{}, docs: map[string]*yaml.Node{},
	}
}

// resolve bundles what node refers to, and what that refers to; node is in file.
func (b *bundler) resolve(file string, node *yaml.Node) error {
	if node.Kind != yaml.MappingNode {
		for _, n := range node.Content {
			if err := b.resolve(file, n); err != nil {
				return err
			}
		}
		return nil
	}
	for name, value := range pairs(node) {
		if name.Value != "$ref" || value.Kind != yaml.ScalarNode {
			if err := b.resolve(file, value); err != nil {
				return err
			}
			continue
		}
		ref, err := b.reference(file, value.Value)
		if err != nil {
			return fmt.Errorf("%s: $ref %q: %w", file, value.Value, err)
		}
		value.Value = ref
	}
	return nil
}

// reference takes in the definition that ref leads to from file, and returns
// the reference to it.
func (b *bundler) reference(file, ref string) (string, error) {
	target, pointer, _ := strings.Cut(ref, "#")
	if target = path.Join(path.Dir(file), cmp.Or(target, path.Base(file))); target == b.root {
		return "#" + pointer, nil
	}
	name := path.Base(pointer)
	if pointer == "" {
		name = strings.TrimSuffix(path.Base(target), path.Ext(target))
	}
	origin := target + "#" + pointer
	switch b.origins[name] {
	case origin:
		return b.prefix + name, nil
	case "":
		b.origins[name] = origin // taken, should it refer to itself
	default:
		return "", fmt.Errorf("the name %s is taken by %s", name, b.origins[name])
	}
	doc := b.docs[target]
	if doc == nil {
		var err error
		if doc, err = readYAML(target); err != nil {
			return "", err
		}
		b.docs[target] = doc
	}
	definition := lookup(doc, tokens(pointer)...)
	if definition == nil {
		return "", fmt.Errorf("%s has no such member", target)
	}
	if definition == doc {
		drop(doc, "$schema") // which belongs at the root of a document
	}
	add(b.definitions, name, definition)
	return b.prefix + name, b.resolve(target, definition)
}
