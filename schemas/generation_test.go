package schemas_test

import (
	"errors"
	"slices"
	"testing"

	"hookproof/schemas"
)

func TestGenerationsAreNeverMixed(t *testing.T) {
	for _, e := range examples(t) {
		for _, generation := range schemas.Generations() {
			trigger, err := schemas.ValidateEventOf(generation, e.body)
			if trigger != e.trigger {
				t.Errorf("%s: ValidateEventOf(%s) found the trigger %q", e.name, generation, trigger)
			}
			unknown, isUnknown := errors.AsType[*schemas.UnknownTriggerError](err)
			switch same := generation == e.generation(); {
			case same && err != nil:
				t.Errorf("%s: ValidateEventOf(%s) = %v, want none", e.name, generation, err)
			case !same && (!isUnknown || unknown.Generation != e.generation() || unknown.Nearest != ""):
				t.Errorf("%s: ValidateEventOf(%s) = %v, want that it is of the other generation", e.name, generation, err)
			}
		}
		if err := schemas.Validate(e.trigger, e.body); err != nil {
			t.Errorf("%s: Validate by name = %v, want none in any generation", e.name, err)
		}
	}
}

func TestGenerationsOfEvents(t *testing.T) {
	after := read(t, "full/after_message")
	for _, c := range []struct {
		name       string
		generation schemas.Generation
		body       []byte
		want       string // of the error; "" for none
	}{
		{"none is modern", "", read(t, "full/message_sent"), ""},
		{"legacy as modern", schemas.Modern, after, `unknown trigger "after_message": it is one of the generation legacy`},
		{"modern as legacy", schemas.Legacy, read(t, "full/message_sent"), `unknown trigger "message_sent": it is one of the generation modern`},
		{"no generation", "v3", read(t, "full/message_sent"), `unknown trigger "message_sent": it is one of the generation modern`},
		{"misspelled, near one of its own", schemas.Legacy, edit(t, after, "/trigger", "after_mesage"), `unknown trigger "after_mesage": did you mean "after_message"?`},
		{"misspelled, near one of the other", schemas.Modern, edit(t, after, "/trigger", "after_mesage"), `unknown trigger "after_mesage"`},
		{"no trigger", schemas.Legacy, []byte(`{}`), `payload does not match the contract: payload: missing "appId"; payload: missing "data"; payload: missing "trigger"; and 1 more`},
		{"no region", schemas.Legacy, edit(t, after, "/region", drop{}), ""},
		{"an origin of another type", schemas.Legacy, edit(t, after, "/origin", "API"), `payload does not match the contract of after_message: /origin: expected object, but got string (where an event is from)`},
		{"a message about to be sent has no id", schemas.Legacy, read(t, "full/before_message"), ""},
		{"a message that was sent has one", schemas.Legacy, edit(t, after, "/data/id", drop{}), `payload does not match the contract of after_message: /data: missing "id"`},
	} {
		_, err := schemas.ValidateEventOf(c.generation, c.body)
		if got := errorText(err); got != c.want {
			t.Errorf("%s: error %q, want %q", c.name, got, c.want)
		}
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestUnshapedTriggersTakeAnyObject(t *testing.T) {
	for _, name := range schemas.Names(schemas.Unshaped) {
		entry, ok := schemas.Lookup(name)
		if !ok || entry.Shaped() || len(entry.IdempotencyKey) != 0 || !schemas.Exists(name) {
			t.Errorf("Lookup(%s) = %+v, %v, want one without shape and key", name, entry, ok)
		}
		for _, data := range []any{map[string]any{}, map[string]any{"a": nil, "b": []any{1}}} {
			body := edit(t, read(t, "minimal/"+name), "/data", data)
			if err := schemas.Validate(name, body); err != nil {
				t.Errorf("Validate(%s) with data %v = %v", name, data, err)
			}
			if unknown, err := schemas.Drift(name, body); len(unknown) > 0 || err != nil {
				t.Errorf("Drift(%s) = %v, %v, want none: nothing is known of its data", name, unknown, err)
			}
		}
		for _, data := range []any{nil, []any{}, "x", drop{}} {
			if err := schemas.Validate(name, edit(t, read(t, "minimal/"+name), "/data", data)); err == nil {
				t.Errorf("Validate(%s) with data %v gave no error", name, data)
			}
		}
	}
}

func TestAliases(t *testing.T) {
	for name, want := range map[string]string{
		"user_connection_status_change": "after_connection_status_changed", "message_sent": "message_sent", "nope": "nope", "": "",
	} {
		if got := schemas.Canonical(name); got != want {
			t.Errorf("Canonical(%q) = %q, want %q", name, got, want)
		}
	}
	for e := range schemas.Triggers() {
		if e.AliasOf == "" {
			continue
		}
		of, ok := schemas.Lookup(e.AliasOf)
		if !ok || of.AliasOf != "" || of.Generation != e.Generation || e.Shaped() {
			t.Errorf("%s is an alias of %s, want that to be a trigger of its generation, and no alias", e.Name, e.AliasOf)
		}
	}
	if !slices.Contains(schemas.Names(schemas.Unshaped), "user_connection_status_change") {
		t.Error("the alias is not listed")
	}
}

func TestExistsKnowsAllGenerations(t *testing.T) {
	for name, want := range map[string]bool{"message_sent": true, "call_busy": true, "message_pinned": true, "after_message": true,
		"user_connection_status_change": true, "message_new": false, "": false} {
		if got := schemas.Exists(name); got != want {
			t.Errorf("Exists(%q) = %v, want %v", name, got, want)
		}
	}
}
