package schemas

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/santhosh-tekuri/jsonschema/v5"
)

// maxDriftDepth bounds how deep payloads are compared: the contract is half as deep.
const maxDriftDepth = 40

// comparing compares one payload.
type comparing struct {
	*compared
	trigger string
}

func one(s *jsonschema.Schema) []*jsonschema.Schema { return []*jsonschema.Schema{s} }

// violations counts what the payload breaks.
func (c *comparing) violations(e *entry, v any) {
	found := findings(e.schema(), v)
	if len(found) > 0 {
		c.invalid++
	}
	for _, f := range found {
		message := f.Message
		if f.keyword != "type" { // there it is the name of a type
			message, _, _ = strings.Cut(message, ", but got ")
		}
		k := violationKey{placeOf(e.schema(), v, f.Pointer), message}
		if _, ok := c.compared.violations[k]; !ok && len(c.compared.violations) >= maxDriftPlaces {
			c.omitted++
			continue
		}
		c.compared.violations[k]++
	}
}

// walk compares a value with the schemas that apply to it.
func (c *comparing) walk(schemas []*jsonschema.Schema, v any, place string, depth int) {
	if depth > maxDriftDepth {
		c.omitted++
		return
	}
	applied := applicable(nil, schemas, v)
	switch v := v.(type) {
	case map[string]any:
		for name, value := range v {
			if name == noName {
				name = ""
			}
			subschemas, declared := member(applied, name)
			to := child(place, step(applied, name))
			if !declared {
				c.undeclared(applied, to, name, value)
				continue
			}
			if len(subschemas) > 0 {
				c.seen[to] = true
			}
			c.walk(subschemas, value, to, depth+1)
		}
	case []any:
		var items []*jsonschema.Schema
		for _, s := range applied {
			if s.Items2020 != nil {
				items = append(items, s.Items2020)
			}
		}
		for _, item := range v {
			c.seen[place+"/*"] = true
			c.walk(items, item, place+"/*", depth+1)
		}
	case string:
		c.word(applied, v, place)
	}
}

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

// undeclared counts a member that the contract does not declare.
func (c *comparing) undeclared(applied []*jsonschema.Schema, place, name string, v any) {
	if len(name) > 200 || !utf8.ValidString(name) {
		place = place[:strings.LastIndexByte(place, '/')] + "/(a long name)"
	}
	u := c.unknown[place]
	if u == nil {
		if len(c.unknown) >= maxDriftPlaces {
			c.omitted++
			return
		}
		u = &unknownCount{types: map[string]int64{}}
		c.unknown[place] = u
		c.homes[place] = homeOf(applied, c.trigger)
	}
	u.count++
	u.types[exactType(v)]++
}

// exactType is the JSON Schema type of a value: integer if it is whole.
func exactType(v any) string {
	t := typeName(v)
	if t == "number" && !strings.ContainsAny(fmt.Sprint(v), ".eE") {
		return "integer"
	}
	return t
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
