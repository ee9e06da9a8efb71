package conformance_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"

	"hookproof/conformance"
)

func ExampleRun() {
	// A receiver that looks only whether there is some Basic header.
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, _, ok := r.BasicAuth(); !ok {
			w.WriteHeader(http.StatusUnauthorized)
		}
	}))
	defer receiver.Close()

	report, err := conformance.Run(context.Background(), receiver.URL, conformance.Options{Username: "vendor", Password: "k3Jx92mQ"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(report.Verdict)
	for _, r := range report.Results {
		if r.Outcome == conformance.Failed {
			fmt.Println(r.ID+":", r.Findings[0].Message)
		}
	}
	// Output:
	// does not conform
	// auth/any-basic: an event with the made-up credentials a:b was accepted with 200 OK
}

func ExampleEstimate() {
	plan, err := conformance.Estimate("https://example.com/hook", conformance.Options{
		Username: "vendor", Password: "k3Jx92mQ", Run: []string{"auth/*"},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%d checks, %d requests, %d of them with a wrong credential\n", len(plan.Checks), plan.Requests, plan.Wrong)
	// Output:
	// 19 checks, 42 requests, 14 of them with a wrong credential
}
