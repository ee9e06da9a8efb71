package schemas_test

import (
	"bytes"
	"strings"
	"testing"
	"unicode"

	"hookproof/schemas"
)

func TestBeforeMessageAnswer(t *testing.T) {
	const unread = "the answer to before_message cannot be read: "
	for _, c := range []struct {
		name, body string
		verdict    schemas.Verdict
		finding    string
	}{
		{"no body", "", schemas.Passes, ""},
		{"a blank body", " \r\n\t", schemas.Passes, ""},
		{"an empty object", " {} ", schemas.Passes, ""},
		{"the action", `{"action":"do_not_propagate"}`, schemas.Drops, ""},
		{"the action among others", `{"reason":"spam", "action":"do_not_propagate"}`, schemas.Drops, ""},
		{"another action", `{"action":"propagate"}`, schemas.Merges, ""},
		{"another spelling", `{"action":"DO_NOT_PROPAGATE"}`, schemas.Merges, ""},
		{"an action that is no string", `{"action":["do_not_propagate"]}`, schemas.Merges, ""},
		{"metadata", `{"reviewed":true,"by":{"uid":"ada"}}`, schemas.Merges, ""},
		{"an empty name", `{"":1}`, schemas.Merges, ""},
		{"an array", `[{"action":"do_not_propagate"}]`, schemas.Unreadable, unread + "it is the JSON type array: want an object"},
		{"null", `null`, schemas.Unreadable, unread + "it is the JSON type null: want an object"},
		{"a string", `"OK"`, schemas.Unreadable, unread + "it is the JSON type string: want an object"},
		{"a word", `OK`, schemas.Unreadable, unread + "it is not JSON: want an object"},
		{"a page", `<html>`, schemas.Unreadable, unread + "it is not JSON: want an object"},
		{"two objects", `{}{}`, schemas.Unreadable, unread + "it is not JSON: want an object"},
		{"half an object", `{"action":`, schemas.Unreadable, unread + "it is not JSON: want an object"},
		{"bytes that are not UTF-8", "{\"a\":\"\xff\"}", schemas.Unreadable, unread + "it is not JSON: want an object"},
		{"too much", `{"a":"` + strings.Repeat("a", schemas.MaxPayload) + `"}`, schemas.Unreadable, unread + "it has 1048584 bytes: want at most 1048576"},
	} {
		got := schemas.BeforeMessageAnswer([]byte(c.body))
		if got.Verdict != c.verdict || got.Finding != c.finding {
			t.Errorf("%s: got %s, %q, want %s, %q", c.name, got.Verdict, got.Finding, c.verdict, c.finding)
		}
		if want := c.verdict == schemas.Merges; (string(got.Metadata) == c.body && c.body != "") != want {
			t.Errorf("%s: metadata %.40q, want what was answered: %t", c.name, got.Metadata, want)
		}
	}
}

func FuzzBeforeMessageAnswer(f *testing.F) {
	for _, s := range []string{"", "{}", `{"action":"do_not_propagate"}`, `{"a":1}`, "null", "OK", "\xff", `{"a":1e999}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		before := bytes.Clone(body)
		got := schemas.BeforeMessageAnswer(body)
		if !bytes.Equal(body, before) {
			t.Error("the body was changed")
		}
		if (got.Verdict == schemas.Unreadable) != (got.Finding != "") || (got.Verdict == schemas.Merges) != (got.Metadata != nil) {
			t.Errorf("%+v is not one verdict", got)
		}
		if strings.ContainsFunc(got.Finding, func(r rune) bool { return !unicode.IsPrint(r) }) {
			t.Errorf("finding %q is not one printable line", got.Finding)
		}
	})
}
