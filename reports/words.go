package reports

import (
	"reflect"

	"hookproof/conformance"
)

// words returns the values that a string type of a report can have; nil for free text.
func words(t reflect.Type) []string {
	switch t {
	case reflect.TypeFor[conformance.Level]():
		return texts(conformance.Must, conformance.Should, conformance.May)
	case reflect.TypeFor[conformance.Basis]():
		return texts(conformance.Documented, conformance.BestPractice, conformance.Live, conformance.Standard, conformance.Judgement)
	case reflect.TypeFor[conformance.Impact]():
		return texts(conformance.Quiet, conformance.Events, conformance.Hostile, conformance.Load)
	case reflect.TypeFor[conformance.Outcome]():
		return texts(conformance.Passed, conformance.Failed, conformance.Warned, conformance.Informed, conformance.Skipped,
			conformance.NotSelected, conformance.Inconclusive, conformance.Errored)
	case reflect.TypeFor[conformance.Verdict]():
		return texts(conformance.Conforms, conformance.DoesNotConform, conformance.Undecided)
	case reflect.TypeFor[conformance.Mode]():
		return texts(conformance.Certify, conformance.Dev) // Auto has become one of them when a run begins
	}
	return nil
}

func texts[S ~string](all ...S) []string {
	out := make([]string, len(all))
	for i, s := range all {
		out[i] = string(s)
	}
	return out
}
