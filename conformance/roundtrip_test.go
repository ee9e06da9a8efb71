package conformance_test

import (
	"encoding/json"
	"reflect"
	"testing"

	"hookproof/conformance"
)

func TestReportSurvivesJSON(t *testing.T) {
	t.Parallel()
	r := newStage(t, fault{noChallenge: true}).run(t)
	b, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	var got conformance.Report
	if err := json.Unmarshal(b, &got); err != nil {
		t.Fatal(err)
	}
	again, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	if string(again) != string(b) {
		t.Errorf("a report changes when it is read back")
	}
	for i := range r.Results {
		if !reflect.DeepEqual(got.Results[i], r.Results[i]) {
			t.Errorf("%s changes when it is read back:\n%+v\n%+v", r.Results[i].ID, got.Results[i], r.Results[i])
		}
	}
	if got.Duration != r.Duration || got.RoundTrip != r.RoundTrip {
		t.Errorf("durations change when they are read back: %s %s, were %s %s", got.Duration, got.RoundTrip, r.Duration, r.RoundTrip)
	}
}

func TestDurationRefusesWhatItCannotHold(t *testing.T) {
	for _, bad := range []string{`-1`, `"1s"`, `1e300`, `null`, `{}`} {
		var d conformance.Duration
		if err := json.Unmarshal([]byte(bad), &d); err == nil && bad != `null` {
			t.Errorf("Unmarshal(%s) = %s, want an error", bad, d)
		}
	}
}
