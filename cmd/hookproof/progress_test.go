package main

import (
	"bytes"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"hookproof/conformance"
)

// follow makes progress of a run of three checks in two groups.
func follow(p *progress) {
	for _, c := range []struct {
		id      string
		outcome conformance.Outcome
	}{
		{"tls/chain", conformance.Passed},
		{"tls/key", conformance.Warned},
		{"ack/accept", conformance.Failed},
	} {
		p.started(&conformance.Check{ID: c.id})
		time.Sleep(250 * time.Millisecond)
		p.finished(conformance.Result{ID: c.id, Outcome: c.outcome, Requests: 2})
	}
	p.close()
}

func TestProgressWritesPlainLinesOffATerminal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		follow(newProgress(&out, false, 0))
		want := "" +
			"tls            2 checks     4 requests    0.5 s  1 warned, 1 passed\n" +
			"ack            1 check      2 requests    0.2 s  1 failed\n"
		if got := out.String(); got != want {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
	})
}

func TestProgressRedrawsALineOnATerminal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		const width = 50
		follow(newProgress(&out, true, width))
		lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
		if len(lines) != 2 {
			t.Fatalf("%d lines stay, want one a group: %q", len(lines), lines)
		}
		for _, line := range lines {
			drawn := strings.Split(line, "\r\x1b[K")
			// While a check takes a quarter of a second its line is drawn again.
			if len(drawn) < 5 {
				t.Errorf("drawn %d times, want 5 or more: %q", len(drawn), line)
			}
			for _, d := range drawn {
				if len(d) >= width {
					t.Errorf("%d columns of a terminal of %d: %q", len(d), width, d)
				}
			}
		}
		if last := lines[0][strings.LastIndex(lines[0], "\x1b[K")+3:]; !strings.HasPrefix(last, "tls            2 checks     4 requests    0.5 s") {
			t.Errorf("what stays is %q", last)
		}
	})
}

func TestProgressOfNothingWritesNothing(t *testing.T) {
	var out bytes.Buffer
	newProgress(&out, true, 80).close()
	if out.Len() != 0 {
		t.Errorf("got %q", out.String())
	}
}
