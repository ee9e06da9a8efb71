package schemas_test

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"hookproof/schemas"
)

var update = flag.Bool("update", false, "write the golden files anew")

func golden(t *testing.T, name, got string) {
	t.Helper()
	name = "testdata/" + name + ".golden"
	if *update {
		if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs; run with -update if that is meant\n got:\n%s\nwant:\n%s", name, got, want)
	}
}

func TestKeysOfTheExamples(t *testing.T) {
	var b strings.Builder
	for _, e := range examples(t) {
		key, err := schemas.Key(e.body)
		if err != nil {
			t.Errorf("%s: Key: %v", e.name, err)
		}
		fmt.Fprintf(&b, "%s %s\n", e.name, key)
	}
	golden(t, "keys", b.String())
}

func TestKeysAreUnambiguous(t *testing.T) {
	blocked, sent, scope := read(t, "minimal/user_blocked"), read(t, "minimal/message_sent"), read(t, "minimal/group_member_scope_changed")
	users := func(uids ...string) map[string]any {
		m := map[string]any{}
		for _, uid := range uids {
			m[uid] = map[string]any{"uid": uid, "name": "N", "scope": "admin", "oldScope": "participant"}
		}
		return m
	}
	for _, c := range []struct {
		name string
		body []byte
		want string
	}{
		{"an id", sent, "wh1|message_sent|501"},
		{"an id as a number", edit(t, sent, "/data/message/id", 501), "wh1|message_sent|501"},
		{"no id", edit(t, sent, "/data/message/id", drop{}), "wh1|message_sent|"},
		{"null id", edit(t, sent, "/data/message/id", nil), "wh1|message_sent|"},
		{"no data", edit(t, sent, "/data", drop{}), "wh1|message_sent|"},
		{"data is a list", edit(t, sent, "/data", []any{}), "wh1|message_sent|"},
		{"separators in a value", edit(t, sent, "/data/message/id", "a|b,c%d"), "wh1|message_sent|a%7Cb%2Cc%25d"},
		{"an escape in a value", edit(t, sent, "/data/message/id", "a%7Cb"), "wh1|message_sent|a%257Cb"},
		{"names in order", edit(t, blocked, "/data/users", users("b", "a", "c")), "wh1|user_blocked|ada|a,b,c"},
		{"separators in names", edit(t, blocked, "/data/users", users("a,b", "c")), "wh1|user_blocked|ada|a%2Cb,c"},
		{"no names", edit(t, blocked, "/data/users", users()), "wh1|user_blocked|ada|"},
		{"names and values in step", edit(t, scope, "/data/members", users("lin", "bo")), "wh1|group_member_scope_changed|deck|bo,lin|admin,admin|1754041200"},
		{"one value is missing", edit(t, edit(t, scope, "/data/members", users("lin", "bo")), "/data/members/bo/scope", drop{}), "wh1|group_member_scope_changed|deck|bo,lin|,admin|1754041200"},
		{"members is a list", edit(t, scope, "/data/members", []any{}), "wh1|group_member_scope_changed|deck|||1754041200"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got, err := schemas.Key(c.body); got != c.want || err != nil {
				t.Errorf("Key = %q, %v, want %q", got, err, c.want)
			}
		})
	}
}

func TestKeysNeedAKnownTrigger(t *testing.T) {
	if _, err := schemas.Key([]byte(`{"trigger":"nope"}`)); err == nil {
		t.Error("Key of an unknown trigger gave no error")
	} else if _, ok := errors.AsType[*schemas.UnknownTriggerError](err); !ok {
		t.Errorf("Key = %T, want a *UnknownTriggerError", err)
	}
	if _, err := schemas.Key([]byte(`[]`)); err == nil {
		t.Error("Key of an array gave no error")
	} else if _, ok := errors.AsType[*schemas.ValidationError](err); !ok {
		t.Errorf("Key = %T, want a *ValidationError", err)
	}
}

// A part of a key that no valid event has would never tell two events apart.
func TestEveryPartOfAKeyIsRequired(t *testing.T) {
	for _, e := range examples(t) {
		key, err := schemas.Key(e.body)
		if err != nil {
			t.Fatal(err)
		}
		trigger, _ := schemas.Lookup(e.trigger)
		if len(trigger.IdempotencyKey) == 0 {
			if key != "" {
				t.Errorf("%s: key %q, want none", e.name, key)
			}
			continue
		}
		parts := strings.Split(key, "|")
		if len(parts) != len(trigger.IdempotencyKey) {
			t.Errorf("%s: key %q has %d parts, want %d", e.name, key, len(parts), len(trigger.IdempotencyKey))
		}
		for i, part := range parts {
			// Documented, an item that somebody used has interactedAt instead.
			if part == "" && trigger.IdempotencyKey[i] != "/data/engagedAt" {
				t.Errorf("%s: key %q: no value at %s", e.name, key, trigger.IdempotencyKey[i])
			}
		}
	}
}
