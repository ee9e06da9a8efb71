package matchers

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/onsi/gomega/types"

	"hookproof/conformance"
)

// Conform succeeds if the receiver conforms. The actual value is an
// http.Handler, which is served over plain http on loopback, the URL of a
// listening receiver, or a *conformance.Report of an earlier run. An
// undecided run neither conforms nor fails to: that is an error of the matcher.
func Conform(o ...conformance.Options) types.GomegaMatcher {
	m := &conform{}
	if len(o) > 0 {
		m.options = o[0]
	}
	return m
}

type conform struct {
	options conformance.Options
	report  *conformance.Report
}

func (m *conform) Match(actual any) (bool, error) {
	report, err := m.run(actual)
	if err != nil {
		return false, err
	}
	m.report = report
	if report.Verdict == conformance.Undecided {
		return false, fmt.Errorf("Conform: the run is undecided:\n%s", summary(report, conformance.Inconclusive, conformance.Errored))
	}
	return report.Verdict == conformance.Conforms, nil
}

func (m *conform) run(actual any) (*conformance.Report, error) {
	switch actual := actual.(type) {
	case *conformance.Report:
		if actual == nil {
			return nil, fmt.Errorf("Conform: want a report, got nil")
		}
		return actual, nil
	case string:
		return conformance.Run(context.Background(), actual, m.options)
	case http.Handler:
		server := httptest.NewServer(actual)
		defer server.Close()
		return conformance.Run(context.Background(), server.URL+m.options.Path, m.options)
	default:
		return nil, fmt.Errorf("Conform: want an http.Handler, a URL or a *conformance.Report, got %T", actual)
	}
}

func (m *conform) FailureMessage(any) string {
	return fmt.Sprintf("Expected the receiver to conform, but:\n%s", summary(m.report, conformance.Failed, conformance.Warned))
}

func (m *conform) NegatedFailureMessage(any) string {
	return "Expected the receiver not to conform, but it does"
}

// summary lists the results with one of the outcomes, a line or more each.
func summary(r *conformance.Report, outcomes ...conformance.Outcome) string {
	var b strings.Builder
	for _, res := range r.Results {
		for _, o := range outcomes {
			if res.Outcome != o {
				continue
			}
			if res.Reason != "" {
				fmt.Fprintf(&b, "  %s %s: %s\n", o, res.ID, res.Reason)
			}
			for _, f := range res.Findings {
				if f.Outcome != conformance.Informed {
					fmt.Fprintf(&b, "  %s %s: %s\n    fix: %s\n", f.Outcome, res.ID, f.Message, f.Fix)
				}
			}
		}
	}
	return strings.TrimRight(b.String(), "\n")
}
