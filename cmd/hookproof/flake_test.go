//go:build e2e && unix

package main

import (
	"flag"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"testing"
	"time"

	"hookproof/conformance"
)

var flakeRuns = flag.Int("flake-runs", 200, "how often TestFlake certifies")

// TestFlake: a run on a busy machine says what a run on an idle one does.
func TestFlake(t *testing.T) {
	bin := e2eBuild(t)
	url, _ := e2eListen(t, bin)
	busy(t)
	verdicts, odd := map[string]int{}, map[string]int{}
	var longest time.Duration
	for range *flakeRuns {
		run := e2eCertify(t, bin, url, "--profile", conformance.Core, "--quiet")
		verdicts[fmt.Sprintf("%s, exit status %d", run.report.Verdict, run.exit)]++
		longest = max(longest, run.took)
		for _, r := range run.report.Results {
			if slices.Contains(e2eAlarms, r.Outcome) {
				odd[r.ID+" "+string(r.Outcome)]++
				t.Errorf("got %s", e2eShow(r))
			}
		}
	}
	for _, verdict := range slices.Sorted(maps.Keys(verdicts)) {
		t.Logf("%d of %d: %s", verdicts[verdict], *flakeRuns, verdict)
	}
	for _, check := range slices.Sorted(maps.Keys(odd)) {
		t.Logf("%d times: %s", odd[check], check)
	}
	t.Logf("the longest run took %s", longest.Round(time.Millisecond))
	if want := fmt.Sprintf("%s, exit status 0", conformance.Conforms); verdicts[want] != *flakeRuns {
		t.Errorf("got %d verdicts %q, want all %d", verdicts[want], want, *flakeRuns)
	}
}

// busy keeps each core busy until the test ends, by processes of their own.
func busy(t *testing.T) {
	t.Helper()
	for range runtime.NumCPU() {
		e2eSpawn(t, nil, "sh", "-c", "while :; do :; done")
	}
}
