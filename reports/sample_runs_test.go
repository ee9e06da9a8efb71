package reports_test

import (
	"fmt"
	"strings"
	"time"

	"hookproof/conformance"
)

func conforming() *conformance.Report {
	r := begin("https://hooks.example.com/cometchat")
	latency := check("ack/latency-comfort", conformance.Should, "The answer comes in half a second", 640)
	latency.Measures = []conformance.Measure{{Name: "p50", Value: 31.25, Unit: "ms"}, {Name: "p95", Value: 74.5, Unit: "ms"}, {Name: "samples", Value: 20}}
	latency.Requests = 20
	retried := check("ack/all-triggers", conformance.Must, "Each subscribed trigger is accepted", 1204)
	retried.Retries = 1
	note := check("method/get-status", conformance.May, "GET is answered", 14)
	note.Outcome = conformance.Informed
	note.Findings = []conformance.Finding{{Outcome: conformance.Informed, Code: "get-405", Message: "GET is refused with 405 and an Allow header, the nicest answer."}}
	r.Results = append(r.Results,
		check("preflight/url-scheme", conformance.Must, "The URL is https", 0),
		check("tls/chain", conformance.Must, "The certificate chain verifies with public roots", 18),
		check("ack/accept", conformance.Must, "A valid event is accepted", 212), retried, latency, note,
	)
	r.Results = append(r.Results, leave(conformance.NotSelected, "not in profile core", "auth/user-case", "load/burst", "load/spike")...)
	return end(r)
}

func failing() *conformance.Report {
	r := begin("https://hooks.example.com/cometchat")

	wrong := check("auth/wrong-pass", conformance.Must, "A wrong password is refused", 41)
	wrong.Outcome = conformance.Failed
	wrong.Basis = []conformance.Basis{conformance.BestPractice, conformance.Live}
	wrong.Requirement = "A request whose password is not the configured one is answered with a 4xx status, and nothing is done for it."
	wrong.Findings = []conformance.Finding{{
		Outcome: conformance.Failed, Code: "accepted-wrong-credentials",
		Message:  "A request with the right user name and a wrong password of the same length was accepted with 200 OK.",
		Cause:    "The receiver looks only for an Authorization header that begins with Basic, or compares only the user name.",
		Fix:      "Decode the header and compare user name and password in constant time; answer 401 with WWW-Authenticate: Basic if either differs.",
		Exchange: exchange(200, "application/json; charset=utf-8", `{"ok":true}`),
		Curl:     `curl -sS -i -X POST -u "$WEBHOOK_USER:wrong" -H 'Content-Type: application/json' --data-binary '{"trigger":"message_sent"}' 'https://hooks.example.com/cometchat'`,
	}}

	all := check("ack/all-triggers", conformance.Must, "Each subscribed trigger is accepted", 96)
	all.Outcome = conformance.Failed
	for _, trigger := range []string{"message_edited", "group_created", "user_blocked"} {
		x := exchange(500, "text/html", "<!doctype html>\n<h1>TypeError</h1>\n<pre>Cannot read properties of undefined (reading 'uid')\n    at "+
			trigger+" (/srv/app/hooks.js:41:22)"+strings.Repeat("\n    at next (/srv/app/node_modules/express/lib/router/index.js:280:10)", 20)+"</pre>")
		x.TextSize += 9000
		all.Findings = append(all.Findings, conformance.Finding{
			Outcome: conformance.Failed, Code: "trigger-refused", Message: trigger + " was answered with 500 Internal Server Error instead of 200 OK.",
			Cause: "The answer is a stack trace: the receiver crashes on this event.", Fix: "Treat every optional field as absent until it is seen.", Exchange: x,
		})
	}

	accept := check("ack/accept", conformance.Must, "A valid event is accepted", 212)

	soon := check("tls/expiry-soon", conformance.Should, "The certificate is valid for two weeks more", 3)
	soon.Outcome = conformance.Warned
	soon.Basis = []conformance.Basis{conformance.Judgement}
	soon.Source = ""
	soon.Measures = []conformance.Measure{{Name: "left", Value: 6.4, Unit: "days"}}
	soon.Findings = []conformance.Finding{{Outcome: conformance.Warned, Code: "expires-soon", Message: "The certificate expires in 6 days, on 2026-10-07.", Fix: "Renew it, and let the renewal run by itself."}}

	reset := check("http/parallel", conformance.Must, "Five deliveries at once are accepted", 2000)
	reset.Outcome, reset.Retries = conformance.Inconclusive, 2
	reset.Reason = "429 Too Many Requests with Retry-After: 120: the receiver's rate limit answered, so nothing can be concluded"

	own := check("tls/version-1-2", conformance.Should, "TLS 1.2 is accepted", 1)
	own.Outcome = conformance.Errored
	own.Reason = "cannot open a socket: too many open files"

	gone := check("order/orphan", conformance.Should, "An event about something unknown is accepted", 5003)
	gone.Outcome = conformance.Warned
	x := exchange(0, "", "")
	x.Answer, x.Failure, x.Remote, x.Protocol, x.Time = []conformance.Header{}, "the connection was reset before an answer came", "", "", ms(5003)
	gone.Findings = []conformance.Finding{{Outcome: conformance.Warned, Code: "no-answer", Message: "A reaction to an unknown message got no answer.", Exchange: x}}

	note := check("auth/challenge", conformance.May, "A 401 names the scheme", 0)
	note.Outcome = conformance.Informed
	note.Findings = []conformance.Finding{{Outcome: conformance.Informed, Code: "no-challenge", Message: "The refusal has no WWW-Authenticate header.", Exchange: exchange(401, "text/plain", "Unauthorized")}}

	r.Results = append(r.Results,
		check("preflight/url-scheme", conformance.Must, "The URL is https", 0),
		check("preflight/url-length", conformance.Must, "The URL has at most 255 characters", 0),
		check("tls/chain", conformance.Must, "The certificate chain verifies with public roots, without fetching intermediates that are missing", 18.41),
		soon, own, accept, all, gone, reset,
	)
	r.Results = append(r.Results, leave(conformance.Skipped, "no observer: effects cannot be counted", "idempotency/same-effect", "auth/no-effect")...)
	r.Results = append(r.Results, check("auth/none", conformance.Must, "A request without credentials is refused", 22), wrong, note)
	for i := range 24 {
		r.Results = append(r.Results, leave(conformance.NotSelected, "not in profile core", fmt.Sprintf("security/probe-%02d", i))...)
	}
	return end(r)
}

