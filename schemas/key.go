package schemas

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Key returns the idempotency key of an event: the parts that its trigger's
// IdempotencyKey points to, joined by "|", such as "wh1|message_sent|42". A part
// with several values has them joined by ",". In names and values "%", "|" and ","
// are percent-encoded, so that parts never run together: two events have the
// same key only if they have the same parts. A member that is missing, null or
// an array gives an empty part. A trigger without IdempotencyKey gives the key "",
// which no other has: its events cannot be told apart.
//
// The payload need not be valid, but must be JSON with a known trigger of any
// generation; errors are those of [Validate]. The key is at most about three times as long as
// the payload.
func Key(payload []byte) (string, error) {
	v, err := decode(payload)
	if err != nil {
		return "", err
	}
	trigger, err := triggerOf(Modern, v)
	if err != nil {
		return "", err
	}
	e, err := find(trigger)
	if err != nil {
		return "", err
	}
	parts := make([]string, len(e.key))
	for i, pointer := range e.key {
		parts[i] = strings.Join(keyValues(v, pointer), ",")
	}
	return strings.Join(parts, "|"), nil
}

// keyValues returns the escaped values that a pointer of a key stands for.
func keyValues(v any, pointer []string) []string {
	for i, token := range pointer {
		object, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		if token == "*" {
			var all []string
			for _, name := range slices.Sorted(maps.Keys(object)) {
				// One value each, so that they stay in step with the names.
				all = append(all, strings.Join(keyValues(object[name], pointer[i+1:]), ","))
			}
			return all
		}
		v = object[token]
	}
	switch v := v.(type) {
	case map[string]any:
		names := slices.Sorted(maps.Keys(v))
		for i, name := range names {
			names[i] = keyEscape(name)
		}
		return names
	case string:
		return []string{keyEscape(v)}
	case bool:
		return []string{strconv.FormatBool(v)}
	case json.Number:
		return []string{v.String()}
	case float64:
		return []string{strconv.FormatFloat(v, 'f', -1, 64)}
	default:
		return nil
	}
}

func keyEscape(s string) string {
	if !strings.ContainsAny(s, "%|,") {
		return s
	}
	return strings.NewReplacer("%", "%25", "|", "%7C", ",", "%2C").Replace(s)
}
