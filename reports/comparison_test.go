package reports_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"hookproof/conformance"
	"hookproof/reports"
)

func outcomes(of map[string]conformance.Outcome, order ...string) *conformance.Report {
	r := begin("https://hooks.example.com/cometchat")
	for _, id := range order {
		res := check(id, conformance.Must, "Title of "+id, 1)
		res.Outcome = of[id]
		if res.Outcome == conformance.Failed || res.Outcome == conformance.Warned {
			res.Findings = []conformance.Finding{{Outcome: res.Outcome, Code: "c", Message: "What " + id + " found."}}
		}
		r.Results = append(r.Results, res)
	}
	return end(r)
}

func comparison() reports.Comparison {
	before := outcomes(map[string]conformance.Outcome{
		"a/kept": conformance.Passed, "a/fixed": conformance.Failed, "a/broken": conformance.Passed, "a/warned": conformance.Passed,
		"a/gone": conformance.Failed, "a/open": conformance.Passed, "a/skipped": conformance.Skipped, "a/tried": conformance.NotSelected, "a/info": conformance.Passed,
	}, "a/kept", "a/fixed", "a/broken", "a/warned", "a/gone", "a/open", "a/skipped", "a/tried", "a/info")
	after := outcomes(map[string]conformance.Outcome{
		"a/kept": conformance.Passed, "a/fixed": conformance.Passed, "a/broken": conformance.Failed, "a/warned": conformance.Warned,
		"a/new": conformance.Failed, "a/open": conformance.Inconclusive, "a/skipped": conformance.NotSelected, "a/tried": conformance.Passed, "a/info": conformance.Informed,
	}, "a/kept", "a/fixed", "a/broken", "a/warned", "a/new", "a/open", "a/skipped", "a/tried", "a/info")
	after.Profile, after.Catalogue = "recommended", "sha256:"+strings.Repeat("9", 64)
	return reports.Compare(before, after)
}

func TestCompareTellsWhatChanged(t *testing.T) {
	c := comparison()
	ids := func(changes []reports.Change) string {
		var all []string
		for _, ch := range changes {
			all = append(all, ch.ID+" "+string(ch.Was)+">"+string(ch.Is))
		}
		return strings.Join(all, ", ")
	}
	for _, list := range []struct {
		name    string
		changes []reports.Change
		want    string
	}{
		{"worse", c.Worse, "a/broken pass>fail, a/warned pass>warn"},
		{"better", c.Better, "a/fixed fail>pass"},
		{"other", c.Other, "a/new >fail, a/open pass>inconclusive, a/tried not-selected>pass, a/gone fail>"},
	} {
		if got := ids(list.changes); got != list.want {
			t.Errorf("%s: got %s, want %s", list.name, got, list.want)
		}
	}
	if c.Same != 3 || c.SameCatalogue {
		t.Errorf("Same = %d, SameCatalogue = %v; want 3 and false", c.Same, c.SameCatalogue)
	}
	if i := slices.IndexFunc(c.Worse, func(ch reports.Change) bool { return ch.Gist == "What a/broken found." }); i != 0 {
		t.Errorf("worse: %+v, want what the check found", c.Worse)
	}
	same := outcomes(map[string]conformance.Outcome{"a/kept": conformance.Failed}, "a/kept")
	if c := reports.Compare(same, same); len(c.Worse)+len(c.Better)+len(c.Other) != 0 || c.Same != 1 || !c.SameCatalogue {
		t.Errorf("a run beside itself: %+v", c)
	}
}

func TestComparisonsMatchTheirGoldens(t *testing.T) {
	for _, f := range reports.ComparisonFormats() {
		var b bytes.Buffer
		if err := reports.WriteComparison(&b, f.Name, comparison()); err != nil {
			t.Fatal(err)
		}
		file := filepath.Join("testdata", "comparison", f.Name)
		if *update {
			if err := os.WriteFile(file, b.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		want, err := os.ReadFile(file)
		if err != nil || !bytes.Equal(b.Bytes(), want) {
			t.Errorf("%s differs from %s (%v); look at it after go test ./reports -update\n%s", f.Name, file, err, &b)
		}
	}
	if err := reports.WriteComparison(&bytes.Buffer{}, "html", comparison()); err == nil || !strings.Contains(err.Error(), "text, json, markdown") {
		t.Errorf("WriteComparison(html) = %v, want what there is", err)
	}
}

func TestHostileReportsCompare(t *testing.T) {
	for _, s := range hostileStrings {
		for _, f := range reports.ComparisonFormats() {
			var b bytes.Buffer
			if err := f.Write(&b, reports.Compare(poisonedWords(s), poisoned(s))); err != nil {
				t.Errorf("%s of %.20q: %v", f.Name, s, err)
			}
			if f.Name != "json" && strings.ContainsAny(b.String(), "\x00\x07\x1b\u202e\u009b") {
				t.Errorf("%s of %.20q moves the cursor or the reader", f.Name, s)
			}
		}
	}
}
