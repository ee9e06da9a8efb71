package schemas_test

import (
	"bytes"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"hookproof/schemas"
)

func TestPayloadsThatAreNotJSON(t *testing.T) {
	sent := string(read(t, "minimal/message_sent"))
	for _, c := range []struct {
		name, body string
		offset     int64
		reason     string
	}{
		{"empty", "", 0, "it is empty"},
		{"blank", " \r\n\t", 4, "it is empty"},
		{"cut off", `{"trigger":`, 11, "unexpected end of JSON input"},
		{"text", "hello", 1, "invalid character 'h' looking for beginning of value"},
		{"single quotes", "{'trigger':1}", 2, "invalid character '\\'' looking for beginning of object key string"},
		{"trailing comma", `{"a":1,}`, 8, "invalid character '}' looking for beginning of object key string"},
		{"not a number", `{"a":NaN}`, 6, "invalid character 'N' looking for beginning of value"},
		{"data after the value", `{} {}`, 4, "invalid character '{' after top-level value"},
		{"two events on lines", sent + sent, int64(len(sent)) + 1, "invalid character '{' after top-level value"},
		{"byte order mark", "\ufeff{}", 0, "it starts with a byte order mark; save it without"},
		{"byte that is not UTF-8", "{\"a\":\"\xff\"}", 6, "it is not UTF-8 there"},
		{"bare carriage control in a string", "{\"a\":\"\x01\"}", 7, "invalid character '\\x01' in string literal"},
		{"nested too deep", strings.Repeat("[", 20_000), 10_001, "invalid character '[' exceeded max depth"},
	} {
		t.Run(c.name, func(t *testing.T) {
			for call, err := range map[string]error{
				"Validate":      schemas.Validate("message_sent", []byte(c.body)),
				"ValidateEvent": second(schemas.ValidateEvent([]byte(c.body))),
				"Key":           second(schemas.Key([]byte(c.body))),
				"Drift":         second(schemas.Drift("message_sent", []byte(c.body))),
			} {
				se, ok := errors.AsType[*schemas.SyntaxError](err)
				if !ok || se.Offset != c.offset || se.Reason != c.reason {
					t.Errorf("%s = %#v, want offset %d and %q", call, err, c.offset, c.reason)
				}
			}
		})
	}
}

func second[T any](_ T, err error) error { return err }

func TestPayloadsAreBounded(t *testing.T) {
	sent := read(t, "minimal/message_sent")
	largest := slices.Concat(sent, bytes.Repeat([]byte(" "), schemas.MaxPayload-len(sent)))
	if err := schemas.Validate("message_sent", largest); err != nil {
		t.Errorf("Validate of %d bytes = %v", len(largest), err)
	}
	for call, err := range map[string]error{
		"Validate":      schemas.Validate("message_sent", append(largest, ' ')),
		"ValidateEvent": second(schemas.ValidateEvent(append(largest, ' '))),
		"Key":           second(schemas.Key(append(largest, ' '))),
		"Drift":         second(schemas.Drift("message_sent", append(largest, ' '))),
	} {
		se, ok := errors.AsType[*schemas.SizeError](err)
		if want := (schemas.SizeError{Size: schemas.MaxPayload + 1, Max: schemas.MaxPayload}); !ok || *se != want {
			t.Errorf("%s = %#v, want %+v", call, err, want)
		}
	}
	if got, want := (&schemas.SizeError{Size: -1, Max: 10}).Error(), "payload is larger than 10 bytes, which is the most that is read"; got != want {
		t.Errorf("Error() = %q, want %q", got, want)
	}
}

func TestDuplicateMembersCountByTheLast(t *testing.T) {
	body := read(t, "minimal/message_sent")
	twice := func(last string) []byte {
		return slices.Concat(body[:len(body)-3], []byte(`, "trigger": `+last+`}`))
	}
	if got, err := schemas.ValidateEvent(twice(`"message_sent"`)); got != "message_sent" || err != nil {
		t.Errorf("ValidateEvent = %q, %v", got, err)
	}
	if got, err := schemas.ValidateEvent(twice(`"user_blocked"`)); got != "user_blocked" || err == nil {
		t.Errorf("ValidateEvent = %q, %v, want violations of user_blocked", got, err)
	}
}

