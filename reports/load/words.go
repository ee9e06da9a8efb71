package load

import (
	"fmt"
	"strconv"
	"time"

	"hookproof/mockserver/traffic"
)

// Short is a time with three digits or so, such as 12.3ms.
func Short(d time.Duration) string {
	switch {
	case d < time.Millisecond:
		return fmt.Sprintf("%dµs", d.Microseconds())
	case d < 100*time.Millisecond:
		return fmt.Sprintf("%.2fms", float64(d)/1e6)
	case d < time.Second:
		return fmt.Sprintf("%.0fms", float64(d)/1e6)
	}
	return fmt.Sprintf("%.2fs", d.Seconds())
}

// size is a number of bytes.
func size(n int64) string {
	units := []string{"B", "kB", "MB", "GB", "TB"}
	f, i := float64(n), 0
	for f >= 1000 && i < len(units)-1 {
		f, i = f/1000, i+1
	}
	if i == 0 {
		return fmt.Sprintf("%d B", n)
	}
	return fmt.Sprintf("%.1f %s", f, units[i])
}

// percent is n of all, with two digits after the point at most.
func percent(n, of int64) string {
	if of == 0 {
		return "0 %"
	}
	p := 100 * float64(n) / float64(of)
	digits := 2
	if n > 0 && p < 0.01 {
		digits = 4
	}
	return strconv.FormatFloat(p, 'f', digits, 64) + " %"
}

// how says what was asked for.
func how(p traffic.Plan) string {
	over := "HTTP/1.1"
	if p.HTTP2 {
		over = "HTTP/2"
	}
	rate := fmt.Sprintf("%s %s", p.Rate, p.Model)
	if p.Rate == traffic.Max {
		rate = "as fast as answers come"
	}
	connections := "connections"
	if p.Connections == 1 {
		connections = "connection"
	}
	return fmt.Sprintf("%s for %s, %d %s over %s", rate, p.Duration, p.Connections, connections, over)
}

// BottleneckWords says what of the sender falsified the numbers, "" if nothing did.
func BottleneckWords(b traffic.Bottleneck) string {
	switch b {
	case traffic.SlowSender:
		return "this machine could not send as fast: a hundredth of the events or more went out over 10 ms late, and the numbers are its own as well"
	case traffic.SlowGeneration:
		return "this machine could not make events as fast: they were waited for, and the numbers are its own as well"
	case traffic.TooFewConnection:
		return "events were left when the run was over: more --connections, or a lower --rate, would tell more"
	case traffic.TooFewWorkers:
		return "the workers could not make all of it in time: more of them, or a lower --rate, would tell more"
	}
	return ""
}

// verdictWords is the verdict in a sentence.
func verdictWords(r *Report) string {
	missed := 0
	for _, c := range r.Conditions {
		if c.True {
			missed++
		}
	}
	switch {
	case r.Result.Interrupted:
		return fmt.Sprintf("undecided: interrupted after %s", r.Result.Elapsed.Round(time.Millisecond))
	case r.Verdict == Undecided:
		return "undecided: " + BottleneckWords(r.Bottleneck)
	case missed > 0:
		return fmt.Sprintf("missed: %d of %d conditions came true", missed, len(r.Conditions))
	case len(r.Conditions) > 0:
		return fmt.Sprintf("kept: none of %d conditions came true", len(r.Conditions))
	}
	return "kept: no conditions were set"
}

// notes are what a reader must know to read the numbers, a sentence each.
func notes(r *traffic.Result) []string {
	var all []string
	all = append(all, sharedNotes(r)...)
	if r.Unsent > 0 {
		all = append(all, fmt.Sprintf("%d events were never sent: all connections were busy until the run was over", r.Unsent))
	}
	if r.Waited > r.Sent/1000 {
		why := fmt.Sprintf("found all %d connections busy", r.Plan.Connections)
		if r.Plan.Ordered {
			why += ", or the event before them not answered,"
		}
		all = append(all, fmt.Sprintf("%d events (%s) %s when they were due; their latency counts from then", r.Waited, percent(r.Waited, r.Sent), why))
	}
	if r.Plan.Rate == traffic.Max {
		all = append(all, "the rate was as fast as answers came: what a slow answer held back is in no latency")
	}
	if words := BottleneckWords(r.Bottleneck()); words != "" {
		all = append(all, words)
	}
	if r.Interrupted {
		all = append(all, fmt.Sprintf("interrupted after %s", r.Elapsed.Round(time.Millisecond)))
	}
	return all
}

// sharedNotes are the notes about the workers of a run.
func sharedNotes(r *traffic.Result) []string {
	s := r.Shared
	if s == nil {
		return nil
	}
	all := []string{fmt.Sprintf("made by %d workers in %d parts", len(s.Workers), s.Parts)}
	if s.Late > 0 {
		all = append(all, fmt.Sprintf("%d events (%s), of %d parts, were late, by %s at most: a worker was gone, or none was free; they count from when they were due anew",
			s.Late, percent(s.Late, r.Scheduled), s.LateParts, Short(s.LatestBy)))
	}
	if s.Repeated > 0 {
		all = append(all, fmt.Sprintf("%d parts were begun again: what their first worker had sent of them was sent again, and counts once", s.Repeated))
	}
	if s.Lost > 0 {
		all = append(all, fmt.Sprintf("%d events (%s), of %d parts, were lost: no worker told their end", s.Lost, percent(s.Lost, r.Scheduled), s.LostParts))
	}
	return all
}
