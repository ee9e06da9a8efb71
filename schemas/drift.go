package schemas

import (
	"cmp"
	"maps"
	"slices"
	"strconv"

	"github.com/santhosh-tekuri/jsonschema/v5"
)

// Unknown is a member of a payload that the contract does not declare.
type Unknown struct {
	Pointer string `json:"pointer"` // JSON Pointer into the payload
	Type    string `json:"type"`    // its JSON type: string, number, boolean, null, object or array
}

// MaxUnknown bounds the members that [Drift] lists.
const MaxUnknown = 1000

// Drift lists the members of a payload that the contract of a trigger does not
// declare, sorted by pointer, at most [MaxUnknown]. They are no violations, but
// show that the provider sends more than is known. What an undeclared member
// contains is not listed, nor is anything in objects that belong to the app,
// such as metadata. The payload need not be valid; errors are those of [Validate]
// but for [*ValidationError].
func Drift(trigger string, payload []byte) ([]Unknown, error) {
	e, err := find(trigger)
	if err != nil {
		return nil, err
	}
	v, err := decode(payload)
	if err != nil {
		return nil, err
	}
	var d drift
	d.walk([]*jsonschema.Schema{e.schema()}, v, "")
	slices.SortFunc(d.unknown, func(a, b Unknown) int { return cmp.Compare(a.Pointer, b.Pointer) })
	return d.unknown, nil
}

type drift struct{ unknown []Unknown }

func (d *drift) full() bool { return len(d.unknown) >= MaxUnknown }

// walk compares a value with the schemas that apply to it.
func (d *drift) walk(schemas []*jsonschema.Schema, v any, pointer string) {
	applied := applicable(nil, schemas, v)
	switch v := v.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			if d.full() {
				return
			}
			subschemas, declared := member(applied, name)
			if !declared {
				d.unknown = append(d.unknown, Unknown{child(pointer, name), typeName(v[name])})
				continue
			}
			d.walk(subschemas, v[name], child(pointer, name))
		}
	case []any:
		var items []*jsonschema.Schema
		for _, s := range applied {
			if s.Items2020 != nil {
				items = append(items, s.Items2020)
			}
		}
		if len(items) == 0 {
			return
		}
		for i, item := range v {
			if d.full() {
				return
			}
			d.walk(items, item, child(pointer, strconv.Itoa(i)))
		}
	}
}

// applicable appends schemas and all that they apply in the same place to v.
func applicable(all, schemas []*jsonschema.Schema, v any) []*jsonschema.Schema {
	for _, s := range schemas {
		if s == nil {
			continue
		}
		all = append(all, s)
		all = applicable(all, []*jsonschema.Schema{s.Ref}, v)
		all = applicable(all, s.AllOf, v)
		if s.If == nil {
			continue
		}
		branch := s.Then
		if s.If.Validate(v) != nil {
			branch = s.Else
		}
		all = applicable(all, []*jsonschema.Schema{branch}, v)
	}
	return all
}

// member returns the schemas of a member and whether any schema declares it. If no
// schema says anything about members, the object is free and all are declared.
func member(applied []*jsonschema.Schema, name string) (subschemas []*jsonschema.Schema, declared bool) {
	free := true
	for _, s := range applied {
		if len(s.Properties) > 0 || s.AdditionalProperties != nil {
			free = false
		}
		if p, ok := s.Properties[name]; ok {
			subschemas = append(subschemas, p)
			continue
		}
		switch rest := s.AdditionalProperties.(type) {
		case *jsonschema.Schema:
			subschemas = append(subschemas, rest)
		case bool:
			declared = declared || rest
		}
	}
	return subschemas, declared || free || len(subschemas) > 0
}
