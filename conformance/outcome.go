package conformance

// Level is how much a requirement weighs, in the words of RFC 2119.
type Level string

// The three levels: a failed Must means that the receiver does not conform,
// a failed Should is a warning (a failure in strict mode), and a May only informs.
const (
	Must   Level = "MUST"
	Should Level = "SHOULD"
	May    Level = "MAY"
)

// Basis is where a requirement comes from.
type Basis string

// The bases of a requirement.
const (
	Documented   Basis = "documented"    // a requirement in CometChat's documentation
	BestPractice Basis = "best practice" // a recommendation in CometChat's documentation
	Live         Basis = "observed"      // seen in live deliveries
	Standard     Basis = "standard"      // an HTTP or TLS standard
	Judgement    Basis = "judgement"     // hookproof's engineering judgement
)

// Impact is what trying a check does to the receiver.
type Impact string

// The impacts that checks have. A quiet probe never creates an accepted event; a
// hostile one may hold up or break a receiver that is not built for it; load is many
// events in a short time, or for a long one.
const (
	Quiet   Impact = "quiet"
	Events  Impact = "event"
	Hostile Impact = "hostile"
	Load    Impact = "load"
)

// Outcome is what became of one check.
type Outcome string

// The outcomes. A failed Must is Failed, a failed Should is Warned. May checks
// never touch the verdict; Warned does so only in a strict run.
const (
	Passed       Outcome = "pass"
	Failed       Outcome = "fail"
	Warned       Outcome = "warn"
	Informed     Outcome = "info"
	Skipped      Outcome = "skip"         // does not apply here; Result.Reason says why
	NotSelected  Outcome = "not-selected" // left out by the profile or a filter
	Inconclusive Outcome = "inconclusive" // nothing can be concluded from what came back
	Errored      Outcome = "error"        // hookproof itself could not try it
)

// Verdict is the answer of a whole run.
type Verdict string

// The verdicts of a run.
const (
	Conforms       Verdict = "conforms"
	DoesNotConform Verdict = "does not conform"
	Undecided      Verdict = "undecided"
)

// Mode is how strict a run is with the address and how gentle with the receiver.
type Mode string

// The modes. Auto picks Dev for loopback and private targets and Certify for all others.
const (
	Auto    Mode = "auto"
	Certify Mode = "certify"
	Dev     Mode = "dev"
)
