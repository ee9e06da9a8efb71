package schemas

import (
	"cmp"
	"fmt"

	"github.com/santhosh-tekuri/jsonschema/v5"
)

// Validate judges a payload of at most [MaxPayload] bytes by the schema of a
// trigger, of any generation. A payload of more than 50,000 JSON values is a violation. It returns nil or one of
// [*ValidationError], [*UnknownTriggerError], [*SyntaxError] and [*SizeError].
func Validate(trigger string, payload []byte) error {
	e, err := find(trigger)
	if err != nil {
		return err
	}
	v, err := decode(payload)
	if err != nil {
		return err
	}
	return judge(e.schema(), trigger, v)
}

// ValidateEvent judges a payload of the generation [Modern] by the schema of the
// trigger that it names, and returns that name even if it is unknown. A payload
// without a trigger is a [*ValidationError]; other errors are those of [Validate].
// A trigger of another generation is a [*UnknownTriggerError], which says so.
func ValidateEvent(payload []byte) (trigger string, err error) {
	return ValidateEventOf(Modern, payload)
}

// ValidateEventOf is [ValidateEvent] for a payload of any generation. One that is
// not among [Generations] has no triggers.
func ValidateEventOf(generation Generation, payload []byte) (trigger string, err error) {
	generation = cmp.Or(generation, Modern)
	v, err := decode(payload)
	if err != nil {
		return "", err
	}
	trigger, err = triggerOf(generation, v)
	if err != nil {
		return "", err
	}
	e, err := findOf(generation, trigger)
	if err != nil {
		return trigger, err
	}
	return trigger, judge(e.schema(), trigger, v)
}

// triggerOf returns the trigger that a payload names, or what is wrong with its envelope.
func triggerOf(generation Generation, v any) (string, error) {
	if name, ok := at(v, []string{"trigger"}); ok {
		if name, ok := name.(string); ok {
			return name, nil
		}
	}
	schema := envelope()
	if generation == Legacy {
		schema = legacyEnvelope()
	}
	return "", judge(schema, "", v)
}

// find returns the entry of a trigger of any generation.
func find(trigger string) (*entry, error) {
	e, ok := theContract().byName[trigger]
	if !ok {
		return nil, &UnknownTriggerError{Trigger: trigger, Nearest: nearest(trigger, "")}
	}
	return e, nil
}

// findOf returns the entry of a trigger of one generation.
func findOf(generation Generation, trigger string) (*entry, error) {
	e, ok := theContract().byName[trigger]
	switch {
	case !ok:
		return nil, &UnknownTriggerError{Trigger: trigger, Nearest: nearest(trigger, generation)}
	case e.Generation != generation:
		return nil, &UnknownTriggerError{Trigger: trigger, Generation: e.Generation}
	default:
		return e, nil
	}
}

// maxValues bounds the JSON values of a payload that is judged, because an error
// costs a few kilobytes while it is found. Assumed: a full group of users in
// a payload of [MaxPayload] has fewer.
const maxValues = 50_000

// findings returns what in a payload breaks a schema.
func findings(schema *jsonschema.Schema, v any) []finding {
	if prepare(v) > maxValues {
		return []finding{{Violation{Message: "too many values"}, ""}}
	}
	err := schema.Validate(v)
	if err == nil {
		return nil
	}
	return distinctFindings(explained(err, v))
}

func judge(schema *jsonschema.Schema, trigger string, v any) error {
	if prepare(v) > maxValues {
		return &ValidationError{Trigger: trigger, Violations: []Violation{{
			Message: fmt.Sprintf("has more than %d values, which is the most that is judged", maxValues),
		}}}
	}
	err := schema.Validate(v)
	if err == nil {
		return nil
	}
	violations := explain(err, v)
	omitted := max(0, len(violations)-MaxViolations)
	return &ValidationError{
		Trigger:    trigger,
		Violations: violations[:len(violations)-omitted],
		Omitted:    omitted,
	}
}

// noName stands for an empty member name while a payload is judged, because
// jsonschema leaves empty names out of the locations that it gives. It is
// longer than any name of a map may be, so that it is a violation where an
// empty name is one.
const noName = "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00" +
	"\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00" +
	"\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00" +
	"\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"

// prepare renames members without a name to [noName] and returns the number of
// values in v, itself included.
func prepare(v any) int {
	n := 1
	switch v := v.(type) {
	case map[string]any:
		if m, ok := v[""]; ok {
			delete(v, "")
			v[noName] = m
		}
		for _, m := range v {
			n += prepare(m)
		}
	case []any:
		for _, m := range v {
			n += prepare(m)
		}
	}
	return n
}