// Each payload makes a naive judge slow or hungry.
func TestHostilePayloadsAreJudgedInBoundedTime(t *testing.T) {
	notForRace(t)
	around := func(trigger, data string) string {
		return `{"trigger":"` + trigger + `","type":"call","data":` + data + `,"appId":"a","region":"us","webhook":"w"}`
	}
	var uids strings.Builder
	for i := range 45_000 {
		fmt.Fprintf(&uids, `"%d":1,`, i)
	}
	for name, body := range map[string]string{
		"many wrong items":    around("call_ended", `{"all_occupants":[`+strings.Repeat("1,", 45_000)+`1]}`),
		"too many items":      around("call_ended", `{"all_occupants":[`+strings.Repeat("1,", 500_000)+`1]}`),
		"many empty items":    around("call_ended", `{"all_occupants":[`+strings.Repeat("{},", 45_000)+`1]}`),
		"many wrong users":    around("user_blocked", `{"users":{`+uids.String()+`"x":1}}`),
		"many huge exponents": around("call_ended", `{"all_occupants":[`+strings.Repeat(`{"joined_at":1e999999},`, 20_000)+`1]}`),
		"one huge number":     around("call_started", `{"created_at":`+strings.Repeat("9", 900_000)+`}`),
		"one long fraction":   around("call_started", `{"created_at":0.`+strings.Repeat("9", 900_000)+`}`),
		"a long name":         around("user_blocked", `{"users":{"`+strings.Repeat("u", 900_000)+`":{"uid":1,"name":1,"tags":[1,1,1]}}}`),
		"a deep metadata":     around("user_blocked", `{"by":{"uid":"a","name":"A","metadata":`+strings.Repeat(`{"a":`, 5_000)+`{}`+strings.Repeat(`}`, 5_000)+`}}`),
	} {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			start := time.Now()
			_, err := schemas.ValidateEvent([]byte(body))
			took := time.Since(start)
			runtime.ReadMemStats(&after)
			ve, ok := errors.AsType[*schemas.ValidationError](err)
			if !ok {
				t.Fatalf("ValidateEvent = %v, want a *ValidationError", err)
			}
			if n := len(ve.Violations); n == 0 || n > schemas.MaxViolations {
				t.Errorf("%d violations, want 1 to %d", n, schemas.MaxViolations)
			}
			if n := len(err.Error()); n > 2_000 {
				t.Errorf("error of %d bytes", n)
			}
			// Generous: a shared machine under the race detector is slow.
			if mb := (after.TotalAlloc - before.TotalAlloc) >> 20; took > 20*time.Second || mb > 400 {
				t.Errorf("took %v and %d MB", took, mb)
			}
			t.Logf("%d bytes: %v, %d MB allocated, %d+%d violations", len(body), took, (after.TotalAlloc-before.TotalAlloc)>>20, len(ve.Violations), ve.Omitted)
		})
	}
}

func TestErrorsCountWhatTheyDoNotShow(t *testing.T) {
	body := `{"trigger":"call_ended","type":"call","data":{"sessionId":"s","created_at":1,"destroyed_at":2,"all_occupants":[` +
		strings.Repeat("1,", 2_999) + `1]},"appId":"a","region":"us","webhook":"w"}`
	_, err := schemas.ValidateEvent([]byte(body))
	ve, ok := errors.AsType[*schemas.ValidationError](err)
	if !ok || len(ve.Violations) != schemas.MaxViolations || ve.Omitted != 2_000 {
		t.Fatalf("ValidateEvent = %.200v, want %d violations and 2000 omitted", err, schemas.MaxViolations)
	}
	if want := "; and 2997 more"; !strings.HasSuffix(err.Error(), want) {
		t.Errorf("Error() = %q, want it to end in %q", err, want)
	}
}

func TestErrorsAreOneLine(t *testing.T) {
	body := edit(t, read(t, "minimal/user_blocked"), "/data/users", map[string]any{"a\nb\x1b[31m\u2028c\u202e": 1})
	err := schemas.Validate("user_blocked", body)
	if err == nil || strings.ContainsAny(err.Error(), "\n\r\x1b\u2028\u202e") {
		t.Errorf("Error() = %q, want one printable line", err)
	}
	want := "/data/users/a\nb\x1b[31m\u2028c\u202e"
	if ve, ok := errors.AsType[*schemas.ValidationError](err); !ok || ve.Violations[0].Pointer != want {
		t.Errorf("Validate = %#v, want the pointer unchanged", err)
	}
}
