package matchers

import (
	"errors"
	"fmt"
	"strings"

	"github.com/onsi/gomega/types"

	"hookproof/schemas"
)

// MatchTrigger succeeds if the payload, []byte, string or json.RawMessage, is
// a valid event of the trigger by the contract. An unknown trigger is an
// error of the matcher, since no payload could match it.
func MatchTrigger(name string) types.GomegaMatcher { return &matchTrigger{name: name} }

type matchTrigger struct {
	name string
	err  error
}

func (m *matchTrigger) Match(actual any) (bool, error) {
	payload, err := bytesOf("MatchTrigger", actual)
	if err != nil {
		return false, err
	}
	m.err = schemas.Validate(m.name, payload)
	if unknown, ok := errors.AsType[*schemas.UnknownTriggerError](m.err); ok {
		return false, unknown
	}
	return m.err == nil, nil
}

func (m *matchTrigger) FailureMessage(any) string {
	invalid, ok := errors.AsType[*schemas.ValidationError](m.err)
	if !ok {
		return fmt.Sprintf("Expected a valid %s, but: %v", m.name, m.err)
	}
	var lines []string
	for _, v := range invalid.Violations {
		lines = append(lines, "  "+v.String())
	}
	return fmt.Sprintf("Expected a valid %s, but:\n%s", m.name, strings.Join(lines, "\n"))
}

func (m *matchTrigger) NegatedFailureMessage(any) string {
	return fmt.Sprintf("Expected no valid %s, but it is one", m.name)
}

func bytesOf(matcher string, actual any) ([]byte, error) {
	switch v := actual.(type) {
	case []byte:
		return v, nil
	case string:
		return []byte(v), nil
	case interface{ MarshalJSON() ([]byte, error) }:
		return v.MarshalJSON()
	default:
		return nil, fmt.Errorf("%s: want a payload as []byte, string or json.RawMessage, got %T", matcher, actual)
	}
}
