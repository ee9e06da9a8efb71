package schemas

import (
	"strconv"
	"unicode/utf8"

	"github.com/santhosh-tekuri/jsonschema/v5"
)

// step is the token of a member in a place: its name, or * if it is that of a map.
func step(applied []*jsonschema.Schema, name string) string {
	of := false
	for _, s := range applied {
		if _, ok := s.Properties[name]; ok {
			return name
		}
		if _, ok := s.AdditionalProperties.(*jsonschema.Schema); ok {
			of = true
		}
	}
	if of {
		return "*"
	}
	return name
}

// word counts a text where the contract lists others.
func (c *comparing) word(applied []*jsonschema.Schema, v, place string) {
	for _, s := range applied {
		if len(s.Enum) == 0 || listed(s.Enum, v) {
			continue
		}
		values := c.values[place]
		if values == nil {
			if len(c.values) >= maxDriftPlaces {
				c.omitted++
				return
			}
			values = map[string]int64{}
			c.values[place] = values
		}
		c.homes["="+place] = home{file: fileOf(s), pointer: fragmentOf(s) + "/enum"}
		count(values, word(v), maxDriftValues)
		return
	}
}

func listed(enum []any, v string) bool {
	for _, e := range enum {
		if e == any(v) {
			return true
		}
	}
	return false
}

// word returns a text if it can be nothing but a word of a contract, or else says how
// long it is.
func word(s string) string {
	if isWord(s) {
		return s
	}
	return "(a text of " + strconv.Itoa(utf8.RuneCountInString(s)) + " characters)"
}

func isWord(s string) bool {
	if s == "" || len(s) > maxDriftValue {
		return false
	}
	for i := range len(s) {
		switch c := s[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', c == '_', c == '-', '0' <= c && c <= '9' && i > 0:
		default:
			return false
		}
	}
	return true
}

// placeOf returns the place of a pointer into a payload.
func placeOf(schema *jsonschema.Schema, v any, pointer string) string {
	schemas, place := one(schema), ""
	for _, token := range tokens(pointer) {
		applied := applicable(nil, schemas, v)
		schemas = nil
		switch at := v.(type) {
		case map[string]any:
			schemas, _ = member(applied, token)
			place = child(place, step(applied, token))
			v = at[token]
		case []any:
			for _, s := range applied {
				if s.Items2020 != nil {
					schemas = append(schemas, s.Items2020)
				}
			}
			place += "/*"
			v = nil
			if i, err := strconv.Atoi(token); err == nil && i >= 0 && i < len(at) {
				v = at[i]
			}
		default:
			return child(place, token)
		}
	}
	return place
}

// neverSeen returns the declared places that are not among seen, without those within
// others of them.
func neverSeen(trigger string, seen map[string]bool) []string {
	e, err := find(trigger)
	if err != nil {
		return nil
	}
	missing := map[string]bool{}
	var visit func(s *jsonschema.Schema, place string, on []*jsonschema.Schema)
	visit = func(s *jsonschema.Schema, place string, on []*jsonschema.Schema) {
		if s == nil || len(on) > maxDriftDepth || within(on, s) {
			return
		}
		on = append(on, s)
		descend := func(s *jsonschema.Schema, to string) {
			if seen[to] {
				visit(s, to, on)
			} else {
				missing[to] = true
			}
		}
		for name, p := range s.Properties {
			descend(p, child(place, name))
		}
		if rest, ok := s.AdditionalProperties.(*jsonschema.Schema); ok && seen[place+"/*"] {
			visit(rest, place+"/*", on)
		}
		if s.Items2020 != nil && seen[place+"/*"] {
			visit(s.Items2020, place+"/*", on)
		}
		for _, in := range append([]*jsonschema.Schema{s.Ref, s.Then, s.Else}, s.AllOf...) {
			visit(in, place, on)
		}
	}
	visit(e.schema(), "", nil)
	return sortedKeys(missing)
}

func within(on []*jsonschema.Schema, s *jsonschema.Schema) bool {
	n := 0
	for _, o := range on {
		if o == s {
			n++
		}
	}
	return n > 2 // a message within one within one is as deep as events go
}
