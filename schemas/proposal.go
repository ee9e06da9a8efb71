package schemas

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v5"
)

// home is where something can be declared: a JSON Pointer into a file of the contract.
type home struct{ file, pointer string }

func fileOf(s *jsonschema.Schema) string {
	file, _, _ := strings.Cut(s.Location, "#")
	return strings.TrimPrefix(file, root)
}

func fragmentOf(s *jsonschema.Schema) string {
	_, fragment, _ := strings.Cut(s.Location, "#")
	return location(fragment)
}

// homeOf returns the members to which one can be added that the schemas which apply
// do not declare: those of the trigger's own file if it says any there, or else where
// there are most.
func homeOf(applied []*jsonschema.Schema, trigger string) home {
	var found home
	most := 0
	for _, s := range applied {
		h := home{fileOf(s), fragmentOf(s) + "/properties"}
		switch {
		case len(s.Properties) == 0:
		case h.file == "triggers/"+trigger+".json":
			return h
		case len(s.Properties) > most:
			found, most = h, len(s.Properties)
		}
	}
	return found
}

// Change is what Propose does to a file of the contract.
type Change struct {
	File     string // below the folder schemas, such as "defs/message.json"
	Old, New []byte
}

// Propose returns how the files of the contract would have to change to declare the
// members that were seen and list the words: nothing that was declared is taken back,
// and a violation of a type or a required member is left to people, who know which
// side is wrong. What is shared between triggers changes for all of them. Words that
// are shown by their length only, and members of maps with long names, are left out.
func (c *Comparison) Propose() ([]Change, error) {
	members := map[home]map[string]*unknownCount{} // by name
	words := map[home]map[string]bool{}
	for _, t := range c.triggers {
		for place, u := range t.unknown {
			h, name := t.homes[place], last(place)
			if h == (home{}) || strings.HasPrefix(name, "(") || name == "" {
				continue
			}
			if members[h] == nil {
				members[h] = map[string]*unknownCount{}
			}
			have := members[h][name]
			if have == nil {
				have = &unknownCount{types: map[string]int64{}}
				members[h][name] = have
			}
			have.count += u.count
			maps.Copy(have.types, u.types)
		}
		for place, values := range t.values {
			h := t.homes["="+place]
			for v := range values {
				if !isWord(v) {
					continue
				}
				if words[h] == nil {
					words[h] = map[string]bool{}
				}
				words[h][v] = true
			}
		}
	}
	edits := map[string][]edit{}
	for h, all := range members {
		e, err := addMembers(h, all)
		if err != nil {
			return nil, err
		}
		edits[h.file] = append(edits[h.file], e)
	}
	for h, all := range words {
		e, err := addWords(h, sortedKeys(all))
		if err != nil {
			return nil, err
		}
		edits[h.file] = append(edits[h.file], e)
	}
	var out []Change
	for _, file := range slices.Sorted(maps.Keys(edits)) {
		old, err := files.ReadFile(file)
		if err != nil {
			return nil, err
		}
		out = append(out, Change{file, old, apply(old, edits[file])})
	}
	return out, nil
}

func last(place string) string {
	all := tokens(place)
	return all[len(all)-1]
}

func sortedKeys[V any](m map[string]V) []string {
	out := slices.Sorted(maps.Keys(m))
	if out == nil {
		return []string{}
	}
	return out
}

// addMembers declares members at the end of those of an object.
func addMembers(h home, all map[string]*unknownCount) (edit, error) {
	text, end, err := lastIn(h)
	if err != nil {
		return edit{}, err
	}
	sep := separator(text, end)
	var added strings.Builder
	for _, name := range sortedKeys(all) {
		types := sortedKeys(all[name].types)
		if i := slices.Index(types, "integer"); i >= 0 && slices.Contains(types, "number") {
			types = slices.Delete(types, i, i+1) // which numbers include
		}
		of := strconv.Quote(types[0])
		if len(types) > 1 {
			quoted := make([]string, len(types))
			for i, t := range types {
				quoted[i] = strconv.Quote(t)
			}
			of = "[" + strings.Join(quoted, ", ") + "]"
		}
		quoted, _ := json.Marshal(name) // of a string, which never fails
		fmt.Fprintf(&added, `,%s%s: { "type": %s, "x-basis": "observed" }`, sep, quoted, of)
	}
	return edit{end, added.String()}, nil
}

// addWords lists words at the end of a list.
func addWords(h home, words []string) (edit, error) {
	text, end, err := lastIn(h)
	if err != nil {
		return edit{}, err
	}
	sep := separator(text, end)
	var added strings.Builder
	for _, w := range words {
		fmt.Fprintf(&added, ",%s%q", sep, w)
	}
	return edit{end, added.String()}, nil
}
