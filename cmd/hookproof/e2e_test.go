//go:build e2e && unix

package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"hookproof/conformance"
)

// TestE2EConforming: receivers as their users would write them conform, without
// a warning, in every profile and over plain http and https.
func TestE2EConforming(t *testing.T) {
	t.Parallel()
	bin := e2eBuild(t)
	cert, key, ca := e2eCertificate(t)
	withTLS := []string{"TLS_CERT=" + cert, "TLS_KEY=" + key}
	for _, file := range []string{"node/conforming.js", "python/conforming.py", "go/conforming/main.go"} {
		for _, profile := range []string{"core", "recommended", "robustness", "all"} {
			t.Run(path.Dir(file)+"/"+profile, func(t *testing.T) {
				t.Parallel()
				run := e2eCertify(t, bin, "http://"+e2eReceiver(t, nil, file)+"/webhook", "--profile", profile)
				e2eConforms(t, run)
			})
		}
	}
	for _, file := range []string{"node/conforming.js", "python/conforming.py"} {
		t.Run(path.Dir(file)+"/tls", func(t *testing.T) {
			t.Parallel()
			run := e2eCertify(t, bin, "https://"+e2eReceiver(t, withTLS, file)+"/", "--ca-file", ca, "--profile", "recommended")
			e2eConforms(t, run)
		})
	}
	t.Run("listen", func(t *testing.T) {
		t.Parallel()
		url, _ := e2eListen(t, bin)
		e2eConforms(t, e2eCertify(t, bin, url, "--profile", "recommended"))
	})
	t.Run("listen/tls", func(t *testing.T) {
		t.Parallel()
		// Credentials of one letter leave no room for prefixes, swaps or made-up ones.
		url, ca := e2eListen(t, bin, "--tls", "--auth", "a:b")
		run := e2eCertify(t, bin, url, "--ca-file", ca, "--auth", "a:b", "--profile", "recommended")
		e2eConforms(t, run)
		for _, id := range []string{"tls/handshake", "tls/chain", "tls/hostname", "tls/validity"} {
			if r, ok := run.report.Result(id); !ok || r.Outcome != conformance.Passed {
				t.Errorf("%s: got %s (%s), want pass", id, r.Outcome, r.Reason)
			}
		}
	})
}

func e2eConforms(t *testing.T, run e2eRun) {
	t.Helper()
	if run.exit != 0 || run.report.Verdict != conformance.Conforms {
		t.Errorf("got exit status %d and verdict %q, want 0 and conforms: %s", run.exit, run.report.Verdict, tail(run.stderr, 500))
	}
	if len(run.report.Triggers) < 31 {
		t.Errorf("got %d triggers, want all of the contract", len(run.report.Triggers))
	}
	for _, r := range run.report.Results {
		switch r.Outcome {
		case conformance.Failed, conformance.Warned, conformance.Inconclusive, conformance.Errored:
			t.Errorf("got %s", e2eShow(r))
		}
	}
}

// e2eMistake is a receiver with one mistake, and what certify is to say of it.
type e2eMistake struct {
	Receiver string              `json:"receiver"`
	Check    string              `json:"check"` // that is about the mistake
	Outcome  conformance.Outcome `json:"outcome"`
	Exit     int                 `json:"exit"`
	Cause    string              `json:"cause"`          // is part of a finding's cause, or of the result's reason
	Also     []string            `json:"also,omitempty"` // other checks that find something
	Why      string              `json:"why,omitempty"`  // it ends with another status than 1
	Path     string              `json:"path,omitempty"` // to certify; "" is /webhook
	Args     []string            `json:"args,omitempty"`
	Observer bool                `json:"observer,omitempty"` // only an observer sees it
}

