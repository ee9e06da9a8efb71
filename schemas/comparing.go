package schemas

import (
	"fmt"
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
