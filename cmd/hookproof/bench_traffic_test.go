//go:build e2e && bench && linux

package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// benchTrafficFile has the figures of traffic between marks.
const benchTrafficFile = moduleAt + "/docs/benchmarks.md"

// TestBenchTraffic measures hookproof traffic beside other load tools, against one
// receiver that keeps the record. With -update the figures go into docs/benchmarks.md.
func TestBenchTraffic(t *testing.T) {
	bin := e2eBuild(t)
	b := newTrafficBench(t, bin)
	var tables []benchTable
	for _, measure := range []struct {
		name string
		f    func(*testing.T, *trafficBench) benchTable
	}{
		{"HTTP", func(t *testing.T, b *trafficBench) benchTable { return benchThroughput(t, b, false) }},
		{"HTTPS", func(t *testing.T, b *trafficBench) benchTable { return benchThroughput(t, b, true) }},
		{"Pacing", benchPacing},
		{"Honesty", benchHonesty},
	} {
		t.Run(measure.name, func(t *testing.T) { tables = append(tables, measure.f(t, b)) })
	}
	if !t.Failed() {
		benchWrite(t, benchTrafficFile, tables)
	}
}

// trafficBench is what all measures use.
type trafficBench struct {
	bin, receiver string
	dir           string
	body          string // file with an event as long as the mean of a world's
	length        int
}

func newTrafficBench(t *testing.T, bin string) *trafficBench {
	t.Helper()
	b := &trafficBench{bin: bin, dir: t.TempDir()}
	b.receiver = filepath.Join(b.dir, "receiver")
	benchOutput(t, "go", "build", "-o", b.receiver, "./testdata/bench/receiver")
	lines := strings.Split(strings.TrimSpace(benchOutput(t, bin, "generate", "--count", "20000", "--seed", "1")), "\n")
	total := 0
	for _, line := range lines {
		total += len(line)
	}
	mean := total / len(lines)
	best := lines[0]
	for _, line := range lines {
		if abs(len(line)-mean) < abs(len(best)-mean) {
			best = line
		}
	}
	b.length = len(best)
	b.body = b.file(t, "body.json", best)
	return b
}

func abs(n int) int { return max(n, -n) }

// file writes a file of the bench.
func (b *trafficBench) file(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(b.dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// connections is how many every tool may use.
const benchConnections = 64

// benchThroughput is how much each tool sends when nothing holds it back.
func benchThroughput(t *testing.T, b *trafficBench, secure bool) benchTable {
	r := b.start(t, secure, false)
	tools := b.tools(t, r)
	for range *benchRounds {
		for i := range tools {
			if tools[i].missing == "" && tools[i].flatOut != nil {
				tools[i].take(t, r, tools[i].flatOut)
			}
		}
	}
	name, targets := "HTTP/1.1", map[string]string{"vegeta": "≥ 1.5", "k6": "≥ 2.5", "wrk": "≥ 0.85"}
	if secure {
		name, targets = "HTTPS", map[string]string{"vegeta": "≥ 1.5", "wrk": "≥ 0.85"}
	}
	table := benchTable{
		title: "As fast as answers come, over " + name,
		about: fmt.Sprintf("Requests per second as the receiver counted them, over %d connections for %s a round, on the cores that the receiver uses too; CPU time and the "+
			"most memory of the tool's process. Hookproof sends a world's events, each different, and records each of them; the others one event of %d bytes, the mean. "+
			"× is how many requests hookproof makes for one of the tool, by round, and how much of its CPU time it takes.", benchConnections, benchRound, b.length),
		head: []string{"tool", "requests/s", "× requests", "wanted", "CPU µs/request", "× CPU", "MB at most"},
	}
	ours := tools[0]
	for _, c := range tools {
		switch {
		case c.flatOut == nil:
		case c.missing != "":
			table.rows = append(table.rows, []string{c.name, "not measured: " + c.missing, "", "", "", "", ""})
		default:
			row := []string{c.name, spread(c.rates, 0), "", targets[c.key], spread(c.cpu, 1), "", fmt.Sprintf("%.0f", c.memory)}
			if c.key != ours.key {
				row[2] = fmt.Sprintf("%.2f", median(ratios(ours.rates, c.rates)))
				row[5] = fmt.Sprintf("%.2f", median(ratios(ours.cpu, c.cpu)))
			}
			table.rows = append(table.rows, row)
		}
	}
	return table
}

// benchOutput returns what a command prints.
func benchOutput(t *testing.T, name string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, stderr.String())
	}
	return string(out)
}
