//go:build e2e && bench && linux

package main

import (
	"bytes"
	"fmt"
	"os"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

// benchTable is a part of the report.
type benchTable struct {
	title, about string
	head         []string
	rows         [][]string
}

// benchFile has the figures of the mock server between marks.
const benchFile = moduleAt + "/mockserver/BENCHMARKS.md"

// benchWrite shows the tables, and puts them into a file if -update is given.
func benchWrite(t *testing.T, file string, tables []benchTable) {
	t.Helper()
	var b bytes.Buffer
	fmt.Fprintf(&b, "Taken %s on %s, %d cores, load average %s, with %s. Medians of %d rounds; in brackets the least and the most.\n",
		time.Now().UTC().Format("2006-01-02"), proc("/proc/cpuinfo", `model name\s*: (.*)`), runtime.NumCPU(),
		proc("/proc/loadavg", `^(\S+ \S+ \S+)`), runtime.Version(), *benchRounds)
	for _, table := range tables {
		fmt.Fprintf(&b, "\n### %s\n\n%s\n\n| %s |\n|%s\n", table.title, table.about, strings.Join(table.head, " | "), strings.Repeat(" --- |", len(table.head)))
		for _, row := range table.rows {
			fmt.Fprintf(&b, "| %s |\n", strings.Join(row, " | "))
		}
	}
	t.Logf("\n%s", b.Bytes())
	if !*update {
		return
	}
	old, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, splice(t, old, "figures", b.Bytes()), 0o666); err != nil {
		t.Fatal(err)
	}
}

func proc(file, pattern string) string {
	text, err := os.ReadFile(file)
	if m := regexp.MustCompile(pattern).FindSubmatch(text); err == nil && m != nil {
		return string(m[1])
	}
	return "unknown"
}

// spread is a median with the least and the most.
func spread(values []float64, digits int) string {
	return fmt.Sprintf("%.*f (%.*f–%.*f)", digits, median(values), digits, slices.Min(values), digits, slices.Max(values))
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

// ratios are those of a to b, by round.
func ratios(a, b []float64) []float64 {
	r := make([]float64, len(a))
	for i := range a {
		r[i] = a[i] / b[i]
	}
	return r
}
