package mockserver

import (
	"errors"
	"fmt"
	"iter"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
)

// violations yields the parts of a schema that a value broke, out of the tree of
// errors that kin-openapi makes of them.
func violations(err error) iter.Seq[*openapi3.SchemaError] {
	return func(yield func(*openapi3.SchemaError) bool) { eachViolation(err, yield) }
}

func eachViolation(err error, yield func(*openapi3.SchemaError) bool) bool {
	// Many errors, or one about allOf with those of its parts in its chain.
	if many, ok := errors.AsType[openapi3.MultiError](err); ok {
		for _, e := range many {
			if !eachViolation(e, yield) {
				return false
			}
		}
		return true
	}
	if one, ok := errors.AsType[*openapi3.SchemaError](err); ok {
		return yield(one)
	}
	return true
}

// parameterWords says what is wrong with a parameter.
func parameterWords(p *openapi3.Parameter, err error) string {
	for v := range violations(err) {
		return inWords(v.Schema, v.SchemaField)
	}
	s := p.Schema.Value
	if errors.Is(err, openapi3filter.ErrInvalidEmptyValue) || !s.Type.Is(openapi3.TypeInteger) {
		return "must not be empty"
	}
	switch {
	case len(s.Enum) > 0:
		return inWords(s, "enum")
	case s.Min != nil && s.Max != nil:
		return fmt.Sprintf("must be a whole number from %s to %s", decimal(*s.Min), decimal(*s.Max))
	}
	return inWords(s, "type")
}

// inWords says what a keyword of a schema asks for.
func inWords(s *openapi3.Schema, keyword string) string {
	switch keyword {
	case "required":
		return "is required"
	case "minLength":
		if s.MinLength == 1 {
			return "must not be empty"
		}
		return fmt.Sprintf("must have at least %d characters", s.MinLength)
	case "maxLength":
		return fmt.Sprintf("must have at most %d characters", *s.MaxLength)
	case "minItems":
		return fmt.Sprintf("must have at least %s", itemCount(s.MinItems))
	case "maxItems":
		return fmt.Sprintf("must have at most %s", itemCount(*s.MaxItems))
	case "minimum":
		return "must be at least " + decimal(*s.Min)
	case "maximum":
		return "must be at most " + decimal(*s.Max)
	case "pattern":
		if words, ok := s.Extensions["x-patternInWords"].(string); ok {
			return "must have " + words
		}
	case "enum":
		allowed := make([]string, len(s.Enum))
		for i, v := range s.Enum {
			allowed[i] = fmt.Sprint(v)
		}
		return "must be " + strings.Join(allowed, " or ")
	case "type", "nullable":
		if s.Type != nil && len(*s.Type) == 1 {
			return "must be " + typeName((*s.Type)[0])
		}
	}
	return "must match the contract's " + keyword
}

func typeName(t string) string {
	switch t {
	case openapi3.TypeBoolean:
		return "true or false"
	case openapi3.TypeInteger:
		return "a whole number"
	case openapi3.TypeArray:
		return "a list"
	case openapi3.TypeObject:
		return "an object"
	}
	return "a " + t
}

func itemCount(n uint64) string {
	if n == 1 {
		return "1 item"
	}
	return strconv.FormatUint(n, 10) + " items"
}

func decimal(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }
