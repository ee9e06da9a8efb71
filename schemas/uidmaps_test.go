package schemas_test

import (
	"strings"
	"testing"
)

func TestUIDMapsHoldUsers(t *testing.T) {
	for _, e := range examples(t) {
		v := parse(t, e.body)
		for _, p := range places(v, "") {
			if !isUIDMap(p.pointer) {
				continue
			}
			users := p.value.(map[string]any)
			t.Run(e.name+p.pointer, func(t *testing.T) {
				for name, c := range map[string]struct {
					value any
					want  string // violations, or "" for valid
				}{
					"no users":       {map[string]any{}, ""},
					"user is a uid":  {map[string]any{"ada": "ada"}, "/ada: expected object, but got string (a user)"},
					"user is null":   {map[string]any{"ada": nil}, "/ada: expected object, but got null (a user)"},
					"array of users": {[]any{users}, ": expected object, but got array (a map of "},
					"long uid":       {map[string]any{strings.Repeat("u", 101): any1(users)}, "its name must have at most 100 characters, but has 101 (a uid)"},
					"longest uid":    {map[string]any{strings.Repeat("u", 100): any1(users)}, ""},
					"empty uid":      {map[string]any{"": any1(users)}, "/: its name must not be empty (a uid)"},
					"escaped uid":    {map[string]any{"a/b~c%d é": nil}, "/a~1b~0c%d é: expected object, but got null (a user)"},
				} {
					p.set(c.value)
					got := violations(t, e.trigger, encode(t, v))
					p.set(users)
					switch {
					case c.want == "" && len(got) != 0:
						t.Errorf("%s: %v, want none", name, got)
					case c.want != "" && (len(got) != 1 || !strings.HasPrefix(got[0].Pointer, p.pointer) || !strings.Contains(got[0].String(), c.want)):
						t.Errorf("%s: %v, want one with %q", name, got, p.pointer+c.want)
					}
				}
			})
		}
	}
}

func any1(m map[string]any) any {
	for _, v := range m {
		return v
	}
	return nil
}
