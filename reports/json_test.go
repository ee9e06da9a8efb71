package reports_test

import (
	"bytes"
	"encoding/json"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"hookproof/conformance"
	"hookproof/reports"
)

func parse(t testing.TB, b []byte) *conformance.Report {
	t.Helper()
	r, err := reports.Parse(bytes.NewReader(b))
	if err != nil {
		t.Fatalf("Parse: %v\n%s", err, b)
	}
	return r
}

func TestParseReadsWhatJSONWrites(t *testing.T) {
	f := mustLookup(t, "json")
	for _, s := range samples() {
		b := write(t, f, s.report)
		got := parse(t, b)
		if !reflect.DeepEqual(got, s.report) {
			t.Errorf("%s: Parse(JSON(r)) = %+v, want %+v", s.name, got, s.report)
		}
		if again := write(t, f, got); !bytes.Equal(again, b) {
			t.Errorf("%s: JSON(Parse(b)) differs from b", s.name)
		}
	}
}

// TestEveryFormatCanBeMadeFromASavedReport is what the report verb relies on.
func TestEveryFormatCanBeMadeFromASavedReport(t *testing.T) {
	for _, s := range samples() {
		saved := parse(t, write(t, mustLookup(t, "json"), s.report))
		for _, f := range renderings() {
			if !bytes.Equal(write(t, f, saved), write(t, f, s.report)) {
				t.Errorf("%s of %s differs when made from the saved report", f.Name, s.name)
			}
		}
	}
}

func TestJSONWritesListsNeverNull(t *testing.T) {
	r := &conformance.Report{
		Format: conformance.ReportFormat,
		Mode:   conformance.Dev, Verdict: conformance.Conforms, Summary: conformance.Summary{May: conformance.Counts{Informed: 1}},
		Results: []conformance.Result{{
			ID: "a/b", Level: conformance.May, Impact: conformance.Quiet, Outcome: conformance.Informed,
			Findings: []conformance.Finding{{Outcome: conformance.Informed, Exchange: &conformance.Exchange{}}},
		}},
	}
	b := write(t, mustLookup(t, "json"), r)
	if bytes.Contains(b, []byte("null")) {
		t.Errorf("there is a null in\n%s", b)
	}
	parse(t, b)
	if r.Triggers != nil || r.Results[0].Basis != nil || r.Results[0].Findings[0].Exchange.Headers != nil {
		t.Error("JSON changed the report that it wrote")
	}
	empty := write(t, mustLookup(t, "json"), &conformance.Report{Format: conformance.ReportFormat, Mode: conformance.Dev, Verdict: conformance.Undecided})
	if got := parse(t, empty); got.Results == nil || len(got.Results) != 0 {
		t.Errorf("results of an empty report are %v, want an empty list", got.Results)
	}
}

func TestJSONIsOneDocumentForPeopleToo(t *testing.T) {
	b := string(write(t, mustLookup(t, "json"), failing()))
	if !strings.HasPrefix(b, "{\n  \"format\": 1") || !strings.HasSuffix(b, "\n}\n") {
		t.Errorf("not indented, or no line break at the end: %.40q … %.10q", b, b[len(b)-10:])
	}
	if !strings.Contains(b, "<h1>TypeError</h1>") {
		t.Error("HTML of an answer is not readable")
	}
}

func TestJSONWritesTheStartInUTC(t *testing.T) {
	r := conforming()
	r.Started = r.Started.In(time.FixedZone("", 2*60*60))
	if got := parse(t, write(t, mustLookup(t, "json"), r)).Started; got != conforming().Started {
		t.Errorf("start is %v, want %v", got, conforming().Started)
	}
}

func TestJSONReportsAMeasureThatIsNoNumber(t *testing.T) {
	r := conforming()
	r.Results[0].Measures = []conformance.Measure{{Name: "p95", Value: math.NaN(), Unit: "ms"}}
	var b bytes.Buffer
	err := reports.JSON(&b, r)
	if err == nil || b.Len() > 0 {
		t.Errorf("JSON of NaN: error %v and %d bytes, want an error and nothing written", err, b.Len())
	}
}

// decode reads JSON as the validator of schemas wants it.
func decode(t testing.TB, b []byte) any {
	t.Helper()
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		t.Fatal(err)
	}
	return v
}
