package certificate

import (
	"fmt"
	"slices"
	"time"

	"hookproof/conformance"
)

// Life is how long a certificate counts, from the end of its run.
const Life = 30 * 24 * time.Hour

// Certificate is what a run proved, without how.
type Certificate struct {
	Target   string   `json:"target"`
	Profiles []string `json:"profiles"` // that the run tried in full, the smallest first
	// Authenticated tells whether the receiver refuses whoever has no credentials.
	Authenticated bool                 `json:"authenticated"`
	Counts        conformance.Summary  `json:"counts"`
	Waivers       []conformance.Waiver `json:"waivers"`
	Tool          conformance.Tool     `json:"tool"`
	Run           string               `json:"run"`
	Seed          uint64               `json:"seed,string"`   // may be more than what a double holds
	Catalogue     string               `json:"catalogue"`     // "sha256:" and 64 digits
	Configuration string               `json:"configuration"` // as Catalogue
	Started       time.Time            `json:"started"`
	Ended         time.Time            `json:"ended"`
	Expires       time.Time            `json:"expires"`
	// Passed, Warned and Failed name the checks; those that failed are waived.
	Passed []string `json:"passed,omitempty"`
	Warned []string `json:"warned,omitempty"`
	Failed []string `json:"failed,omitempty"`
	KeyID  string   `json:"keyId,omitempty"` // of the key that signed: the SHA-256 of its PKIX form
}

// RefusedError says why a run gives no certificate.
type RefusedError struct{ Reason string }

func (e *RefusedError) Error() string { return "no certificate: " + e.Reason }

// of makes the certificate of a report, unsigned. Its error is a *RefusedError.
func of(r *conformance.Report) (*Certificate, error) {
	refused := func(format string, args ...any) (*Certificate, error) {
		return nil, &RefusedError{fmt.Sprintf(format, args...)}
	}
	switch open := r.Summary.Must.Inconclusive + r.Summary.Must.Errored; {
	case r.Interrupted:
		return refused("the run was interrupted")
	case r.Mode != conformance.Certify:
		return refused("the run was made in mode %s; only the public https URL in mode certify can be certified", r.Mode)
	case !r.Certifies:
		return refused("%s", r.WhyNot)
	case open > 0:
		return refused("%d MUST checks came to no conclusion", open)
	case r.Verdict != conformance.Conforms:
		return refused("the verdict is %q", r.Verdict)
	case r.Catalogue == "" || r.Configuration == "":
		return refused("the report was written by a version of hookproof that made no certificates")
	}
	ended := r.Started.Add(time.Duration(r.Duration)).UTC().Truncate(time.Millisecond)
	c := &Certificate{
		Target: r.Target, Profiles: profiles(r), Counts: r.Summary, Waivers: []conformance.Waiver{}, Tool: r.Tool, Run: r.Run, Seed: r.Seed,
		Catalogue: r.Catalogue, Configuration: r.Configuration,
		Started: r.Started.UTC(), Ended: ended, Expires: ended.Add(Life),
		Passed: []string{}, Warned: []string{}, Failed: []string{},
	}
	valid, _ := r.Result("auth/valid")
	c.Authenticated = valid.Outcome == conformance.Passed
	for _, res := range r.Results {
		switch res.Outcome {
		case conformance.Passed, conformance.Informed:
			c.Passed = append(c.Passed, res.ID)
		case conformance.Warned:
			c.Warned = append(c.Warned, res.ID)
		case conformance.Failed:
			c.Failed = append(c.Failed, res.ID)
		}
		if res.Waiver != nil {
			c.Waivers = append(c.Waivers, *res.Waiver)
		}
	}
	return c, nil
}

// profiles are those of which the run selected every check.
func profiles(r *conformance.Report) []string {
	names := []string{}
	for _, p := range conformance.Profiles() {
		whole := !slices.ContainsFunc(conformance.Suite(), func(c *conformance.Check) bool {
			res, known := r.Result(c.ID)
			return p.Has(c) && (!known || res.Outcome == conformance.NotSelected)
		})
		if whole {
			names = append(names, p.Name)
		}
	}
	return names
}
