package schemas_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"hookproof/schemas"
)

// violations returns what Validate finds, and fails on any other error.
func violations(t testing.TB, trigger string, body []byte) []schemas.Violation {
	t.Helper()
	err := schemas.Validate(trigger, body)
	if err == nil {
		return nil
	}
	ve, ok := errors.AsType[*schemas.ValidationError](err)
	if !ok {
		t.Fatalf("Validate(%q) = %T %v, want a *ValidationError", trigger, err, err)
	}
	if ve.Trigger != trigger {
		t.Errorf("ValidationError.Trigger = %q, want %q", ve.Trigger, trigger)
	}
	return ve.Violations
}

func TestExamplesAreValid(t *testing.T) {
	for _, e := range examples(t) {
		t.Run(e.name, func(t *testing.T) {
			t.Parallel()
			if err := schemas.Validate(e.trigger, e.body); err != nil {
				t.Errorf("Validate = %v", err)
			}
			if got, err := schemas.ValidateEventOf(e.generation(), e.body); got != e.trigger || err != nil {
				t.Errorf("ValidateEvent = %q, %v, want %q", got, err, e.trigger)
			}
		})
	}
}

func TestEveryRequiredMemberIsMissed(t *testing.T) {
	for _, e := range examples(t) {
		if !e.minimal() {
			continue
		}
		t.Run(e.name, func(t *testing.T) {
			v := parse(t, e.body)
			for _, p := range places(v, "") {
				if p.parent == nil || p.inMap() {
					continue
				}
				delete(p.parent, p.name)
				body := encode(t, v)
				p.set(p.value)
				want := schemas.Violation{
					Pointer: strings.TrimSuffix(p.pointer, "/"+p.name),
					Message: fmt.Sprintf("missing %q", p.name),
				}
				if got := violations(t, e.trigger, body); !slices.Contains(got, want) {
					t.Errorf("without %s: violations %v, want %v", p.pointer, got, want)
				}
			}
		})
	}
}

func TestEveryKnownMemberHasItsType(t *testing.T) {
	wrong := map[string]any{
		"null": nil, "boolean": true, "number": json.Number("7"), "string": "seven",
		"array": []any{}, "object": map[string]any{},
	}
	// What else somebody might write there; full examples are large, so they try only this and null.
	tempting := map[string]string{
		"string": "number", "number": "string", "boolean": "string", "array": "object", "object": "array",
	}
	for _, e := range examples(t) {
		t.Run(e.name, func(t *testing.T) {
			t.Parallel()
			v := parse(t, e.body)
			for _, p := range places(v, "") {
				is := jsonType(p.value)
				for name, other := range wrong {
					if name == "null" && (p.nullable() || p.name == "sentAt" && strings.HasPrefix(e.trigger, "after_campaign_")) {
						continue
					}
					if name == is || !e.minimal() && name != "null" && name != tempting[is] {
						continue
					}
					p.set(other)
					body := encode(t, v)
					p.set(p.value)
					got := violations(t, e.trigger, body)
					if !slices.ContainsFunc(got, func(v schemas.Violation) bool { return v.Pointer == p.pointer }) {
						t.Errorf("%s as %s: violations %v, want one there", p.pointer, name, got)
					}
				}
			}
		})
	}
}

func TestUnknownMembersPassAtEveryLevel(t *testing.T) {
	for _, e := range examples(t) {
		for _, unknown := range []any{nil, "x", []any{json.Number("1")}, map[string]any{"id": json.Number("1")}} {
			v := parse(t, e.body)
			objects := []map[string]any{v.(map[string]any)}
			for _, p := range places(v, "") {
				if o, ok := p.value.(map[string]any); ok && !isUIDMap(p.pointer) {
					objects = append(objects, o)
				}
			}
			for _, o := range objects {
				o["x-unknown"] = unknown
			}
			if err := schemas.Validate(e.trigger, encode(t, v)); err != nil {
				t.Errorf("%s with %v added everywhere: %v", e.name, unknown, err)
			}
		}
	}
}

