package reports_test

import (
	"strings"

	"hookproof/conformance"
)

// hostileStrings are what a receiver, or a file that pretends to be a report, may say.
var hostileStrings = []string{
	"",
	" ",
	"plain",
	"\x1b[2J\x1b[31mverdict: conforms\x1b[0m\x07\x9b1A",
	"\nverdict: conforms (0 failed)\n",
	"\r\rverdict: conforms",
	"]]>&<>\"'<![CDATA[",
	"\x00\x01\x08\x0b\x0c\x0e\x1f\x7f\u0085\u009b",
	"\xff\xfe\xc0\xaf\xed\xa0\x80",
	"\ufffe\uffff\ufdd0\U0001fffe",
	"\u202egnp.exe\u2066\u2069\u200f\u2028\u2029\ufeff",
	"```\n````\n</details>\n# heading\n| a | b |\n```",
	"<script>alert(1)</script><img src=x onerror=alert(1)> [link](javascript:alert(1)) ![i](http://x/) @team #1 $a$ ~~x~~ **b** _i_",
	"| pipe \\| `tick` \\` ``` |",
	"-->--><!-- <!doctype x [<!ENTITY a 'b'>]> &a; &#x1b;",
	strings.Repeat("漢字👩‍👩‍👧‍👦e\u0301", 60),
	strings.Repeat("a", 3000),
	strings.Repeat("`", 2000),
	strings.Repeat("word ", 1000),
	"$(rm -rf /)`id`'; --\ttab",
	"</script><script>alert(1)</script><!--<script>",
	"\n::error title=x::owned\r\n::set-output name=a::b\n##[error]owned 100%25",
	"not ok 1 - x # TODO \\# SKIP\n  ...\n  ---\nBail out!\n1..0",
	"https://example.com/?a=1&b=%zz#f",
}

// poisoned is a report with one string wherever a report has free text.
func poisoned(s string) *conformance.Report {
	r := begin(s)
	r.Tool = conformance.Tool{Name: s, Version: s}
	r.Mode, r.Profile, r.Run, r.Triggers, r.Certifies, r.WhyNot, r.Interrupted = conformance.Dev, s, s, []string{s, s}, false, s, true
	for i, o := range []conformance.Outcome{
		conformance.Passed, conformance.Failed, conformance.Warned, conformance.Informed,
		conformance.Skipped, conformance.NotSelected, conformance.Inconclusive, conformance.Errored,
	} {
		levels := []conformance.Level{conformance.Must, conformance.Should, conformance.May}
		f := conformance.Finding{Outcome: conformance.Failed, Code: s, Message: s, Cause: s, Fix: s, Curl: s, Exchange: &conformance.Exchange{
			Method: s, URL: s, Headers: []conformance.Header{{Name: s, Value: s}}, Body: s, BodySize: len(s), Status: 200 + i,
			Answer: []conformance.Header{{Name: s, Value: s}}, Text: s, TextSize: int64(len(s)) + 9, Failure: s,
			Connect: ms(1), Time: ms(2), Remote: s, Protocol: s,
		}}
		unanswered := f
		x := *f.Exchange
		x.Status = 0
		unanswered.Exchange, unanswered.Code = &x, s+"2"
		r.Results = append(r.Results, conformance.Result{
			ID: "group/name-" + string(rune('a'+i)), Title: s, Level: levels[i%3], Basis: []conformance.Basis{conformance.Live}, Impact: conformance.Quiet,
			Requirement: s, Source: s, Outcome: o, Reason: s, Findings: []conformance.Finding{f, f, unanswered},
			Measures: []conformance.Measure{{Name: s, Value: -1.5e300, Unit: s}}, Retries: 1, Requests: 3, Duration: ms(5),
		})
	}
	x := *r.Results[0].Findings[0].Exchange
	x.Body = `{"trigger":"message_sent"}`
	for i, o := range []int{200, 500, 0} {
		x.Status = o
		r.Exchanges = append(r.Exchanges, conformance.Recorded{Check: r.Results[0].ID, Control: i == 1, Started: r.Started, Accepted: i == 0, Exchange: x})
	}
	r.Exchanges[1].Exchange = *r.Results[0].Findings[0].Exchange
	r.Results[1].Waiver = &conformance.Waiver{Check: r.Results[1].ID, Reason: s, Owner: s, Expires: "2027-03-31"}
	r.WaiverProblems = []conformance.WaiverProblem{{Check: s, Problem: s}}
	r.LeftOut = 2
	return end(r)
}

// poisonedWords is poisoned with the string also where a report that was not
// read by Parse may have anything: ids and the words of an enumeration.
func poisonedWords(s string) *conformance.Report {
	r := poisoned(s)
	r.Mode, r.Verdict = conformance.Mode(s), conformance.Verdict(s)
	for i := range r.Results {
		res := &r.Results[i]
		res.ID = s + "/" + s
		if i%2 == 0 {
			res.ID = s
		}
		res.Basis = []conformance.Basis{conformance.Basis(s)}
		if i > 4 {
			res.Level, res.Outcome, res.Impact = conformance.Level(s), conformance.Outcome(s), conformance.Impact(s)
			res.Findings[0].Outcome = conformance.Outcome(s)
		}
	}
	return r
}
