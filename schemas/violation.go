package schemas

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/santhosh-tekuri/jsonschema/v5"
)

// MaxViolations bounds the violations that one [ValidationError] lists.
const MaxViolations = 1000

// finding is a violation with the keyword that found it.
type finding struct {
	Violation
	keyword string
}

// explain turns jsonschema's tree of errors into a sorted list of what is wrong.
// Only the leaves say so; the rest tells the way through the schema.
func explain(err error, payload any) []Violation {
	return distinct(explained(err, payload))
}

// explained is explain with the keywords that found what is wrong, not yet sorted.
func explained(err error, payload any) []finding {
	ve, ok := errors.AsType[*jsonschema.ValidationError](err)
	if !ok {
		// Only a reference that loops within one schema gets here; the tests compile and try all.
		return []finding{{Violation{Message: err.Error()}, ""}}
	}
	var found []finding
	var visit func(*jsonschema.ValidationError)
	visit = func(e *jsonschema.ValidationError) {
		if len(e.Causes) == 0 {
			found = append(found, explainLeaf(e, payload)...)
		}
		for _, cause := range e.Causes {
			visit(cause)
		}
	}
	visit(ve)
	return found
}

// distinct is distinctFindings without the keywords.
func distinct(found []finding) []Violation {
	var out []Violation
	for _, f := range distinctFindings(found) {
		out = append(out, f.Violation)
	}
	return out
}

// distinctFindings sorts findings and drops those that say again what another said. At
// one place a wrong type says all there is to say, and of several lists of
// allowed values, one from a shared definition and one from the trigger, the
// narrower is meant.
func distinctFindings(found []finding) []finding {
	rank := func(f finding) int {
		switch f.keyword {
		case "type":
			return 0
		case "const", "enum":
			return 1
		default:
			return 2
		}
	}
	slices.SortFunc(found, func(a, b finding) int {
		c := cmp.Or(cmp.Compare(a.Pointer, b.Pointer), cmp.Compare(rank(a), rank(b)))
		if c == 0 && rank(a) == 1 {
			c = cmp.Compare(len(a.Message), len(b.Message))
		}
		return cmp.Or(c, cmp.Compare(a.Message, b.Message))
	})
	var out []finding
	for i, f := range found {
		if i > 0 && f.Pointer == found[i-1].Pointer {
			// Everything after a type, and lists of values after the first, repeat it.
			first := found[i-1]
			if rank(first) == 0 || rank(first) == 1 && rank(f) == 1 || f == first {
				found[i].keyword = first.keyword
				continue
			}
		}
		out = append(out, f)
	}
	slices.SortFunc(out, func(a, b finding) int {
		return cmp.Or(cmp.Compare(a.Pointer, b.Pointer), cmp.Compare(a.Message, b.Message))
	})
	return out
}

// explainLeaf words one error by the schema and the payload rather than by
// jsonschema's text, which lacks the offending value and the schema's title.
func explainLeaf(e *jsonschema.ValidationError, payload any) []finding {
	where := location(e.InstanceLocation)
	pointer := strings.ReplaceAll(where, noName, "")
	file, fragment, _ := strings.Cut(e.AbsoluteKeywordLocation, "#")
	way := tokens(location(fragment))
	if len(way) == 0 {
		return []finding{{Violation{pointer, printable(e.Message, 200)}, ""}}
	}
	keyword := way[len(way)-1]
	node, _ := at(theContract().docs[strings.TrimPrefix(file, root)], way[:len(way)-1])
	schema, _ := node.(map[string]any)
	value, _ := at(payload, tokens(where))
	subject, limit := "", schema[keyword]
	if strings.Contains(e.KeywordLocation, "/propertyNames/") {
		all := tokens(where)
		subject, value = "its name ", any(all[len(all)-1])
		if value == noName {
			keyword = "minLength"
		}
	}
	if keyword == "required" {
		return missing(pointer, schema, value)
	}
	message := subject + wording(keyword, limit, value, e.Message)
	if title, ok := schema["title"].(string); ok {
		message += " (" + title + ")"
	}
	return []finding{{Violation{pointer, message}, keyword}}
}

func missing(pointer string, schema map[string]any, value any) []finding {
	object, _ := value.(map[string]any)
	names, _ := schema["required"].([]any)
	var out []finding
	for _, n := range names {
		name, _ := n.(string)
		if _, ok := object[name]; !ok {
			out = append(out, finding{Violation{pointer, "missing " + strconv.Quote(name)}, "required"})
		}
	}
	return out
}

// wording says what a keyword demands and what the payload has instead.
func wording(keyword string, limit, value any, otherwise string) string {
	switch keyword {
	case "type":
		types := strings.Join(texts(limit), " or ")
		got := typeName(value)
		if strings.Contains(types, "integer") && got == "number" {
			got = show(value)
		}
		return fmt.Sprintf("expected %s, but got %s", types, got)
	case "const":
		return fmt.Sprintf("must be %s, but got %s", show(limit), show(value))
	case "enum":
		all, _ := limit.([]any)
		allowed := make([]string, len(all))
		for i, a := range all {
			allowed[i] = show(a)
		}
		return fmt.Sprintf("must be one of %s, but got %s", strings.Join(allowed, ", "), show(value))
	case "minimum":
		return fmt.Sprintf("must be at least %s, but got %s", show(limit), show(value))
	case "maximum":
		return fmt.Sprintf("must be at most %s, but got %s", show(limit), show(value))
	case "minLength":
		return "must not be empty"
	case "maxLength":
		s, _ := value.(string)
		return fmt.Sprintf("must have at most %s characters, but has %d", show(limit), utf8.RuneCountInString(s))
	case "pattern":
		return fmt.Sprintf("must match %s, but got %s", limit, show(value))
	default:
		return printable(otherwise, 200)
	}
}

// texts returns a string, or all strings of an array.
func texts(v any) []string {
	switch v := v.(type) {
	case string:
		return []string{v}
	case []any:
		var all []string
		for _, item := range v {
			all = append(all, texts(item)...)
		}
		return all
	default:
		return nil
	}
}

// show returns a value on one line of bounded length.
func show(v any) string {
	switch v := v.(type) {
	case string:
		return quote(v)
	case bool:
		return strconv.FormatBool(v)
	case json.Number:
		return v.String()
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64)
	default:
		return typeName(v)
	}
}
