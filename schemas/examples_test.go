package schemas_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"hookproof/schemas"
)

// An example is a payload in testdata. In a minimal one every member is required; a
// full one has every member that the contract knows. The name of a file is
// TRIGGER.json or TRIGGER.VARIANT.json.
type example struct {
	name    string // e.g. "full/message_sent.group"
	trigger string
	body    []byte
}

func (e example) minimal() bool { return strings.HasPrefix(e.name, "minimal/") }

// generation is that of the example's trigger.
func (e example) generation() schemas.Generation {
	trigger, _ := schemas.Lookup(e.trigger)
	return trigger.Generation
}

func (e example) shaped() bool {
	trigger, _ := schemas.Lookup(e.trigger)
	return trigger.Shaped()
}

func examples(t testing.TB) []example {
	t.Helper()
	names, err := filepath.Glob("testdata/*/*.json")
	if err != nil || len(names) == 0 {
		t.Fatalf("no examples: %v", err)
	}
	all := make([]example, len(names))
	for i, name := range names {
		body, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		trigger, _, _ := strings.Cut(filepath.Base(name), ".")
		short, _ := strings.CutPrefix(filepath.ToSlash(strings.TrimSuffix(name, ".json")), "testdata/")
		all[i] = example{short, trigger, body}
	}
	return all
}

func read(t testing.TB, name string) []byte {
	t.Helper()
	body, err := os.ReadFile("testdata/" + name + ".json")
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// A place is a value inside a payload and the container that holds it.
type place struct {
	pointer string
	value   any
	parent  map[string]any // nil in arrays
	name    string
	set     func(any)
}

// inMap says that the place is an entry of a map keyed by uid rather than a member.
func (p place) inMap() bool {
	parts := strings.Split(p.pointer, "/")
	return len(parts) > 1 && slices.Contains([]string{"members", "users", "mentions"}, parts[len(parts)-2])
}

// free says that the place is an object that may hold anything.
func (p place) free() bool {
	return slices.Contains([]string{"metadata", "customData", "interactiveData", "variables", "style", "custom", "messageObject"}, p.name) ||
		strings.HasSuffix(p.pointer, "/notificationDetails/message") || strings.Contains(p.pointer, "/content/body/")
}

// nullable says that null is documented for the place.
func (p place) nullable() bool {
	return strings.HasPrefix(p.pointer, "/data/") && strings.Count(p.pointer, "/") == 2 && slices.Contains([]string{
		"scheduledAt", "completedAt", "deliveredAt", "readAt", "engagedAt", "interactedAt", "clickedAt", "failedAt", "errorMessage"}, p.name)
}

func isUIDMap(pointer string) bool {
	return slices.Contains([]string{"members", "users", "mentions"}, pointer[strings.LastIndexByte(pointer, '/')+1:])
}

// places lists all values below v, parents first.
func places(v any, pointer string) []place {
	var all []place
	switch v := v.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			all = append(all, place{pointer + "/" + name, v[name], v, name, func(x any) { v[name] = x }})
			all = append(all, places(v[name], pointer+"/"+name)...)
		}
	case []any:
		for i := range v {
			p := pointer + "/" + strconv.Itoa(i)
			all = append(all, place{p, v[i], nil, "", func(x any) { v[i] = x }})
			all = append(all, places(v[i], p)...)
		}
	}
	return all
}

func parse(t testing.TB, body []byte) any {
	t.Helper()
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

func encode(t testing.TB, v any) []byte {
	t.Helper()
	body, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// edit returns the body with the value at pointer replaced, or removed if
// to is drop. Missing objects on the way are an error of the test.
func edit(t testing.TB, body []byte, pointer string, to any) []byte {
	t.Helper()
	v := parse(t, body)
	if pointer == "" {
		return encode(t, to)
	}
	i := strings.LastIndexByte(pointer, '/')
	parent, name := v, pointer[i+1:]
	for token := range strings.SplitSeq(strings.TrimPrefix(pointer[:i], "/"), "/") {
		if token == "" {
			continue
		}
		if list, ok := parent.([]any); ok {
			n, err := strconv.Atoi(token)
			if err != nil {
				t.Fatal(err)
			}
			parent = list[n]
			continue
		}
		parent = parent.(map[string]any)[token]
	}
	object, ok := parent.(map[string]any)
	if !ok {
		t.Fatalf("%s is in no object", pointer)
	}
	if _, remove := to.(drop); remove {
		delete(object, name)
	} else {
		object[name] = to
	}
	return encode(t, v)
}

type drop struct{}

func jsonType(v any) string {
	switch v.(type) {
	case nil:
		return "null"
	case bool:
		return "boolean"
	case string:
		return "string"
	case json.Number:
		return "number"
	case []any:
		return "array"
	default:
		return "object"
	}
}

func TestExamplesCoverTheCatalogue(t *testing.T) {
	have := map[string]bool{}
	for _, e := range examples(t) {
		have[strings.SplitN(e.name, "/", 2)[0]+"/"+e.trigger] = true
		if _, ok := schemas.Lookup(e.trigger); !ok {
			t.Errorf("testdata/%s.json is of no known trigger", e.name)
		}
	}
	for _, name := range schemas.Names() {
		for _, kind := range []string{"minimal", "full"} {
			if !have[kind+"/"+name] {
				t.Errorf("testdata/%s/%s.json is missing", kind, name)
			}
		}
	}
}
