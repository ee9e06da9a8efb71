package reports_test

import (
	"bytes"
	"flag"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"hookproof/conformance"
	"hookproof/reports"
)

var update = flag.Bool("update", false, "write the goldens of this package anew")

// renderings are the formats, and text with its options.
func renderings() []reports.Format {
	text := func(o reports.TextOptions) func(io.Writer, *conformance.Report) error {
		return func(w io.Writer, r *conformance.Report) error { return reports.Text(w, r, o) }
	}
	return append(reports.Formats(),
		reports.Format{Name: "verbose", Extension: ".verbose.txt", Write: text(reports.TextOptions{Verbose: true})},
		reports.Format{Name: "narrow", Extension: ".narrow.txt", Write: text(reports.TextOptions{Width: 80})},
		reports.Format{Name: "color", Extension: ".color.txt", Write: text(reports.TextOptions{Color: true})},
	)
}

func write(t testing.TB, f reports.Format, r *conformance.Report) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := f.Write(&b, r); err != nil {
		t.Fatalf("%s: %v", f.Name, err)
	}
	return b.Bytes()
}

func mustLookup(t testing.TB, name string) reports.Format {
	t.Helper()
	f, ok := reports.Lookup(name)
	if !ok {
		t.Fatalf("no format %q", name)
	}
	return f
}

// large are the parts of a page that are the same in all.
var large = regexp.MustCompile(`(?s)(<style>).*?(</style>)|(<!--).*?(-->)|(<script>).*?(</script>)|(script-src )[^"]*`)

func TestFormatsMatchTheirGoldens(t *testing.T) {
	for _, s := range samples() {
		for _, f := range renderings() {
			t.Run(s.name+f.Extension, func(t *testing.T) {
				got := write(t, f, s.report)
				if f.Name == "html" {
					got = large.ReplaceAll(got, []byte("$1$2$3$4$5$6$7"))
				}
				file := filepath.Join("testdata", s.name+f.Extension)
				if *update {
					if err := os.WriteFile(file, got, 0o644); err != nil {
						t.Fatal(err)
					}
					return
				}
				want, err := os.ReadFile(file)
				if err != nil {
					t.Fatalf("%v; write it with go test ./reports -update", err)
				}
				if !bytes.Equal(got, want) {
					t.Errorf("%s differs from %s; look at it after go test ./reports -update\n%s", f.Name, file, got)
				}
			})
		}
	}
}

func TestNoGoldenIsOrphaned(t *testing.T) {
	files, err := filepath.Glob("testdata/*")
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{"testdata/junit.xsd": true, "testdata/fuzz": true, "testdata/comparison": true, "testdata/judges": true}
	for _, s := range samples() {
		for _, f := range renderings() {
			known[filepath.Join("testdata", s.name+f.Extension)] = true
		}
	}
	for _, file := range files {
		if !known[file] {
			t.Errorf("%s belongs to no sample; delete it", file)
		}
	}
}
