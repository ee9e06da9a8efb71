package main

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"hookproof/conformance"
)

// progress tells how a run goes: a line per group of checks, on a terminal
// redrawn while the group runs.
type progress struct {
	w      io.Writer
	redraw bool
	width  int
	stop   chan struct{}
	gone   sync.WaitGroup

	mu       sync.Mutex
	group    string
	check    string
	start    time.Time // of the group
	requests int
	counts   map[conformance.Outcome]int
	tried    int
}

// redrawEvery is often enough to see that a run is alive.
const redrawEvery = 100 * time.Millisecond

// newProgress shows progress on w until close.
func newProgress(w io.Writer, redraw bool, width int) *progress {
	p := &progress{w: w, redraw: redraw, width: width, stop: make(chan struct{})}
	if redraw {
		p.gone.Go(p.tick)
	}
	return p
}

func (p *progress) tick() {
	t := time.NewTicker(redrawEvery)
	defer t.Stop()
	for {
		select {
		case <-p.stop:
			return
		case <-t.C:
			p.mu.Lock()
			p.draw()
			p.mu.Unlock()
		}
	}
}

func (p *progress) started(c *conformance.Check) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if c.Group() != p.group {
		p.endGroup()
		p.group, p.start, p.requests, p.tried = c.Group(), time.Now(), 0, 0
		p.counts = map[conformance.Outcome]int{}
	}
	p.check = c.ID
	p.draw()
}

func (p *progress) finished(r conformance.Result) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.requests += r.Requests
	p.counts[r.Outcome]++
	p.tried++
	p.draw()
}

// close ends the last line.
func (p *progress) close() {
	close(p.stop)
	p.gone.Wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.endGroup()
}

// draw shows the running group, on a terminal.
func (p *progress) draw() {
	if !p.redraw || p.group == "" {
		return
	}
	p.overwrite(p.fit(p.line() + "  " + p.check))
}

func (p *progress) endGroup() {
	if p.group == "" {
		return
	}
	if p.redraw {
		p.overwrite(p.fit(p.line()) + "\n")
	} else {
		say(p.w, "%s\n", p.line())
	}
	p.group = ""
}

// overwrite replaces the terminal's line, in one call so that it does not flicker.
func (p *progress) overwrite(line string) {
	say(p.w, "\r\x1b[K%s", line)
}

// fit cuts a line, which is ASCII, to what the terminal shows without a break.
func (p *progress) fit(line string) string {
	if p.width > 1 && len(line) >= p.width {
		return line[:p.width-1]
	}
	return line
}

// line says what became of the group so far.
func (p *progress) line() string {
	var became []string
	for _, o := range []struct {
		outcome conformance.Outcome
		word    string
	}{
		{conformance.Failed, "failed"},
		{conformance.Warned, "warned"},
		{conformance.Inconclusive, "inconclusive"},
		{conformance.Errored, "errored"},
		{conformance.Passed, "passed"},
		{conformance.Informed, "info"},
		{conformance.Skipped, "skipped"},
	} {
		if n := p.counts[o.outcome]; n > 0 {
			became = append(became, fmt.Sprintf("%d %s", n, o.word))
		}
	}
	return strings.TrimRight(fmt.Sprintf("%-12s %3d %-7s %4d %-9s %7s  %s", p.group, p.tried, plural("check", p.tried), p.requests,
		plural("request", p.requests), fmt.Sprintf("%.1f s", time.Since(p.start).Seconds()), strings.Join(became, ", ")), " ")
}

func plural(word string, n int) string {
	if n == 1 {
		return word
	}
	return word + "s"
}
