package schemas_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode"

	"hookproof/schemas"
)

// corpus seeds a fuzz target with the examples and with what is not JSON.
func corpus(f *testing.F) {
	for _, e := range examples(f) {
		f.Add(e.body)
	}
	for _, s := range []string{"", "null", "[]", `{"trigger":"user_blocked","data":{"users":{"":{}}}}`,
		`{"trigger":"user_blocked","data":{"users":{"a/~%2f":{"uid":1e400}}}}`, `{"trigger":"call_ended","data":{"all_occupants":[{},1,null]}}`,
		"\ufeff{}", "{\"a\":\"\xff\"}", `{} {}`, `{"trigger":"message_sent","trigger":1}`} {
		f.Add([]byte(s))
	}
}

func FuzzValidate(f *testing.F) {
	corpus(f)
	names := schemas.Names()
	f.Fuzz(func(t *testing.T, payload []byte) {
		start := time.Now()
		trigger, err := schemas.ValidateEvent(payload)
		checkError(t, payload, err)
		if entry, known := schemas.Lookup(trigger); known && entry.Generation == schemas.Modern {
			if again := schemas.Validate(trigger, payload); (again == nil) != (err == nil) || err != nil && again.Error() != err.Error() {
				t.Errorf("Validate = %v, ValidateEvent = %v", again, err)
			}
		}
		_, err = schemas.ValidateEventOf(schemas.Legacy, payload)
		checkError(t, payload, err)
		other := names[len(payload)%len(names)]
		checkError(t, payload, schemas.Validate(other, payload))
		unknown, err := schemas.Drift(other, payload)
		checkError(t, payload, err)
		for i, u := range unknown {
			if i > 0 && unknown[i-1].Pointer >= u.Pointer {
				t.Errorf("Drift is not sorted: %v", unknown)
			}
			if got, ok := resolve(payload, u.Pointer); !ok || jsonType(got) != u.Type {
				t.Errorf("Drift found %v, but there is %v, %v", u, got, ok)
			}
		}
		if took := time.Since(start); took > 10*time.Second {
			t.Errorf("took %v", took)
		}
	})
}

// FuzzValidateMember puts a value of any shape under any name into any place of an
// example, where FuzzValidate would mostly find that it is not JSON any more.
func FuzzValidateMember(f *testing.F) {
	all := examples(f)
	for i, value := range []string{"null", `{"uid":1,"":[]}`, `[{},[1e999],"x"]`, "-0.5", `"\u0000"`} {
		f.Add(uint8(i), uint16(i*7), "", []byte(value))
		f.Add(uint8(i*9), uint16(i*11), "a/~%2F\x00", []byte(value))
	}
	f.Fuzz(func(t *testing.T, which uint8, where uint16, name string, value []byte) {
		if !json.Valid(value) {
			return
		}
		e := all[int(which)%len(all)]
		v := parse(t, e.body)
		ps := places(v, "")
		p := ps[int(where)%len(ps)]
		if o, ok := p.value.(map[string]any); ok {
			o[name] = json.RawMessage(value)
		} else {
			p.set(json.RawMessage(value))
		}
		body := encode(t, v)
		if len(body) > schemas.MaxPayload {
			return
		}
		checkError(t, body, schemas.Validate(e.trigger, body))
		_, err := schemas.Drift(e.trigger, body)
		checkError(t, body, err)
	})
}

// checkError holds every error to what its type promises.
func checkError(t *testing.T, payload []byte, err error) {
	t.Helper()
	if err == nil {
		return
	}
	if text := err.Error(); strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) || len(text) > 4_000 {
		t.Errorf("error is not one short printable line: %q", text)
	}
	if se, ok := errors.AsType[*schemas.SyntaxError](err); ok {
		if se.Offset < 0 || se.Offset > int64(len(payload)) || se.Reason == "" {
			t.Errorf("%#v for a payload of %d bytes", se, len(payload))
		}
		return
	}
	ve, ok := errors.AsType[*schemas.ValidationError](err)
	if !ok {
		if _, ok := errors.AsType[*schemas.UnknownTriggerError](err); !ok {
			t.Errorf("error is a %T", err)
		}
		return
	}
	if len(ve.Violations) == 0 {
		t.Error("a ValidationError without violations")
	}
	for i, v := range ve.Violations {
		if i > 0 && strings.Compare(ve.Violations[i-1].Pointer+"\x00"+ve.Violations[i-1].Message, v.Pointer+"\x00"+v.Message) >= 0 {
			t.Errorf("not sorted, or twice: %v", ve.Violations)
		}
		if _, ok := resolve(payload, v.Pointer); !ok {
			t.Errorf("violation %q points to nothing", v)
		}
	}
}

// resolve follows a JSON Pointer by its definition.
func resolve(payload []byte, pointer string) (any, bool) {
	dec := json.NewDecoder(strings.NewReader(string(payload)))
	dec.UseNumber()
	var v any
	if dec.Decode(&v) != nil {
		return nil, false
	}
	if pointer == "" {
		return v, true
	}
	for token := range strings.SplitSeq(pointer[1:], "/") {
		token = strings.ReplaceAll(strings.ReplaceAll(token, "~1", "/"), "~0", "~")
		ok := false
		switch parent := v.(type) {
		case map[string]any:
			v, ok = parent[token]
		case []any:
			i, err := strconv.Atoi(token)
			if ok = err == nil && i >= 0 && i < len(parent); ok {
				v = parent[i]
			}
		}
		if !ok {
			return nil, false
		}
	}
	return v, true
}

func FuzzKey(f *testing.F) {
	corpus(f)
	f.Fuzz(func(t *testing.T, payload []byte) {
		key, err := schemas.Key(payload)
		checkError(t, payload, err)
		if err != nil {
			return
		}
		trigger, _ := schemas.ValidateEvent(payload)
		entry, ok := schemas.Lookup(trigger)
		if !ok {
			t.Fatalf("key %q of unknown trigger %q", key, trigger)
		}
		if len(entry.IdempotencyKey) == 0 {
			if key != "" {
				t.Errorf("key %q of %s, which has none", key, trigger)
			}
			return
		}
		parts := strings.Split(key, "|")
		if len(parts) != len(entry.IdempotencyKey) || parts[1] != trigger {
			t.Errorf("key %q does not have the parts %q", key, entry.IdempotencyKey)
		}
		if len(key) > 3*len(payload)+400 {
			t.Errorf("key of %d bytes for a payload of %d", len(key), len(payload))
		}
		if v, ok := resolve(payload, "/data"); ok && trigger == "user_blocked" {
			// Of a map keyed by uid, every name can be had back.
			users, _ := resolve(payload, "/data/users")
			object, _ := users.(map[string]any)
			var names []string
			for name := range strings.SplitSeq(parts[3], ",") {
				names = append(names, strings.NewReplacer("%25", "%", "%7C", "|", "%2C", ",").Replace(name))
			}
			for name := range object {
				if !slices.Contains(names, name) {
					t.Errorf("key %q lacks %q of %v", key, name, v)
				}
			}
		}
	})
}
