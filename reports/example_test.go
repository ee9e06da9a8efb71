package reports_test

import (
	"fmt"
	"os"
	"time"

	"hookproof/conformance"
	"hookproof/reports"
)

func ExampleText() {
	r := &conformance.Report{
		Format: conformance.ReportFormat,
		Tool:   conformance.Tool{Name: "hookproof", Version: "0.1.0"}, Target: "https://hooks.example.com/", Mode: conformance.Certify, Profile: "core",
		Run: "hpt-1", Seed: 42, Started: time.Date(2026, 10, 1, 12, 0, 0, 0, time.UTC), Requests: 1, Events: 1, Certifies: true,
		Verdict: conformance.DoesNotConform, Summary: conformance.Summary{Must: conformance.Counts{Failed: 1}},
		Results: []conformance.Result{{
			ID: "auth/none", Title: "A request without credentials is refused", Level: conformance.Must, Basis: []conformance.Basis{conformance.BestPractice},
			Impact: conformance.Quiet, Outcome: conformance.Failed, Requests: 1, Duration: conformance.Duration(41 * time.Millisecond),
			Findings: []conformance.Finding{{
				Outcome: conformance.Failed, Code: "accepted", Message: "A request without credentials was accepted.", Fix: "Answer 401.",
			}},
		}},
	}
	if err := reports.Text(os.Stdout, r, reports.TextOptions{Width: 80}); err != nil {
		fmt.Println(err)
	}
	// Output:
	// CometChat webhook receiver, tried by hookproof 0.1.0
	//
	//   Target    https://hooks.example.com/
	//   Mode      certify
	//   Profile   core
	//   Run       hpt-1, seed 42
	//   Started   2026-10-01 12:00:00 UTC
	//   Sent      1 request, 1 event, 0 triggers
	//
	// Checks
	//
	// ✗ auth  1 failed                                                            41ms
	//     ✗ MUST    auth/none  A request without credentials is refused           41ms
	//
	// ────────────────────────────────────────────────────────────────────────────────
	// ✗ auth/none · MUST · failed
	//   A request without credentials is refused
	//
	//   Source       best practice
	//
	//   ✗ A request without credentials was accepted. [accepted]
	//   Fix          Answer 401.
	//
	// ────────────────────────────────────────────────────────────────────────────────
	// Summary
	//
	//          passed failed warned info inconclusive errors skipped not selected
	//   MUST        0      1      0    0            0      0       0            0
	//   SHOULD      0      0      0    0            0      0       0            0
	//   MAY         0      0      0    0            0      0       0            0
	//
	//   ✗ auth/none  A request without credentials was accepted.
	//
	//   Does not conform: 1 of 1 MUST check failed.
	//
	// verdict: does not conform (1 failed, 0 inconclusive, 0 errors, 0 warned, 0 passed)
}

func ExampleLookup() {
	format, ok := reports.Lookup("junit")
	fmt.Println(format.Name, format.Extension, ok)
	// Output: junit .xml true
}
