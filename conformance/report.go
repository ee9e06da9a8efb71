package conformance

import (
	"slices"
	"strings"
	"time"
)

// ReportFormat is the version of Report as data: it changes when a reader of
// the one before would misread it.
const ReportFormat = 1

// Report is what a run found: flat data that round-trips through JSON. It is
// free of secrets by construction: every string in it that came from a request
// or an answer has been through the run's redactor.
type Report struct {
	Format   int       `json:"format"` // ReportFormat
	Tool     Tool      `json:"tool"`
	Target   string    `json:"target"` // the URL, without credentials
	Mode     Mode      `json:"mode"`   // Certify or Dev
	Profile  string    `json:"profile"`
	Strict   bool      `json:"strict"`
	Run      string    `json:"run"`  // marks every event of the run, so that they can be purged
	Seed     uint64    `json:"seed"` // repeats the run's events and random credentials
	Triggers []string  `json:"triggers"`
	Started  time.Time `json:"started"`
	Duration Duration  `json:"duration"`
	// Requests counts deliveries, including controls; Events those that asked to be accepted.
	Requests int `json:"requests"`
	Events   int `json:"events"`
	// RoundTrip is the median time to connect, as a yardstick for latencies; 0 if nothing connected.
	RoundTrip Duration `json:"roundTrip"`
	// Certifies tells whether a run like this one can certify at all; WhyNot says what is in the way.
	Certifies   bool     `json:"certifies"`
	WhyNot      string   `json:"whyNot,omitempty"`
	Interrupted bool     `json:"interrupted"`
	Verdict     Verdict  `json:"verdict"`
	Summary     Summary  `json:"summary"`
	Results     []Result `json:"results"` // in the order of the suite
	// WaiverProblems are waivers that are of no use; any of them fails the run.
	WaiverProblems []WaiverProblem `json:"waiverProblems,omitempty"`
	// Catalogue and Configuration identify the checks with the contract, and how the run
	// was configured: "sha256:" and 64 hexadecimal digits.
	Catalogue     string `json:"catalogue,omitempty"`
	Configuration string `json:"configuration,omitempty"`
	// Exchanges are what was sent and what came back, in the order in which the exchanges
	// ended: at most MaxRecorded, and of a check at most 100. LeftOut are those beyond.
	Exchanges []Recorded `json:"exchanges,omitempty"`
	LeftOut   int        `json:"leftOut,omitempty"`
}

// Tool names the program that wrote a report.
type Tool struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

// Summary counts results by level and outcome.
type Summary struct {
	Must   Counts `json:"must"`
	Should Counts `json:"should"`
	May    Counts `json:"may"`
}

// Counts holds how many checks had each outcome.
type Counts struct {
	Passed       int `json:"pass"`
	Failed       int `json:"fail"`
	Warned       int `json:"warn"`
	Informed     int `json:"info"`
	Skipped      int `json:"skip"`
	NotSelected  int `json:"notSelected"`
	Inconclusive int `json:"inconclusive"`
	Errored      int `json:"error"`
}

// Result is what became of one check.
type Result struct {
	ID          string    `json:"id"` // group/name, stable
	Title       string    `json:"title"`
	Level       Level     `json:"level"`
	Basis       []Basis   `json:"basis"`
	Impact      Impact    `json:"impact"`
	Requirement string    `json:"requirement"`
	Source      string    `json:"source"`
	Outcome     Outcome   `json:"outcome"`
	Reason      string    `json:"reason,omitempty"` // of a skip, an inconclusive check or an error
	Waiver      *Waiver   `json:"waiver,omitempty"` // accepts a failure or a warning
	Findings    []Finding `json:"findings"`
	Measures    []Measure `json:"measures,omitempty"`
	Retries     int       `json:"retries"`  // how often it was tried again because it was inconclusive, at most 2
	Requests    int       `json:"requests"` // deliveries sent for it
	Duration    Duration  `json:"duration"`
}

