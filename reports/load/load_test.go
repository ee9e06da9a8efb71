package load_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"flag"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"hookproof/reports/load"
)

var update = flag.Bool("update", false, "write the goldens anew")

func write(tb testing.TB, format string, r, old *load.Report) []byte {
	tb.Helper()
	f, ok := load.Lookup(format)
	if !ok {
		tb.Fatalf("no format %s", format)
	}
	var b bytes.Buffer
	if err := f.Write(&b, r, old); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

// large are the parts of a page that are the same in all.
var large = regexp.MustCompile(`(?s)(<style>).*?(</style>)|(<!--).*?(-->)|(<script>).*?(</script>)|(script-src )[^"]*`)

func TestFormatsAreAsTheyWere(t *testing.T) {
	for _, s := range samples(t) {
		for format, extension := range map[string]string{"text": ".txt", "markdown": ".md", "junit": ".xml", "html": ".html"} {
			got := write(t, format, s.report, s.old)
			if format == "html" {
				if s.name != "compared" && s.name != "missed" && s.name != "shared" {
					continue
				}
				got = large.ReplaceAll(got, []byte("$1$2$3$4$5$6$7"))
			}
			file := filepath.Join("testdata", s.name+extension)
			if *update {
				if err := os.WriteFile(file, got, 0o644); err != nil {
					t.Fatal(err)
				}
				continue
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, want) {
				t.Errorf("%s is not as it was (-update writes it anew):\n%s", file, got)
			}
		}
	}
}

// TestSavedReportsAreWhole: what was saved gives the same in every format.
func TestSavedReportsAreWhole(t *testing.T) {
	for _, s := range samples(t) {
		saved := write(t, "json", s.report, nil)
		again, err := load.Parse(saved)
		if err != nil {
			t.Errorf("%s: %v", s.name, err)
			continue
		}
		for _, f := range load.Formats() {
			if got, want := write(t, f.Name, again, s.old), write(t, f.Name, s.report, s.old); !bytes.Equal(got, want) {
				t.Errorf("%s: %s differs once it was saved:\n%s\nwant\n%s", s.name, f.Name, got, want)
			}
		}
	}
}

func TestParseSaysWhatIsWrong(t *testing.T) {
	good := write(t, "json", samples(t)[2].report, nil)
	for _, tt := range []struct{ old, now, want string }{
		{`"kind": "traffic"`, `"kind": "other"`, `want what --report json=FILE wrote`},
		{`"format": 1`, `"format": 9`, "has format 9"},
		{`"verdict": "missed"`, `"verdict": "A+"`, "verdict: want kept, missed or undecided"},
		{`"bottleneck": ""`, `"bottleneck": "sender"`, "not that of the result"},
		{`"trigger": "message_sent"`, `"trigger": "<b>\u001b[1m"`, "triggers: want a name"},
		{`"failure": "timeout"`, `"failure": "time out"`, "failures: want a name"},
		{`"text": "p99`, `"text": "\n\np99`, "conditions: want a line of text"},
		{`"url": "https`, `"url": "\u202ehttps`, "url: want one line"},
		{`"arrival": "constant"`, `"arrival": "wavy"`, "plan.arrival"},
		{`"rate": "100/s"`, `"rate": "-3/s"`, "want one event a day"},
		{`"interval": 1000000000`, `"interval": 0`, "series.interval"},
		{`"status": 503`, `"status": 5030`, "statuses"},
		{`"hdr": "HIST`, `"hdr": "XXXX`, "hdr"},
		{`"result": {`, `"result": null, "x": {`, "result is missing"},
	} {
		bad := strings.Replace(string(good), tt.old, tt.now, 1)
		if bad == string(good) {
			t.Errorf("%s is not in the report", tt.old)
			continue
		}
		_, err := load.Parse([]byte(bad))
		if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v, want %q", tt.now, err, tt.want)
		}
	}
	if _, err := load.Parse(make([]byte, load.MaxSize+1)); err == nil || !strings.Contains(err.Error(), "more than") {
		t.Errorf("a huge one: %v", err)
	}
}

// FuzzParse wants an error on one line, or a report that every format can show.
func FuzzParse(f *testing.F) {
	for _, s := range samples(f) {
		f.Add(write(f, "json", s.report, nil))
	}
	f.Add([]byte(`{"kind":"traffic"}`))
	f.Add([]byte(`[]`))
	older := samples(f)[0].report
	f.Fuzz(func(t *testing.T, text []byte) {
		r, err := load.Parse(text)
		if err != nil {
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("more than a line: %q", err)
			}
			return
		}
		for _, format := range load.Formats() {
			out := string(write(t, format.Name, r, older))
			if i := strings.IndexFunc(out, func(r rune) bool { return unicode.IsControl(r) && r != '\n' }); i >= 0 && format.Name != "html" {
				t.Errorf("%s has a control character: %q", format.Name, out[i:min(len(out), i+20)])
			}
		}
		if err := xml.Unmarshal(write(t, "junit", r, nil), new(struct{})); err != nil {
			t.Error(err)
		}
	})
}

// TestJUnitIsValidByTheXSD where there is a judge.
func TestJUnitIsValidByTheXSD(t *testing.T) {
	xmllint, err := exec.LookPath("xmllint")
	if err != nil {
		if os.Getenv("HOOKPROOF_REQUIRE_XMLLINT") != "" {
			t.Fatal(err)
		}
		t.Skip("no xmllint")
	}
	for _, s := range samples(t) {
		cmd := exec.Command(xmllint, "--noout", "--nonet", "--schema", "../testdata/junit.xsd", "-")
		cmd.Stdin = bytes.NewReader(write(t, "junit", s.report, s.old))
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", s.name, err, out)
		}
	}
}

// TestPageAsksForNothing: it is one file, that loads nothing and allows nothing to.
func TestPageAsksForNothing(t *testing.T) {
	page := string(write(t, "html", samples(t)[1].report, samples(t)[1].old))
	for _, bad := range []string{"src=", "<link", "@import", "url("} {
		if strings.Contains(strings.ReplaceAll(page, "url(&", ""), bad) {
			t.Errorf("the page has %q", bad)
		}
	}
	if !strings.Contains(page, `content="default-src &#39;none&#39;`) || !strings.Contains(page, "Leon Sorokin") {
		t.Error("the page has no policy, or not the licence of what draws its plots")
	}
	_, data, _ := strings.Cut(page, `id="data">`)
	data, _, _ = strings.Cut(data, "</script>")
	var plots struct {
		At, P99   []float64
		Bars      []struct{ From, To, Count float64 }
		Quantiles []any
		Old       any
	}
	if err := json.Unmarshal([]byte(data), &plots); err != nil || len(plots.At) != 20 || len(plots.P99) != 20 || len(plots.Quantiles) < 10 || plots.Old == nil {
		t.Fatalf("%v: %s", err, data)
	}
	events := 0.0
	for _, b := range plots.Bars {
		if events += b.Count; b.From >= b.To {
			t.Errorf("a bar from %g to %g", b.From, b.To)
		}
	}
	if events != 2000 {
		t.Errorf("the bars hold %g events, want 2000", events)
	}
}

// TestWritersSayWhatFailed, and write nothing twice.
func TestWritersSayWhatFailed(t *testing.T) {
	for _, f := range load.Formats() {
		err := f.Write(failing{}, samples(t)[0].report, nil)
		if err == nil || !strings.Contains(err.Error(), f.Name) {
			t.Errorf("%s: %v", f.Name, err)
		}
	}
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, io.ErrShortWrite }
