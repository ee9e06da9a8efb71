package reports

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
	"time"

	"hookproof/conformance"
)

// maxScalar bounds numbers and times, in characters, since encoding/json quotes a bad one in full.
const maxScalar = 64

// shape walks a JSON text along the type of a report. encoding/json alone
// would accept null for anything, members in another case, members given twice
// and members left out, and would not say where in a list a mistake is.
type shape struct{ dec *json.Decoder }

func checkShape(b []byte) error {
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.UseNumber()
	s := shape{dec}
	err := s.value(reflect.TypeFor[conformance.Report](), "")
	if err == nil {
		if _, err = dec.Token(); errors.Is(err, io.EOF) {
			return nil
		}
		err = errors.New("there is more after the report")
	}
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		return fmt.Errorf("not JSON: %s: %w", position(b, syntax.Offset), err)
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("not JSON: %s: the text ends in the middle", position(b, int64(len(b))))
	}
	return err
}

// position turns an offset into a place that an editor can jump to.
func position(b []byte, offset int64) string {
	before := b[:max(0, min(int(offset), len(b)))]
	line := bytes.Count(before, []byte("\n")) + 1
	column := len(before) - bytes.LastIndexByte(before, '\n') - 1
	return fmt.Sprintf("line %d, column %d", line, max(1, column))
}

func (s shape) value(t reflect.Type, path string) error {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	token, err := s.dec.Token()
	if err != nil {
		return err
	}
	want := kind(t)
	if got := tokenKind(token); got != want {
		return fmt.Errorf("%s: want %s, got %s", at(path), want, got)
	}
	switch want {
	case "an object":
		return s.object(t, path)
	case "a list":
		for i := 0; s.dec.More(); i++ {
			if err := s.value(t.Elem(), fmt.Sprintf("%s[%d]", path, i)); err != nil {
				return err
			}
		}
		_, err = s.dec.Token()
		return err
	case "a text":
		if t == reflect.TypeFor[time.Time]() && len(token.(string)) > maxScalar {
			return fmt.Errorf("%s: not a time", at(path))
		}
		if allowed := words(t); allowed != nil && !slices.Contains(allowed, token.(string)) {
			return fmt.Errorf("%s: %.60q is none of %s", at(path), token, strings.Join(allowed, ", "))
		}
	case "a number":
		digits := token.(json.Number).String()
		if len(digits) > maxScalar {
			return fmt.Errorf("%s: a number of %d characters", at(path), len(digits))
		}
		if t.Kind() != reflect.Float64 && strings.HasPrefix(digits, "-") {
			return fmt.Errorf("%s: %s is less than zero", at(path), digits)
		}
	}
	return nil
}

func (s shape) object(t reflect.Type, path string) error {
	members := map[string]reflect.StructField{}
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		members[name] = t.Field(i)
	}
	seen := map[string]bool{}
	for s.dec.More() {
		token, err := s.dec.Token()
		if err != nil {
			return err
		}
		name := token.(string) // the decoder refuses any other key
		field, known := members[name]
		if !known {
			return fmt.Errorf("%s: unknown member %.60q", at(path), name)
		}
		if seen[name] {
			return fmt.Errorf("%s: member %q occurs twice", at(path), name)
		}
		seen[name] = true
		if err := s.value(field.Type, strings.TrimPrefix(path+"."+name, ".")); err != nil {
			return err
		}
	}
	if _, err := s.dec.Token(); err != nil {
		return err
	}
	for i := range t.NumField() {
		name, options, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		if !seen[name] && options != "omitempty" {
			return fmt.Errorf("%s: member %q is missing", at(path), name)
		}
	}
	return nil
}

func at(path string) string {
	if path == "" {
		return "the report"
	}
	return path
}

// kind names the JSON type in which a Go type is written.
func kind(t reflect.Type) string {
	switch t {
	case reflect.TypeFor[time.Time]():
		return "a text"
	case reflect.TypeFor[conformance.Duration]():
		return "a number"
	}
	switch t.Kind() {
	case reflect.Struct:
		return "an object"
	case reflect.Slice:
		return "a list"
	case reflect.String:
		return "a text"
	case reflect.Bool:
		return "true or false"
	default:
		return "a number"
	}
}

func tokenKind(token json.Token) string {
	switch v := token.(type) {
	case json.Delim:
		if v == '{' {
			return "an object"
		}
		return "a list"
	case string:
		return "a text"
	case bool:
		return "true or false"
	case json.Number:
		return "a number"
	default:
		return "null"
	}
}