// Group is the part of the ID before the slash.
func (r Result) Group() string {
	group, _, _ := strings.Cut(r.ID, "/")
	return group
}

// Finding is one thing that a check has to say, with its evidence.
type Finding struct {
	Outcome  Outcome   `json:"outcome"` // Failed, Warned or Informed
	Code     string    `json:"code"`    // the rule that fired, stable, e.g. "accepted-wrong-credentials"
	Message  string    `json:"message"`
	Cause    string    `json:"cause,omitempty"` // the likely cause, if the answer shows it
	Fix      string    `json:"fix,omitempty"`
	Exchange *Exchange `json:"exchange,omitempty"` // what was sent and what came back
	Curl     string    `json:"curl,omitempty"`     // repeats the request; credentials are $WEBHOOK_USER and $WEBHOOK_PASS
}

// Exchange is one delivery as evidence: redacted and cut to a readable size.
type Exchange struct {
	Method   string   `json:"method"`
	URL      string   `json:"url"`
	Headers  []Header `json:"headers"`            // as sent, sorted by name
	Body     string   `json:"body"`               // as sent
	BodySize int      `json:"bodySize"`           // bytes, before cutting
	Status   int      `json:"status"`             // 0 if no answer came
	Answer   []Header `json:"answer"`             // headers of the answer, sorted by name
	Text     string   `json:"text"`               // body of the answer
	TextSize int64    `json:"textSize"`           // bytes read, before cutting
	Failure  string   `json:"failure,omitempty"`  // why there is no complete answer
	Connect  Duration `json:"connect"`            // DNS, TCP and TLS; 0 on a connection that was open already
	Time     Duration `json:"time"`               // from the request written to the last byte of the answer
	Remote   string   `json:"remote,omitempty"`   // address that answered
	Protocol string   `json:"protocol,omitempty"` // of the answer, e.g. HTTP/1.1
}

// Header is one header line.
type Header struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Measure is one figure that a check took.
type Measure struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"`
	Unit  string  `json:"unit"` // "ms", "days", "requests", …
}

// Duration is a time.Duration that JSON holds in milliseconds.
type Duration time.Duration

func (d Duration) String() string { return time.Duration(d).String() }

// counts returns the counts of one level.
func (s *Summary) counts(l Level) *Counts {
	switch l {
	case Must:
		return &s.Must
	case Should:
		return &s.Should
	default:
		return &s.May
	}
}

func (c *Counts) add(o Outcome) {
	switch o {
	case Passed:
		c.Passed++
	case Failed:
		c.Failed++
	case Warned:
		c.Warned++
	case Informed:
		c.Informed++
	case Skipped:
		c.Skipped++
	case NotSelected:
		c.NotSelected++
	case Inconclusive:
		c.Inconclusive++
	case Errored:
		c.Errored++
	}
}

// conclude counts the results and computes the verdict from them. A failed Must decides
// the matter whatever else could not be tried, unless it is waived.
func (r *Report) conclude() {
	r.Summary = Summary{}
	failed, open, tried := len(r.WaiverProblems) > 0, r.Interrupted, false
	for _, res := range r.Results {
		r.Summary.counts(res.Level).add(res.Outcome)
		tried = tried || res.Outcome != Skipped && res.Outcome != NotSelected
		switch {
		case res.Level == May, res.Waiver != nil: // inform, never decide
		case res.Outcome == Failed, res.Outcome == Warned && r.Strict:
			failed = true
		case res.Level == Must && (res.Outcome == Inconclusive || res.Outcome == Errored):
			open = true
		}
	}
	switch {
	case failed:
		r.Verdict = DoesNotConform
	case open || !tried: // nothing tried proves nothing
		r.Verdict = Undecided
	default:
		r.Verdict = Conforms
	}
}

// Result returns the result of one check and whether the report has it.
func (r *Report) Result(id string) (Result, bool) {
	i := slices.IndexFunc(r.Results, func(res Result) bool { return res.ID == id })
	if i < 0 {
		return Result{}, false
	}
	return r.Results[i], true
}