// TestE2EBroken: each mistake fails the check that is about it, which names it.
func TestE2EBroken(t *testing.T) {
	t.Parallel()
	bin := e2eBuild(t)
	mistakes := e2eMistakes(t)
	found := make([]string, len(mistakes))
	t.Cleanup(func() { t.Logf("\n%s", strings.Join(found, "\n")) })
	for i, m := range mistakes {
		t.Run(m.Receiver, func(t *testing.T) {
			t.Parallel()
			addr := e2eReceiver(t, nil, m.Receiver)
			if m.Observer {
				m.Args = append(m.Args, e2eObserving(addr)...)
			}
			if m.Path == "" {
				m.Path = "/webhook"
			}
			run := e2eCertify(t, bin, "http://"+addr+m.Path, append([]string{"--profile", "recommended"}, m.Args...)...)
			if run.exit != m.Exit {
				t.Errorf("got exit status %d, want %d: %s", run.exit, m.Exit, tail(run.stderr, 500))
			}
			if _, ok := run.report.Result(m.Check); !ok {
				t.Errorf("%s: no such check", m.Check)
			}
			for _, r := range run.report.Results {
				switch {
				case r.ID == m.Check:
					found[i] = fmt.Sprintf("%-42s %-32s %-13s %s", m.Receiver, r.ID, r.Outcome, m.Cause)
					if r.Outcome != m.Outcome || !e2eSays(r, m.Cause) {
						t.Errorf("got %s\nwant %s with %q in its cause", e2eShow(r), m.Outcome, m.Cause)
					}
				case r.Outcome == conformance.Failed || r.Outcome == conformance.Warned:
					if !slices.Contains(m.Also, r.ID) {
						t.Errorf("got %s\nbeside %s, which is about the mistake", e2eShow(r), m.Check)
					}
				case slices.Contains(m.Also, r.ID):
					t.Errorf("%s: got %s, and it is listed as finding something too", r.ID, r.Outcome)
				}
			}
		})
	}
}

// e2eMistakes reads the table, which is to hold every broken receiver once.
func e2eMistakes(t *testing.T) []e2eMistake {
	t.Helper()
	file, err := os.Open(filepath.Join(e2eReceivers, "broken.json"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	d := json.NewDecoder(file)
	d.DisallowUnknownFields()
	var mistakes []e2eMistake
	if err := d.Decode(&mistakes); err != nil {
		t.Fatalf("broken.json: %v", err)
	}
	var got, want []string
	for _, m := range mistakes {
		got = append(got, m.Receiver)
		if m.Exit != 1 && m.Why == "" {
			t.Errorf("broken.json: %s ends with %d and does not say why", m.Receiver, m.Exit)
		}
		if m.Check == "" || m.Cause == "" {
			t.Errorf("broken.json: %s names no check or no cause", m.Receiver)
		}
	}
	for _, pattern := range []string{"node/broken/*.js", "python/broken/*.py"} {
		files, err := filepath.Glob(filepath.Join(e2eReceivers, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			if name := path.Dir(pattern) + "/" + filepath.Base(f); !strings.HasPrefix(filepath.Base(f), "app.") {
				want = append(want, name)
			}
		}
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("broken.json has  %q\nthe folders have %q", got, want)
	}
	return mistakes
}

func e2eSays(r conformance.Result, part string) bool {
	return strings.Contains(r.Reason, part) ||
		slices.ContainsFunc(r.Findings, func(f conformance.Finding) bool { return strings.Contains(f.Cause, part) })
}

func e2eShow(r conformance.Result) string {
	var b strings.Builder
	b.WriteString(r.ID + ": " + string(r.Outcome) + " " + r.Reason)
	for _, f := range r.Findings {
		b.WriteString("\n  " + f.Message + "\n    cause: " + f.Cause)
	}
	return b.String()
}

// TestE2ECoreTime holds a run of profile core on loopback to 2 s of wall time,
// the start of the process included.
func TestE2ECoreTime(t *testing.T) {
	bin := e2eBuild(t)
	url, _ := e2eListen(t, bin)
	best := time.Hour
	for range 3 {
		run := e2eCertify(t, bin, url)
		t.Logf("core: %d requests, %d events in %s", run.report.Requests, run.report.Events, run.took.Round(time.Millisecond))
		e2eConforms(t, run)
		best = min(best, run.took)
	}
	if best > 2*time.Second {
		t.Errorf("the fastest of three core runs took %s, want at most 2s", best)
	}
}
