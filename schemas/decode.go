package schemas

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// MaxPayload bounds a payload that is validated, in bytes. Assumed: the provider
// names no limit; its largest known payload carries 9,000 characters of text.
const MaxPayload = 1 << 20

// decode reads a payload. It is as strict as RFC 8259 in that the payload is one
// value in UTF-8 without a byte order mark, since a decoder that replaces bad bytes
// would hide that text was damaged on its way. Of members with the same name
// the last counts, as in encoding/json. Nesting is bounded by encoding/json to 10,000.
func decode(payload []byte) (any, error) {
	if len(payload) > MaxPayload {
		return nil, &SizeError{Size: int64(len(payload)), Max: MaxPayload}
	}
	if len(bytes.TrimLeft(payload, " \t\r\n")) == 0 {
		return nil, &SyntaxError{Offset: int64(len(payload)), Reason: "it is empty"}
	}
	if bytes.HasPrefix(payload, []byte("\ufeff")) {
		return nil, &SyntaxError{Reason: "it starts with a byte order mark; save it without"}
	}
	if !utf8.Valid(payload) {
		return nil, &SyntaxError{Offset: int64(validPrefix(payload)), Reason: "it is not UTF-8 there"}
	}
	dec := json.NewDecoder(bytes.NewReader(payload))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return nil, syntaxError(payload)
	}
	if len(bytes.TrimLeft(payload[dec.InputOffset():], " \t\r\n")) != 0 {
		return nil, syntaxError(payload)
	}
	return tame(v), nil
}

// syntaxError asks encoding/json again, because only Unmarshal gives offsets
// from the start of the payload and knows of trailing data.
func syntaxError(payload []byte) error {
	var raw json.RawMessage
	err := json.Unmarshal(payload, &raw)
	if se, ok := errors.AsType[*json.SyntaxError](err); ok {
		return &SyntaxError{Offset: se.Offset, Reason: se.Error()}
	}
	return &SyntaxError{Offset: int64(len(payload)), Reason: "it cannot be decoded"}
}

func validPrefix(b []byte) int {
	n := 0
	for n < len(b) {
		r, size := utf8.DecodeRune(b[n:])
		if r == utf8.RuneError && size == 1 {
			break
		}
		n += size
	}
	return n
}

// tame replaces numbers that would cost much time or memory as the exact
// fractions that jsonschema computes with, such as 1e999999, by the nearest float64.
func tame(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for name, m := range v {
			switch m.(type) {
			case json.Number, map[string]any, []any:
				v[name] = tame(m)
			}
		}
	case []any:
		for i, m := range v {
			v[i] = tame(m)
		}
	case json.Number:
		if len(v) <= 32 && !strings.ContainsAny(string(v), "eE") {
			return v
		}
		f, _ := strconv.ParseFloat(string(v), 64)
		switch {
		case math.IsInf(f, 0):
			f = math.Copysign(math.MaxFloat64, f)
		case f == 0 && strings.ContainsAny(mantissa(string(v)), "123456789"):
			f = math.SmallestNonzeroFloat64
		}
		return f
	}
	return v
}

func mantissa(number string) string {
	m, _, _ := strings.Cut(strings.ToLower(number), "e")
	return m
}
