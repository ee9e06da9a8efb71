package schemas_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"hookproof/schemas"
)

func TestNoExampleDrifts(t *testing.T) {
	for _, e := range examples(t) {
		if got, err := schemas.Drift(e.trigger, e.body); len(got) != 0 || err != nil {
			t.Errorf("%s: Drift = %v, %v, want none", e.name, got, err)
		}
	}
}

func TestDriftFindsUnknownMembersAtEveryLevel(t *testing.T) {
	for _, e := range examples(t) {
		if !e.shaped() {
			continue // where all is free
		}
		v := parse(t, e.body)
		objects := map[string]map[string]any{"": v.(map[string]any)}
		for _, p := range places(v, "") {
			if o, ok := p.value.(map[string]any); ok && !isUIDMap(p.pointer) && !p.free() {
				objects[p.pointer] = o
			}
		}
		var want []schemas.Unknown
		for pointer, o := range objects {
			// What an unknown member contains is not listed again.
			o["not~yet/known"] = map[string]any{"uid": 1, "inner": nil}
			want = append(want, schemas.Unknown{Pointer: pointer + "/not~0yet~1known", Type: "object"})
		}
		slices.SortFunc(want, func(a, b schemas.Unknown) int { return strings.Compare(a.Pointer, b.Pointer) })
		got, err := schemas.Drift(e.trigger, encode(t, v))
		if !slices.Equal(got, want) || err != nil {
			t.Errorf("%s: Drift = %v, %v\nwant %v", e.name, got, err, want)
		}
	}
}

func TestDrift(t *testing.T) {
	for _, c := range []struct {
		name, example, pointer string
		value                  any
		want                   []schemas.Unknown
	}{
		{"types are named", "minimal/message_sent", "/data", map[string]any{"message": map[string]any{}, "a": nil, "b": true, "c": 1.5, "d": "", "e": []any{}, "f": map[string]any{}},
			[]schemas.Unknown{{"/data/a", "null"}, {"/data/b", "boolean"}, {"/data/c", "number"}, {"/data/d", "string"}, {"/data/e", "array"}, {"/data/f", "object"}}},
		{"an app's own data is free", "full/message_sent", "/data/message/data/metadata", map[string]any{"a": map[string]any{"b": 1}}, nil},
		{"an entity is judged by its type", "full/message_sent", "/data/message/data/entities/sender", map[string]any{"entityType": "user", "entity": map[string]any{"uid": "a", "name": "A", "guid": "g"}},
			[]schemas.Unknown{{"/data/message/data/entities/sender/entity/guid", "string"}}},
		{"an entity of an unknown type is free", "full/message_sent", "/data/message/data/entities/sender", map[string]any{"entityType": "robot", "entity": map[string]any{"serial": 1}}, nil},
		{"members of a map are users", "minimal/user_blocked", "/data/users", map[string]any{"bo": map[string]any{"uid": "bo", "name": "Bo", "age": 1}},
			[]schemas.Unknown{{"/data/users/bo/age", "number"}}},
		{"items of a list", "minimal/call_ended", "/data/all_occupants", []any{map[string]any{"seat": 1}, 7, nil},
			[]schemas.Unknown{{"/data/all_occupants/0/seat", "number"}}},
		{"scope belongs to a change of scope", "minimal/group_member_added", "/data/members", map[string]any{"bo": map[string]any{"uid": "bo", "name": "Bo", "scope": "admin"}},
			[]schemas.Unknown{{"/data/members/bo/scope", "string"}}},
		{"wrong types do not matter", "minimal/user_blocked", "/data", []any{map[string]any{"a": 1}}, nil},
		{"an empty name", "minimal/user_blocked", "/", json.Number("1"), []schemas.Unknown{{"/", "number"}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			trigger := triggerIn(t, c.example)
			got, err := schemas.Drift(trigger, edit(t, read(t, c.example), c.pointer, c.value))
			if !slices.Equal(got, c.want) || err != nil {
				t.Errorf("Drift = %v, %v, want %v", got, err, c.want)
			}
		})
	}
}

func TestDriftIsBounded(t *testing.T) {
	many := map[string]any{}
	for i := range 2 * schemas.MaxUnknown {
		many[fmt.Sprint("m", i)] = 1
	}
	got, err := schemas.Drift("user_blocked", edit(t, read(t, "minimal/user_blocked"), "/data", many))
	if len(got) != schemas.MaxUnknown || err != nil {
		t.Errorf("Drift: %d members, %v, want %d", len(got), err, schemas.MaxUnknown)
	}
}

func TestDriftByAnUnknownTrigger(t *testing.T) {
	if _, err := schemas.Drift("nope", []byte(`{}`)); fmt.Sprintf("%T", err) != "*schemas.UnknownTriggerError" {
		t.Errorf("Drift = %T, want a *UnknownTriggerError", err)
	}
}
