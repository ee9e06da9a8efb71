package traffic_test

import (
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"hookproof/mockserver/delivery"
	"hookproof/mockserver/traffic"
)

// TestAttemptsSayWhichEvent they were for.
func TestAttemptsSayWhichEvent(t *testing.T) {
	url := server(t, ok)
	var all []int64
	run(t, t.Context(), traffic.Options{
		Endpoint: delivery.Endpoint{URL: url}, Connections: 3, Arrivals: traffic.Arrivals{Rate: 500, Duration: 300 * time.Millisecond},
		Log: func(batch []traffic.Attempt) {
			for _, a := range batch {
				all = append(all, a.N)
			}
		},
	})
	slices.Sort(all)
	for i, n := range all {
		if int64(i) != n {
			t.Fatalf("the %d. event has number %d", i, n)
		}
	}
	if len(all) != 150 {
		t.Errorf("%d attempts, want 150", len(all))
	}
}

// TestResultsAreJSONAndBack, and merge without loss.
func TestResultsAreJSONAndBack(t *testing.T) {
	res := run(t, t.Context(), traffic.Options{
		Endpoint: delivery.Endpoint{URL: server(t, func(w http.ResponseWriter, r *http.Request) {
			if body, _ := io.ReadAll(r.Body); strings.Contains(string(body), `"n":7`) {
				w.WriteHeader(500)
			}
		})}, Arrivals: traffic.Arrivals{Rate: 200, Duration: 300 * time.Millisecond, Model: traffic.Poisson, Seed: 3},
	})
	text, err := json.Marshal(res)
	if err != nil {
		t.Fatal(err)
	}
	var back traffic.Result
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	again, _ := json.Marshal(&back)
	if string(again) != string(text) {
		t.Errorf("came back as\n%s\nwant\n%s", again, text)
	}
	sent, count := back.Sent, back.Latency.Count()
	back.Totals.Merge(&res.Totals)
	if back.Sent != 2*sent || back.Latency.Count() != 2*count || back.Latency.Max() != res.Latency.Max() || len(back.Statuses) != len(res.Statuses) {
		t.Errorf("merged: %+v", back.Totals)
	}
}