func unreachable() *conformance.Report {
	r := begin("https://hooks.example.com/cometchat/v2/receive")
	r.RoundTrip, r.Duration, r.Requests, r.Events = 0, ms(2011), 1, 1
	accept := check("ack/accept", conformance.Must, "A valid event is accepted", 2003)
	accept.Outcome = conformance.Failed
	x := exchange(0, "", "")
	x.Answer, x.Failure, x.Remote, x.Protocol, x.Connect, x.Time = []conformance.Header{}, "connection refused", "", "", 0, 0
	accept.Findings = []conformance.Finding{{
		Outcome: conformance.Failed, Code: "baseline-refused", Message: "Nothing listens at 203.0.113.7:443: the connection was refused.",
		Cause: "The receiver is not running, or a firewall refuses the port.", Fix: "Start it, and open port 443 to the internet.", Exchange: x,
		Curl: `curl -sS -i -u "$WEBHOOK_USER:$WEBHOOK_PASS" 'https://hooks.example.com/cometchat/v2/receive'`,
	}}
	r.Results = append(r.Results, check("preflight/url-scheme", conformance.Must, "The URL is https", 0), accept)
	r.Results = append(r.Results, leave(conformance.Skipped, "baseline not accepted",
		"content/json", "content/case", "content/charset", "method/post", "ack/exact-200", "ack/all-triggers", "ack/latency-hard",
		"payload/unknown-field", "payload/unicode", "payload/receiver-kinds", "http/parallel", "auth/none")...)
	return end(r)
}

func strictDev() *conformance.Report {
	r := begin("http://127.0.0.1:8080/hooks")
	r.Mode, r.Strict, r.Profile = conformance.Dev, true, "recommended"
	r.Certifies, r.WhyNot = false, "127.0.0.1 is a loopback address, and the URL is not https"
	late := check("ack/latency-comfort", conformance.Should, "The answer comes in half a second", 14200)
	late.Outcome = conformance.Warned
	late.Measures = []conformance.Measure{{Name: "p95", Value: 711.125, Unit: "ms"}}
	late.Findings = []conformance.Finding{{Outcome: conformance.Warned, Code: "slow", Message: "Of 20 answers, the slowest one in twenty took 711 ms; half a second is comfortable."}}
	r.Results = append(r.Results, check("preflight/url-scheme", conformance.Must, "The URL is https", 0.4), check("ack/accept", conformance.Must, "A valid event is accepted", 3.2), late)
	r.Results = append(r.Results, leave(conformance.Skipped, "plain http has no TLS", "tls/handshake", "tls/chain", "tls/hostname")...)
	return end(r)
}

func interrupted() *conformance.Report {
	r := begin("https://hooks.example.com/cometchat")
	r.Interrupted, r.Duration = true, ms(71234)
	r.Results = append(r.Results, check("ack/accept", conformance.Must, "A valid event is accepted", 212))
	r.Results = append(r.Results, leave(conformance.Skipped, "interrupted", "content/json", "auth/none")...)
	return end(r)
}

func waived() *conformance.Report {
	r := begin("https://hooks.example.com/cometchat")
	r.Catalogue, r.Configuration = "sha256:"+strings.Repeat("0c", 32), "sha256:"+strings.Repeat("1d", 32)
	old := check("tls/version-1-2", conformance.Must, "TLS 1.2 is accepted", 11)
	old.Outcome = conformance.Failed
	old.Waiver = &conformance.Waiver{Check: old.ID, Reason: "The balancer is replaced in November.", Owner: "platform", Expires: "2026-11-30"}
	old.Findings = []conformance.Finding{{Outcome: conformance.Failed, Code: "refused", Message: "TLS 1.2 was refused.", Fix: "Allow it beside 1.3."}}
	r.Results = append(r.Results, check("ack/accept", conformance.Must, "A valid event is accepted", 212), old, check("auth/none", conformance.Must, "A request without credentials is refused", 22))
	r.WaiverProblems = []conformance.WaiverProblem{{Check: "auth/none", Problem: "the check passes: remove the waiver"}}
	refused := *exchange(401, "text/plain", "no")
	r.Exchanges = []conformance.Recorded{
		{Check: "ack/accept", Started: r.Started, Accepted: true, Exchange: *exchange(200, "text/plain", "ok")},
		{Check: "auth/none", Control: true, Started: r.Started.Add(time.Second), Accepted: true, Exchange: *exchange(200, "text/plain", "ok")},
		{Check: "auth/none", Started: r.Started.Add(2 * time.Second), Exchange: refused},
	}
	r.LeftOut = 120
	return end(r)
}
