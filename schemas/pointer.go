package schemas

import (
	"net/url"
	"strconv"
	"strings"
)

// tokens returns the unescaped reference tokens of a JSON Pointer (RFC 6901).
func tokens(pointer string) []string {
	if pointer == "" {
		return nil
	}
	parts := strings.Split(strings.TrimPrefix(pointer, "/"), "/")
	for i, p := range parts {
		if strings.Contains(p, "~") {
			parts[i] = strings.ReplaceAll(strings.ReplaceAll(p, "~1", "/"), "~0", "~")
		}
	}
	return parts
}

// child returns the pointer to a member.
func child(pointer, name string) string {
	if strings.ContainsAny(name, "~/") {
		name = strings.ReplaceAll(strings.ReplaceAll(name, "~", "~0"), "/", "~1")
	}
	return pointer + "/" + name
}

// location undoes the percent-encoding that jsonschema adds to pointers.
func location(encoded string) string {
	if !strings.Contains(encoded, "%") {
		return encoded
	}
	if p, err := url.PathUnescape(encoded); err == nil {
		return p
	}
	return encoded
}

// at returns the value that tokens lead to.
func at(v any, tokens []string) (any, bool) {
	for _, t := range tokens {
		switch parent := v.(type) {
		case map[string]any:
			m, ok := parent[t]
			if !ok {
				return nil, false
			}
			v = m
		case []any:
			i, err := strconv.Atoi(t)
			if err != nil || i < 0 || i >= len(parent) {
				return nil, false
			}
			v = parent[i]
		default:
			return nil, false
		}
	}
	return v, true
}

// typeName returns the JSON type of a decoded value.
func typeName(v any) string {
	switch v.(type) {
	case nil:
		return "null"
	case bool:
		return "boolean"
	case string:
		return "string"
	case []any:
		return "array"
	case map[string]any:
		return "object"
	default:
		return "number"
	}
}
