package reports_test

import (
	"strings"
	"time"

	"hookproof/conformance"
)

// samples are reports as runs leave them, by name, in the order of a story: a
// receiver that is fine, one that is not, one that was never reached, one
// tried on loopback, a run that was stopped, and one with waivers.
func samples() []sample {
	return []sample{
		{"conforming", conforming()},
		{"failing", failing()},
		{"unreachable", unreachable()},
		{"strict-dev", strictDev()},
		{"interrupted", interrupted()},
		{"waived", waived()},
	}
}

type sample struct {
	name   string
	report *conformance.Report
}

func begin(target string) *conformance.Report {
	return &conformance.Report{
		Format:    conformance.ReportFormat,
		Tool:      conformance.Tool{Name: "hookproof", Version: "0.1.0"},
		Target:    target,
		Mode:      conformance.Certify,
		Profile:   "core",
		Run:       "hpt-7f3a2c91",
		Seed:      15204869031147325441,
		Triggers:  []string{"message_sent", "message_edited", "group_created"},
		Started:   time.Date(2026, 10, 1, 12, 0, 0, 0, time.UTC),
		Duration:  ms(8412.7),
		Requests:  123,
		Events:    61,
		RoundTrip: ms(12.25),
		Certifies: true,
		Results:   []conformance.Result{},
	}
}

// end counts the results and sets the verdict as a run does.
func end(r *conformance.Report) *conformance.Report {
	failed, open := len(r.WaiverProblems) > 0, r.Interrupted
	r.Summary = conformance.Summary{}
	for _, res := range r.Results {
		c := &r.Summary.May
		switch res.Level {
		case conformance.Must:
			c = &r.Summary.Must
		case conformance.Should:
			c = &r.Summary.Should
		}
		switch res.Outcome {
		case conformance.Passed:
			c.Passed++
		case conformance.Failed:
			c.Failed++
			failed = failed || res.Waiver == nil
		case conformance.Warned:
			c.Warned++
			failed = failed || r.Strict
		case conformance.Informed:
			c.Informed++
		case conformance.Skipped:
			c.Skipped++
		case conformance.NotSelected:
			c.NotSelected++
		case conformance.Inconclusive:
			c.Inconclusive++
			open = open || res.Level == conformance.Must
		case conformance.Errored:
			c.Errored++
			open = open || res.Level == conformance.Must
		}
	}
	switch {
	case failed:
		r.Verdict = conformance.DoesNotConform
	case open:
		r.Verdict = conformance.Undecided
	default:
		r.Verdict = conformance.Conforms
	}
	return r
}

func ms(v float64) conformance.Duration {
	return conformance.Duration(time.Duration(v * float64(time.Millisecond)).Round(time.Microsecond))
}

func check(id string, level conformance.Level, title string, took float64) conformance.Result {
	return conformance.Result{
		ID: id, Title: title, Level: level, Basis: []conformance.Basis{conformance.Documented}, Impact: conformance.Events,
		Requirement: title + ".", Source: "https://www.cometchat.com/docs/fundamentals/webhooks-overview",
		Outcome: conformance.Passed, Findings: []conformance.Finding{}, Requests: 1, Duration: ms(took),
	}
}

// leave is checks that were not tried.
func leave(o conformance.Outcome, reason string, ids ...string) []conformance.Result {
	var out []conformance.Result
	for _, id := range ids {
		level := conformance.Must
		if strings.HasSuffix(id, "-soon") || strings.Contains(id, "latency") {
			level = conformance.Should
		}
		res := check(id, level, "The receiver does what "+id+" asks for", 0)
		res.Outcome, res.Reason, res.Requests = o, reason, 0
		out = append(out, res)
	}
	return out
}

func exchange(status int, answer, text string) *conformance.Exchange {
	body := `{"trigger":"message_sent","data":{"message":{"id":"hpt-7f3a2c91-17","conversationId":"hpt-ana_user_hpt-bo","sender":"hpt-ana",` +
		`"receiverType":"user","receiver":"hpt-bo","category":"message","type":"text","data":{"text":"See you at 7 👋🏽","entities":{"sender":` +
		`{"entity":{"uid":"hpt-ana","name":"Ana"},"entityType":"user"}}},"sentAt":1790856000}},"appId":"app","region":"eu","webhook":"wh"}`
	return &conformance.Exchange{
		Method: "POST", URL: "https://hooks.example.com/cometchat",
		Headers: []conformance.Header{
			{Name: "Authorization", Value: "Basic [redacted]"},
			{Name: "Content-Type", Value: "application/json"},
			{Name: "User-Agent", Value: "hookproof/0.1.0 (run=hpt-7f3a2c91; check=auth/wrong-pass)"},
		},
		Body: body, BodySize: len(body), Status: status,
		Answer: []conformance.Header{{Name: "Content-Type", Value: answer}, {Name: "Server", Value: "nginx"}},
		Text:   text, TextSize: int64(len(text)), Connect: ms(12.25), Time: ms(41.032), Remote: "203.0.113.7:443", Protocol: "HTTP/1.1",
	}
}
