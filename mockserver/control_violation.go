package mockserver

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
)

// violation puts what kin-openapi found wrong with a request into our words: the
// first of its findings, in the order of the document's parameters and then by
// the place in the body. Values are not repeated.
func violation(err error) *problem {
	var all []*problem
	collect(err, "", &all)
	if len(all) == 0 {
		return &problem{status: http.StatusBadRequest, message: "the request does not keep GET /v1/openapi.json"}
	}
	slices.SortStableFunc(all, func(a, b *problem) int { return strings.Compare(a.field, b.field) })
	return all[0]
}

func collect(err error, parameter string, all *[]*problem) {
	add := func(field, message string) {
		about := "the body"
		if field != "" {
			field = quotedName(field)
			about = field
		}
		*all = append(*all, &problem{status: http.StatusBadRequest, field: field, message: about + " " + message})
	}
	switch e := err.(type) { //nolint:errorlint // kin-openapi's tree of errors, walked by hand
	case openapi3.MultiError:
		for _, one := range e {
			collect(one, parameter, all)
		}
	case *openapi3.SchemaError:
		place := e.JSONPointer()
		if parameter != "" {
			place = []string{parameter}
		} else if e.SchemaField == "properties" {
			place = append(place, unknown(e))
		}
		add(strings.Join(place, "."), wants(e))
	case *openapi3filter.ParseError:
		add(parameter, "must be a number in plain digits within its bounds")
	case *openapi3filter.RequestError:
		if e.Parameter != nil {
			parameter = e.Parameter.Name
		}
		switch {
		case errors.Is(e.Err, openapi3filter.ErrInvalidRequired) && parameter == "":
			add("", "is missing: want a JSON object")
		case errors.Is(e.Err, openapi3filter.ErrInvalidEmptyValue):
			add(parameter, "must not be empty")
		case e.Parameter == nil && e.RequestBody == nil:
			*all = append(*all, &problem{status: http.StatusBadRequest, message: "this call takes no body"})
		default:
			collect(e.Err, parameter, all)
		}
	}
}

// quotedName is a name of the caller's, cut and on one line.
func quotedName(name string) string {
	if quoted := fmt.Sprintf("%.100q", name); quoted != `"`+name+`"` {
		return quoted
	}
	return name
}

// unknown is the first of an object's members that its schema does not have.
func unknown(e *openapi3.SchemaError) string {
	object, _ := e.Value.(map[string]any)
	for _, name := range slices.Sorted(maps.Keys(object)) {
		if _, ok := e.Schema.Properties[name]; !ok {
			return name
		}
	}
	return ""
}

// wants says what a schema demands of a value.
func wants(e *openapi3.SchemaError) string {
	s := e.Schema
	if text, ok := s.Extensions["x-wants"].(string); ok {
		return "must be " + text
	}
	switch {
	case e.SchemaField == "properties":
		return "is unknown: want one of " + strings.Join(slices.Sorted(maps.Keys(s.Properties)), ", ")
	case e.SchemaField == "maxProperties":
		return fmt.Sprintf("must have at most %d members", *s.MaxProps)
	case e.SchemaField == "format" && s.Format == "date-time":
		return "must be a time such as 2026-01-31T12:00:00Z"
	default:
		return inWords(s, e.SchemaField)
	}
}
