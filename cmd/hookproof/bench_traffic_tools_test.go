//go:build e2e && bench && linux

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// loadTool is one contestant.
type loadTool struct {
	key, name string
	missing   string // why it is not measured
	flatOut   func(d time.Duration) []string
	// paced is the command for 1,000 requests a second; nil if it has none.
	paced func(d time.Duration) []string
	// said returns what it says of its latencies after a paced run.
	said func(t *testing.T, out string) latencies

	rates, cpu []float64
	memory     float64 // MB
}

// latencies are what a tool reports, in seconds; less than 0 is not reported.
type latencies struct{ p99, p999 float64 }

// tools returns hookproof, first, and its peers.
func (b *trafficBench) tools(t *testing.T, r *trafficReceiver) []loadTool {
	t.Helper()
	ms := func(d time.Duration) string { return strconv.Itoa(int(d.Milliseconds())) + "ms" }
	c := strconv.Itoa(benchConnections)
	const auth, basic = "vendor:secret-of-a-bench", "Basic dmVuZG9yOnNlY3JldC1vZi1hLWJlbmNo"
	ours := []string{b.bin, "traffic", r.url, "--auth", auth, "--seed", "1", "--connections", c, "--json", "--quiet"}
	targets := b.file(t, "targets.txt", fmt.Sprintf("POST %s\nContent-Type: application/json\nAuthorization: %s\n@%s\n", r.url, basic, b.body))
	record := filepath.Join(b.dir, "vegeta.bin")
	vegeta := []string{benchTool("vegeta"), "attack", "-targets=" + targets, "-output=" + record, "-connections=" + c, "-timeout=2s"}
	lua := b.file(t, "post.lua", fmt.Sprintf("wrk.method=\"POST\"\nlocal f=io.open(%q)\nwrk.body=f:read(\"*a\")\nwrk.headers[\"Content-Type\"]=\"application/json\"\nwrk.headers[\"Authorization\"]=%q\n", b.body, basic))
	k6 := b.file(t, "script.js", fmt.Sprintf(`import http from 'k6/http';
const body = open(%q);
const paced = { scenarios: { paced: { executor: 'constant-arrival-rate', rate: 1000, timeUnit: '1s', duration: __ENV.FOR, preAllocatedVUs: %s, maxVUs: %[2]s } } };
const flatOut = { vus: %[2]s, duration: __ENV.FOR };
export const options = Object.assign({ discardResponseBodies: true, insecureSkipTLSVerify: true, summaryTrendStats: ['p(99)', 'p(99.9)'] }, __ENV.PACED ? paced : flatOut);
export default function () { http.post(%q, body, { headers: { 'Content-Type': 'application/json', Authorization: %q }, timeout: '2s' }); }
`, b.body, c, r.url, basic))
	summary := filepath.Join(b.dir, "k6.json")
	k6Run := func(d time.Duration, more ...string) []string {
		return append([]string{benchTool("k6"), "run", "-q", "--no-usage-report", "--summary-export", summary, "-e", "FOR=" + ms(d)}, append(more, k6)...)
	}
	hey := []string{benchTool("hey"), "-c", c, "-m", "POST", "-D", b.body, "-T", "application/json", "-a", auth, "-t", "2", "-o", "csv"}
	bombardier := []string{benchTool("bombardier"), "-c", c, "-m", "POST", "-f", b.body, "-H", "Content-Type: application/json", "-H", "Authorization: " + basic, "-l", "-k", "-o", "json", "-p", "r", "-t", "2s"}
	if r.ca != "" {
		ours = append(ours, "--ca-file", r.ca)
		vegeta = append(vegeta, "-root-certs="+r.ca)
	}
	with := func(base []string, more ...string) []string { return append(slices.Clone(base), more...) }
	all := []loadTool{
		{
			key: "hookproof", name: "hookproof traffic",
			flatOut: func(d time.Duration) []string { return with(ours, "--rate", "max", "--duration", ms(d)) },
			paced:   func(d time.Duration) []string { return with(ours, "--rate", "1000/s", "--duration", ms(d)) },
			said:    saidByHookproof,
		},
		{
			key: "wrk", name: "wrk",
			flatOut: func(d time.Duration) []string {
				return []string{"wrk", "-t2", "-c" + c, "-d" + strconv.Itoa(max(1, int(d.Seconds()))) + "s", "-s", lua, r.url}
			},
		},
		{
			key: "vegeta", name: benchVersion("vegeta", benchTool("vegeta")),
			flatOut: func(d time.Duration) []string {
				return with(vegeta, "-rate=0", "-max-workers="+c, "-duration="+ms(d))
			},
			paced: func(d time.Duration) []string {
				return with(vegeta, "-rate=1000", "-max-workers="+c, "-duration="+ms(d))
			},
			said: func(t *testing.T, _ string) latencies { return saidByVegeta(t, record) },
		},
		{
			key: "k6", name: benchVersion("k6", benchTool("k6")),
			flatOut: func(d time.Duration) []string { return k6Run(d) },
			paced:   func(d time.Duration) []string { return k6Run(d, "-e", "PACED=1") },
			said:    func(t *testing.T, _ string) latencies { return saidByK6(t, summary) },
		},
		{
			key: "hey", name: benchVersion("hey", benchTool("hey")),
			flatOut: func(d time.Duration) []string { return with(hey, "-z", ms(d), r.url) },
			paced: func(d time.Duration) []string {
				return with(hey, "-z", ms(d), "-q", strconv.FormatFloat(1000.0/benchConnections, 'f', -1, 64), r.url)
			},
			said: saidByHey,
		},
		{
			key: "bombardier", name: benchVersion("bombardier", benchTool("bombardier")),
			flatOut: func(d time.Duration) []string { return with(bombardier, "-d", ms(d), r.url) },
			paced:   func(d time.Duration) []string { return with(bombardier, "-d", ms(d), "-r", "1000", r.url) },
			said:    saidByBombardier,
		},
	}
	for i := range all {
		_, err := exec.LookPath(all[i].flatOut(time.Second)[0])
		if err != nil {
			all[i].name, all[i].missing = all[i].key, "it is not installed"
		}
	}
	return all
}