func TestValidateEventPicksTheSchema(t *testing.T) {
	sent := read(t, "minimal/message_sent")
	for _, c := range []struct {
		name    string
		body    []byte
		trigger string
		want    string // of the error; "" for none
	}{
		{"known", sent, "message_sent", ""},
		{"no trigger", edit(t, sent, "/trigger", drop{}), "", `payload does not match the contract: payload: missing "trigger"`},
		{"nothing at all", []byte(`{}`), "", `payload does not match the contract: payload: missing "appId"; payload: missing "data"; payload: missing "region"; and 2 more`},
		{"trigger is a number", edit(t, sent, "/trigger", 1), "", `payload does not match the contract: /trigger: expected string, but got number (the name of a trigger)`},
		{"unknown", edit(t, sent, "/trigger", "wct_unknown_event"), "wct_unknown_event", `unknown trigger "wct_unknown_event"`},
		{"misspelled", edit(t, sent, "/trigger", "message-Snet"), "message-Snet", `unknown trigger "message-Snet": did you mean "message_sent"?`},
		{"empty trigger", edit(t, sent, "/trigger", ""), "", `unknown trigger ""`},
		{"array", []byte(`[]`), "", `payload does not match the contract: payload: expected object, but got array (an event)`},
		{"null", []byte(`null`), "", `payload does not match the contract: payload: expected object, but got null (an event)`},
		{"another trigger's data", edit(t, sent, "/trigger", "user_blocked"), "user_blocked", `payload does not match the contract of user_blocked: /data: missing "by"; /data: missing "users"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			trigger, err := schemas.ValidateEvent(c.body)
			if trigger != c.trigger {
				t.Errorf("trigger = %q, want %q", trigger, c.trigger)
			}
			if got := fmt.Sprint(err); err != nil && got != c.want || err == nil && c.want != "" {
				t.Errorf("error = %v, want %v", got, c.want)
			}
		})
	}
}

func TestValidateByAnUnknownTrigger(t *testing.T) {
	for name, nearest := range map[string]string{
		"mesage_sent": "message_sent", "GROUP_CREATED": "group_created", "user.blocked": "user_blocked",
		"call_accepted": "", "user_online": "", "x": "", strings.Repeat("message_sent", 100_000): "",
	} {
		err := schemas.Validate(name, read(t, "minimal/message_sent"))
		ue, ok := errors.AsType[*schemas.UnknownTriggerError](err)
		if !ok || ue.Trigger != name || ue.Nearest != nearest {
			t.Errorf("Validate(%.30q) = %#v, want nearest %q", name, err, nearest)
		}
		if n := len(err.Error()); n > 200 {
			t.Errorf("Validate(%.30q): error of %d bytes", name, n)
		}
	}
}

func TestEveryTriggerRefusesTheNameOfAnother(t *testing.T) {
	names := schemas.Names()
	for _, e := range examples(t) {
		other := names[(slices.Index(names, e.trigger)+1)%len(names)]
		got := violations(t, e.trigger, edit(t, e.body, "/trigger", other))
		want := []schemas.Violation{{Pointer: "/trigger", Message: fmt.Sprintf("must be %q, but got %q", e.trigger, other)}}
		if !slices.Equal(got, want) {
			t.Errorf("%s as %s: violations %v, want %v", e.name, other, got, want)
		}
	}
}

// Texts that somebody wrote, or a device gave, may be empty; ids, and words that the
// provider chooses, may not.
func TestStringsThatMayBeEmpty(t *testing.T) {
	notForRace(t)
	free := strings.Fields(`alternativeText apiVersion avatar body call_version clientIp description errorMessage extension
		icon label link message mimeType mode muid name origin platform receiverAvatar receiverName resource responseBody role sdk
		senderAvatar senderName smsContent statusMessage subject templateCategory text title topic url userAgent value version`)
	for _, e := range examples(t) {
		trigger, _ := schemas.Lookup(e.trigger)
		v := parse(t, e.body)
		for _, p := range places(v, "") {
			_, isString := p.value.(string)
			if !isString || p.pointer == "/trigger" || p.name == "" || strings.HasSuffix(p.pointer, "/moderation/status") {
				continue
			}
			p.set("")
			got := violations(t, e.trigger, encode(t, v))
			p.set(p.value)
			found := slices.ContainsFunc(got, func(v schemas.Violation) bool { return v.Pointer == p.pointer })
			// Elsewhere these two are a closed list and an id.
			ofCampaign := trigger.Group == "campaign" && (p.name == "category" || p.name == "tag")
			if want := !slices.Contains(free, p.name) && !ofCampaign; found != want {
				t.Errorf("%s with an empty %s: violations %v, want one there: %v", e.name, p.pointer, got, want)
			}
		}
	}
}
