package schemas

import (
	"bytes"
	"encoding/json"
	"fmt"
	"iter"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// readYAML reads an embedded file, which is YAML or JSON and holds a mapping.
func readYAML(file string) (*yaml.Node, error) {
	data, err := files.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(data, &doc); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	if len(doc.Content) != 1 || doc.Content[0].Kind != yaml.MappingNode {
		return nil, fmt.Errorf("%s: want a mapping", file)
	}
	plain(doc.Content[0])
	return doc.Content[0], nil
}

// plain takes off comments, and the style of JSON: nodes are written in block
// style, with quotes where they are needed.
func plain(node *yaml.Node) {
	node.HeadComment, node.LineComment, node.FootComment = "", "", ""
	if node.Kind != yaml.ScalarNode || !oldBoolean(node.Value) {
		node.Style &= yaml.LiteralStyle
	}
	for _, n := range node.Content {
		plain(n)
	}
}

// oldBoolean says that YAML 1.1, which many still read, takes an unquoted word
// for a boolean that YAML 1.2 takes for a string. The encoder does not know.
func oldBoolean(word string) bool {
	return slices.Contains([]string{"y", "n", "yes", "no", "on", "off"}, strings.ToLower(word))
}

func encodeYAML(file string, doc *yaml.Node) ([]byte, error) {
	var out bytes.Buffer
	enc := yaml.NewEncoder(&out)
	enc.SetIndent(2)
	if err := enc.Encode(doc); err != nil {
		return nil, fmt.Errorf("encoding %s: %w", file, err)
	}
	return out.Bytes(), nil
}

// encodeJSON writes a document as indented JSON with sorted members.
func encodeJSON(file string, doc *yaml.Node) ([]byte, error) {
	var v any
	if err := doc.Decode(&v); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		return nil, fmt.Errorf("encoding %s: %w", file, err)
	}
	return out.Bytes(), nil
}

// pairs yields the members of a mapping as name and value.
func pairs(mapping *yaml.Node) iter.Seq2[*yaml.Node, *yaml.Node] {
	return func(yield func(name, value *yaml.Node) bool) {
		for i := 0; i+1 < len(mapping.Content); i += 2 {
			if !yield(mapping.Content[i], mapping.Content[i+1]) {
				return
			}
		}
	}
}

// lookup returns the value that a path of names leads to from a mapping, or nil.
func lookup(node *yaml.Node, path ...string) *yaml.Node {
next:
	for _, step := range path {
		if node.Kind == yaml.MappingNode {
			for name, value := range pairs(node) {
				if name.Value == step {
					node = value
					continue next
				}
			}
		}
		return nil
	}
	return node
}

func add(mapping *yaml.Node, name string, value *yaml.Node) {
	mapping.Content = append(mapping.Content, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: name}, value)
}

func drop(mapping *yaml.Node, name string) {
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		if mapping.Content[i].Value == name {
			mapping.Content = slices.Delete(mapping.Content, i, i+2)
			return
		}
	}
}
