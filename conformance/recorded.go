package conformance

import "time"

// What a report keeps of the exchanges of a run: enough of each check to see what was
// sent, and no more than a page can show.
const (
	// MaxRecorded bounds Report.Exchanges.
	MaxRecorded = 2000
	// maxRecordedOf bounds those of one check, so that the variants of one do not crowd
	// out the others.
	maxRecordedOf = 100
)

// Recorded is one exchange of a run.
type Recorded struct {
	Check    string    `json:"check"`   // that it was made for
	Control  bool      `json:"control"` // a plain valid event beside what the check tries
	Started  time.Time `json:"started"` // UTC, to the millisecond
	Accepted bool      `json:"accepted"`
	Exchange Exchange  `json:"exchange"`
}

// recorded returns the exchanges that a report keeps, in the order in which they
// ended, and how many it leaves out.
func (s *session) recorded() (list []Recorded, leftOut int) {
	of := map[string]int{}
	for _, x := range s.stored() {
		if len(list) == MaxRecorded || of[x.check] == maxRecordedOf {
			leftOut++
			continue
		}
		of[x.check]++
		list = append(list, Recorded{
			Check: x.check, Control: x.kind == kindControl || x.kind == kindRecovery,
			Started: x.attempt.Start.UTC().Round(time.Millisecond), Accepted: x.accepted(), Exchange: *s.exchange(x),
		})
	}
	return list, leftOut
}
