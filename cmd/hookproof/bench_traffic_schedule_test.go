//go:build e2e && bench && linux

package main

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"
)

// benchPaced is how long a run at 1,000 requests a second takes.
const benchPaced = 10 * time.Second

// benchPacing is how close to its schedule each tool sends, by the receiver's clock.
func benchPacing(t *testing.T, b *trafficBench) benchTable {
	r := b.start(t, false, false)
	tools := b.tools(t, r)
	type figures struct{ p50, p99, most, bunched, cpu []float64 }
	taken := make([]figures, len(tools))
	for range max(1, *benchRounds/2) {
		for i := range tools {
			c := &tools[i]
			if c.missing != "" || c.paced == nil {
				continue
			}
			r.begin(t)
			record, _, cpu := c.run(t, r, c.paced(benchPaced))
			late, bunched := offSchedule(record.At, time.Millisecond)
			f := &taken[i]
			f.p50 = append(f.p50, quantileOf(late, 0.5))
			f.p99 = append(f.p99, quantileOf(late, 0.99))
			f.most = append(f.most, quantileOf(late, 1))
			f.bunched = append(f.bunched, bunched)
			f.cpu = append(f.cpu, cpu*1e6/float64(record.Count))
		}
	}
	table := benchTable{
		title: "On schedule: 1,000 requests a second",
		about: fmt.Sprintf("For %s a round, over at most %d connections: by how much a request arrived after its time in the best even schedule, in ms by the receiver's clock; how many "+
			"percent arrived within 0.1 ms of the one before; CPU time of the tool. Wanted: p99 at most 0.2 ms on an idle machine, and half of vegeta's CPU time.", benchPaced, benchConnections),
		head: []string{"tool", "p50 ms", "p99 ms", "most ms", "bunched %", "CPU µs/request", "× CPU"},
	}
	for i, c := range tools {
		f := taken[i]
		switch {
		case c.paced == nil:
		case c.missing != "":
			table.rows = append(table.rows, []string{c.name, "not measured: " + c.missing, "", "", "", "", ""})
		default:
			row := []string{c.name, spread(f.p50, 3), spread(f.p99, 3), spread(f.most, 1), spread(f.bunched, 1), spread(f.cpu, 0), ""}
			if i > 0 {
				row[6] = fmt.Sprintf("%.2f", median(ratios(taken[0].cpu, f.cpu)))
			}
			table.rows = append(table.rows, row)
		}
	}
	return table
}

// offSchedule returns by how many ms each arrival is later than in the best even
// schedule, sorted, and how many percent come within 0.1 ms of the one before.
func offSchedule(at []int64, gap time.Duration) (late []float64, bunched float64) {
	at = slices.Sorted(slices.Values(at))
	start := math.Inf(1)
	for i, a := range at {
		start = min(start, float64(a)-float64(i)*float64(gap))
	}
	for i, a := range at {
		late = append(late, (float64(a)-float64(i)*float64(gap)-start)/1e6)
		if i > 0 && a-at[i-1] < 100_000 {
			bunched++
		}
	}
	slices.Sort(late)
	return late, 100 * bunched / float64(max(1, len(at)))
}

func quantileOf(sorted []float64, q float64) float64 {
	if len(sorted) == 0 {
		return math.NaN()
	}
	return sorted[min(len(sorted)-1, int(q*float64(len(sorted))))]
}

// benchHonesty is what each tool says of a receiver that stops for 2 s.
func benchHonesty(t *testing.T, b *trafficBench) benchTable {
	r := b.start(t, false, true)
	tools := b.tools(t, r)
	// Of 10 s at an even rate, 2 s wait until the end of the stop: the wait of what is
	// due then falls evenly from 2 s to none.
	truth := func(q float64) float64 { return 2 * (1 - (1-q)/0.2) }
	table := benchTable{
		title: "Honest: a receiver that stops for 2 s",
		about: fmt.Sprintf("One run of %s at 1,000 requests a second over at most %d connections, against a receiver that answers nothing from 4 s to 6 s. Whoever is due meanwhile waits: "+
			"true are p99 = %.2f s and p99.9 = %.2f s of 10,000. Wanted: within 5 %%.", benchPaced, benchConnections, truth(0.99), truth(0.999)),
		head: []string{"tool", "requests", "p99 it says", "p99.9 it says"},
	}
	seconds := func(f float64) string {
		if f < 0 {
			return "does not say"
		}
		return fmt.Sprintf("%.4f s", f)
	}
	for i := range tools {
		c := &tools[i]
		switch {
		case c.paced == nil:
		case c.missing != "":
			table.rows = append(table.rows, []string{c.name, "not measured: " + c.missing, "", ""})
		default:
			r.begin(t)
			record, out, _ := c.run(t, r, c.paced(benchPaced))
			said := c.said(t, out)
			table.rows = append(table.rows, []string{c.name, fmt.Sprint(record.Count), seconds(said.p99), seconds(said.p999)})
			if i == 0 && (math.Abs(said.p99/truth(0.99)-1) > 0.05 || math.Abs(said.p999/truth(0.999)-1) > 0.05 || record.Count != 10_000) {
				t.Errorf("hookproof says %.3f s and %.3f s of %d requests", said.p99, said.p999, record.Count)
			}
		}
	}
	return table
}