// take runs a tool for a round, and returns the receiver's record and what it said.
func (c *loadTool) take(t *testing.T, r *trafficReceiver, command func(time.Duration) []string) (benchRecord, string) {
	t.Helper()
	r.begin(t)
	record, out, cpu := c.run(t, r, command(*benchRound))
	if record.Count == 0 {
		t.Fatalf("%s sent nothing: %s", c.name, out)
	}
	c.rates = append(c.rates, float64(record.Count)/record.Took)
	c.cpu = append(c.cpu, cpu*1e6/float64(record.Count))
	return record, out
}

func (c *loadTool) run(t *testing.T, r *trafficReceiver, args []string) (benchRecord, string, float64) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), args[0], args[1:]...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	sampled := make(chan float64)
	go func() { sampled <- mostMemory(cmd.Process.Pid, ended) }()
	err := cmd.Wait()
	close(ended)
	c.memory = max(c.memory, <-sampled)
	if err != nil && cmd.ProcessState.ExitCode() != statusFailed {
		t.Fatalf("%s: %v\n%s%s", strings.Join(args, " "), err, stdout.String(), stderr.String())
	}
	cpu := cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	return r.record(t), stdout.String(), cpu.Seconds()
}

// mostMemory is the most resident memory of a process until it ends, in MB. What the
// system says at its end counts that of its parent, from which it was forked.
func mostMemory(pid int, ended <-chan struct{}) (most float64) {
	for tick := time.NewTicker(50 * time.Millisecond); ; {
		select {
		case <-ended:
			tick.Stop()
			return most
		case <-tick.C:
		}
		text, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "status"))
		if m := highWater.FindSubmatch(text); err == nil && m != nil {
			if kb, err := strconv.ParseFloat(string(m[1]), 64); err == nil {
				most = max(most, kb/1024)
			}
		}
	}
}

var highWater = regexp.MustCompile(`VmHWM:\s+(\d+) kB`)

func saidByHookproof(t *testing.T, out string) latencies {
	var r struct {
		Result struct {
			Latency map[string]any `json:"latency"`
		} `json:"result"`
	}
	decode(t, []byte(out), &r)
	ms := func(name string) float64 {
		f, _ := r.Result.Latency[name].(float64)
		return f / 1000
	}
	return latencies{ms("p99"), ms("p99.9")}
}

func saidByVegeta(t *testing.T, record string) latencies {
	out := benchOutput(t, benchTool("vegeta"), "report", "-type=hdrplot", record)
	l := latencies{-1, -1}
	for _, line := range strings.Split(out, "\n") {
		f := strings.Fields(line)
		if len(f) != 4 {
			continue
		}
		ms, err1 := strconv.ParseFloat(f[0], 64)
		q, err2 := strconv.ParseFloat(f[1], 64)
		if err1 != nil || err2 != nil {
			continue
		}
		if q >= 0.99 && l.p99 < 0 {
			l.p99 = ms / 1000
		}
		if q >= 0.999 && l.p999 < 0 {
			l.p999 = ms / 1000
		}
	}
	return l
}

func saidByK6(t *testing.T, summary string) latencies {
	text, err := os.ReadFile(summary)
	if err != nil {
		t.Fatal(err)
	}
	var r struct {
		Metrics map[string]map[string]any `json:"metrics"`
	}
	decode(t, text, &r)
	ms := func(name string) float64 {
		f, ok := r.Metrics["http_req_duration"][name].(float64)
		if !ok {
			return -1
		}
		return f / 1000
	}
	return latencies{ms("p(99)"), ms("p(99.9)")}
}

func saidByHey(_ *testing.T, out string) latencies {
	var all []float64
	for _, line := range strings.Split(out, "\n") {
		first, _, _ := strings.Cut(line, ",")
		if f, err := strconv.ParseFloat(first, 64); err == nil {
			all = append(all, f)
		}
	}
	if len(all) == 0 {
		return latencies{-1, -1}
	}
	slices.Sort(all)
	at := func(q float64) float64 { return all[min(len(all)-1, int(q*float64(len(all))))] }
	return latencies{at(0.99), at(0.999)}
}

func saidByBombardier(t *testing.T, out string) latencies {
	var r struct {
		Result struct {
			Latency struct {
				Percentiles map[string]float64 `json:"percentiles"`
			} `json:"latency"`
		} `json:"result"`
	}
	decode(t, []byte(out), &r)
	return latencies{r.Result.Latency.Percentiles["99"] / 1e6, -1}
}

func decode(t *testing.T, text []byte, to any) {
	t.Helper()
	if err := json.Unmarshal(text, to); err != nil {
		t.Fatalf("%v: %.300s", err, text)
	}
}
