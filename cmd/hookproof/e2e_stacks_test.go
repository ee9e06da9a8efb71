//go:build e2e && unix

package main

import (
	"flag"
	"fmt"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"hookproof/conformance"
	"hookproof/schemas"
)

var e2eStackRuns = flag.Int("stack-runs", 1, "how often TestE2EStacks certifies each stack")

// e2eStack is a receiver as users of a platform would write it.
type e2eStack struct {
	name  string
	start func(*testing.T) string // returns host:port
	// allowed are the checks that may warn, and why that is the platform's
	// doing: what its users cannot change, and hookproof is right to name.
	allowed []e2eAllowed
}

type e2eAllowed struct{ check, why string }

// e2eAlarms are the outcomes that a right receiver never has.
var e2eAlarms = []conformance.Outcome{conformance.Failed, conformance.Warned, conformance.Inconclusive, conformance.Errored}

var e2eStacks = []e2eStack{
	{name: "Go net/http", start: func(t *testing.T) string { return e2eReceiver(t, nil, "go/conforming/main.go") }},
	{name: "Go chi", start: e2eChi},
	{name: "node http", start: func(t *testing.T) string { return e2eReceiver(t, nil, "node/conforming.js") }},
	{name: "Express", start: func(t *testing.T) string { return e2eStackNode(t, "express/receiver.js") }},
	{name: "Fastify", start: func(t *testing.T) string { return e2eStackNode(t, "fastify/receiver.js") }},
	{name: "nginx, node http", start: e2eNginx},
	{name: "Python http.server", start: func(t *testing.T) string { return e2eReceiver(t, nil, "python/conforming.py") }},
	{name: "Flask, gunicorn", start: e2eFlask},
	{name: "PHP built-in server", start: e2ePHP, allowed: []e2eAllowed{{
		"http/pipelining",
		"it closes the connection with the second request unread, and the reset takes the first answer along; RFC 9112 section 9.6 says how to close",
	}}},
	{name: "Java HttpServer", start: e2eJava},
}

// TestE2EStacks: a right receiver is never alarmed about, whatever it is
// written in. Every check but those of load is tried on each stack, with an observer.
func TestE2EStacks(t *testing.T) {
	t.Parallel()
	bin := e2eBuild(t)
	counts := make([]e2eCount, len(e2eStacks))
	t.Run("stack", func(t *testing.T) {
		for i, stack := range e2eStacks {
			t.Run(stack.name, func(t *testing.T) {
				t.Parallel()
				addr := stack.start(t)
				for range *e2eStackRuns {
					run := e2eCertify(t, bin, "http://"+addr+"/webhook", append(e2eObserving(addr), "--profile", conformance.All, "--quiet")...)
					if run.exit != 0 {
						t.Errorf("got exit status %d, want 0: %s", run.exit, tail(run.stderr, 500))
					}
					counts[i].add(t, stack, run)
					e2eObserved(t, run)
				}
			})
		}
	})
	var table strings.Builder
	w := tabwriter.NewWriter(&table, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "stack\truns\tchecks passed\tfalse alarms\tallowed\ttime of a run\t")
	for i, c := range counts {
		mean := c.took / time.Duration(max(1, c.runs))
		fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%d\t%s\t\n", e2eStacks[i].name, c.runs, c.passed, c.alarms, c.allowed, mean.Round(10*time.Millisecond))
	}
	_ = w.Flush() // a strings.Builder takes everything
	t.Logf("\n%s", table.String())
}

// e2eCount is a line of the table.
type e2eCount struct {
	runs, passed, alarms, allowed int
	took                          time.Duration
}

func (c *e2eCount) add(t *testing.T, stack e2eStack, run e2eRun) {
	t.Helper()
	c.runs++
	c.took += run.took
	for _, r := range run.report.Results {
		switch {
		case r.Outcome == conformance.Passed:
			c.passed++
		case !slices.Contains(e2eAlarms, r.Outcome):
		case slices.ContainsFunc(stack.allowed, func(a e2eAllowed) bool { return a.check == r.ID && r.Outcome == conformance.Warned }):
			c.allowed++
		default:
			c.alarms++
			t.Errorf("got %s", e2eShow(r))
		}
	}
}

// e2eObserving are the arguments that have certify ask a receiver for its
// effects, and send the mentions that some of them are about.
func e2eObserving(addr string) []string {
	return []string{
		"--observer", "http://" + e2eUser + ":" + e2ePass + "@" + addr + "/effects",
		"--triggers", strings.Join(append(schemas.Names(schemas.Required), "user_mentioned"), ","),
	}
}

// e2eObserved demands that the checks which ask the observer were tried, and
// that it saw what was sent: a receiver without effects would pass them all.
func e2eObserved(t *testing.T, run e2eRun) {
	t.Helper()
	for _, id := range []string{"idempotency/duplicate-effect", "idempotency/reserialised-effect", "idempotency/same-id-other-trigger", "idempotency/second-edit", "auth/no-effect"} {
		r, ok := run.report.Result(id)
		if !ok || r.Outcome != conformance.Passed {
			t.Errorf("%s: got %s (%s), want pass", id, r.Outcome, r.Reason)
		}
		for _, f := range r.Findings {
			t.Errorf("%s: %s, want no finding", id, f.Message)
		}
	}
}
