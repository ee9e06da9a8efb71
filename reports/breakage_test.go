package reports_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// breakage is one change of a decoded report; fine if the result is a report still.
type breakage struct {
	fine bool
	do   func(report any)
}

// optional are the members that may be left out.
var optional = []string{"whyNot", "reason", "measures", "cause", "fix", "exchange", "curl", "failure", "remote", "protocol", "waiver", "waiverProblems", "catalogue",
	"configuration", "exchanges", "leftOut"}

// worded are the members that hold one of a few words, and those of a special form.
var worded = []string{"mode", "verdict", "level", "impact", "outcome", "started", "id"}

// optionalAt tells of a member whose name is that of an optional one, but not everywhere.
func optionalAt(path, name string) bool {
	if strings.HasSuffix(path, "/waiver") || strings.HasPrefix(path, "/exchanges/") && name == "exchange" {
		return false
	}
	return slices.Contains(optional, name)
}

func breakages(report any) map[string]breakage {
	all := map[string]breakage{}
	var walk func(v any, path string, find func(any) any)
	walk = func(v any, path string, find func(any) any) {
		object := func(report any) map[string]any { return find(report).(map[string]any) }
		switch v := v.(type) {
		case map[string]any:
			all[path+" + unknown"] = breakage{false, func(r any) { object(r)["unknown"] = 1 }}
			for name, member := range v {
				at := path + "/" + name
				all[at+" missing"] = breakage{optionalAt(path, name), func(r any) { delete(object(r), name) }}
				for word, other := range others(member) {
					all[at+" "+word] = breakage{false, func(r any) { object(r)[name] = other }}
				}
				if slices.Contains(worded, name) {
					all[at+" word"] = breakage{false, func(r any) { object(r)[name] = "nonsense" }}
				}
				if _, ok := member.(json.Number); ok && name != "value" {
					all[at+" negative"] = breakage{false, func(r any) { object(r)[name] = json.Number("-1") }}
				}
				walk(member, at, func(r any) any { return object(r)[name] })
			}
		case []any:
			for i := range min(1, len(v)) {
				at := fmt.Sprintf("%s/%d", path, i)
				for word, other := range others(v[i]) {
					all[at+" "+word] = breakage{false, func(r any) { find(r).([]any)[i] = other }}
				}
				if strings.HasSuffix(path, "/basis") {
					all[at+" word"] = breakage{false, func(r any) { find(r).([]any)[i] = "nonsense" }}
				}
				walk(v[i], at, func(r any) any { return find(r).([]any)[i] })
			}
		}
	}
	walk(report, "", func(r any) any { return r })
	return all
}

// others are values of every JSON type but that of v.
func others(v any) map[string]any {
	all := map[string]any{"null": nil, "bool": true, "number": json.Number("7"), "text": "7", "list": []any{}, "object": map[string]any{}}
	switch v.(type) {
	case bool:
		delete(all, "bool")
	case json.Number:
		delete(all, "number")
	case string:
		delete(all, "text")
	case []any:
		delete(all, "list")
	case map[string]any:
		delete(all, "object")
	}
	return all
}
