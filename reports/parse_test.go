package reports_test

import (
	"strings"
	"testing"

	"hookproof/reports"
)

func TestParseNamesWhatIsWrong(t *testing.T) {
	good := string(write(t, mustLookup(t, "json"), unreachable()))
	for _, c := range []struct{ name, old, new, want string }{
		{"unknown member", `"target":`, `"targets":`, `the report: unknown member "targets"`},
		{"unknown member within", `"code":`, `"Code":`, `results[1].findings[0]: unknown member "Code"`},
		{"missing member", `"bodySize": 392,`, ``, `results[1].findings[0].exchange: member "bodySize" is missing`},
		{"member twice", `"profile": "core"`, `"profile": "core", "profile": "core"`, `the report: member "profile" occurs twice`},
		{"null", `"triggers": [`, `"triggers": null, "x": [`, "triggers: want a list, got null"},
		{"text for number", `"requests": 1,`, `"requests": "1",`, "requests: want a number, got a text"},
		{"number for text", `"profile": "core"`, `"profile": 1`, "profile: want a text, got a number"},
		{"text for list", `"basis": [`, `"basis": "documented", "x": [`, "results[0].basis: want a list, got a text"},
		{"list for object", `"tool": {`, `"tool": [], "x": {`, "tool: want an object, got a list"},
		{"number for truth", `"strict": false`, `"strict": 0`, "strict: want true or false, got a number"},
		{"fraction for count", `"requests": 1,`, `"requests": 1.5,`, "requests"},
		{"negative count", `"requests": 1,`, `"requests": -1,`, "requests: -1 is less than zero"},
		{"negative duration", `"duration": 2011`, `"duration": -2011`, "duration: -2011 is less than zero"},
		{"endless duration", `"duration": 2011`, `"duration": 1e300`, "out of range"},
		{"endless number", `"duration": 2011`, `"duration": 2011` + strings.Repeat("0", 100), "duration: a number of 104 characters"},
		{"time in words", `"started": "2026-10-01T12:00:00Z"`, `"started": "yesterday"`, "yesterday"},
		{"endless time", `"started": "2026`, `"started": "` + strings.Repeat("2026", 100), "started: not a time"},
		{"another format", `"format": 1`, `"format": 2`, "format: 2; this version of hookproof reads format 1"},
		{"unknown level", `"level": "MUST"`, `"level": "must"`, `results[0].level: "must" is none of MUST, SHOULD, MAY`},
		{"unknown outcome", `"outcome": "pass"`, `"outcome": "passed"`, `results[0].outcome: "passed" is none of`},
		{"unknown verdict", `"verdict": "does not conform"`, `"verdict": "fails"`, `verdict: "fails" is none of conforms, does not conform, undecided`},
		{"mode not decided", `"mode": "certify"`, `"mode": "auto"`, `mode: "auto" is none of certify, dev`},
		{"finding that passed", `"outcome": "fail",` + "\n          \"code\"", `"outcome": "pass",` + "\n          \"code\"", `results[1].findings[0].outcome: "pass"; a finding can be`},
		{"id without group", `"id": "preflight/url-scheme"`, `"id": "url-scheme"`, `results[0].id: "url-scheme" is not of the form group/name`},
		{"id twice", `"id": "preflight/url-scheme"`, `"id": "ack/accept"`, `results[1].id: "ack/accept" occurs twice`},
		{"summary that lies", `"fail": 1`, `"fail": 0`, "summary.must: the counts are not those of the results"},
		{"cut off", "\n}\n", "\n", "the text ends in the middle"},
		{"comma at the end", "\n}\n", ",\n}\n", "not JSON: line 332"},
		{"text after it", "\n}\n", "\n}\n{}\n", "there is more after the report"},
		{"no JSON", "{\n", "<!doctype html>\n", "not JSON: line 1, column 1: invalid character"},
	} {
		t.Run(c.name, func(t *testing.T) {
			bad := strings.Replace(good, c.old, c.new, 1)
			if bad == good {
				t.Fatalf("%q is not in the report", c.old)
			}
			_, err := reports.Parse(strings.NewReader(bad))
			checkError(t, err)
			if err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("error is %q, want it to say %q", err, c.want)
			}
		})
	}
}

// checkError is what holds for every error of Parse.
func checkError(t testing.TB, err error) {
	t.Helper()
	if err == nil {
		t.Error("Parse accepted it")
		return
	}
	if got := err.Error(); !strings.HasPrefix(got, "read report: ") || strings.ContainsAny(got, "\n\r\x1b") || len(got) > 400 {
		t.Errorf("error of %d bytes is not one short line that says what was done: %.500q", len(got), got)
	}
}

func TestParseRefusesEmptyInput(t *testing.T) {
	for _, in := range []string{"", " \n"} {
		_, err := reports.Parse(strings.NewReader(in))
		checkError(t, err)
		if err != nil && !strings.Contains(err.Error(), "empty") {
			t.Errorf("error for %q is %q, want it to say that it is empty", in, err)
		}
	}
}

// blanks is a file that never ends.
type blanks struct{ read int }

func (b *blanks) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	b.read += len(p)
	return len(p), nil
}

func TestParseBoundsItsInput(t *testing.T) {
	in := &blanks{}
	_, err := reports.Parse(in)
	checkError(t, err)
	if err != nil && !strings.Contains(err.Error(), "64 MiB") {
		t.Errorf("error is %q, want it to name the limit", err)
	}
	if in.read > 2*reports.MaxReport {
		t.Errorf("read %d bytes of an endless input", in.read)
	}
}

func TestParseReportsTheErrorOfTheReader(t *testing.T) {
	_, err := reports.Parse(brokenReader{})
	checkError(t, err)
	if err != nil && !strings.Contains(err.Error(), errFull.Error()) {
		t.Errorf("error is %q, want that of the reader", err)
	}
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, errFull }
