package reports

import (
	"fmt"
	"strings"

	"hookproof/conformance"
)

// conclusion puts the verdict and what it rests on into words, a sentence each.
func conclusion(r *conformance.Report) []string {
	said := []string{verdictSentence(r)}
	if r.Interrupted {
		said = append(said, "The run was interrupted: checks that had not begun were not tried.")
	}
	if !r.Certifies {
		said = append(said, cannotCertify(r))
	}
	return said
}

// cannotCertify says why a run proves less than its verdict sounds like.
func cannotCertify(r *conformance.Report) string {
	why := strings.TrimRight(inline(r.WhyNot), ".")
	if why == "" {
		return "This run cannot certify the receiver."
	}
	return "This run cannot certify the receiver: " + why + "."
}

// waived counts the failures of a level that are waived, and in a strict run the warnings.
func waived(r *conformance.Report, level conformance.Level) (failed, warned int) {
	for _, res := range r.Results {
		switch {
		case res.Level != level || res.Waiver == nil:
		case res.Outcome == conformance.Failed:
			failed++
		case res.Outcome == conformance.Warned:
			warned++
		}
	}
	return failed, warned
}

func verdictSentence(r *conformance.Report) string {
	must, should := r.Summary.Must, r.Summary.Should
	tried := must.Passed + must.Failed + must.Warned + must.Informed + must.Inconclusive + must.Errored
	mustFailed, mustWarned := waived(r, conformance.Must)
	shouldFailed, shouldWarned := waived(r, conformance.Should)
	must.Failed, must.Warned = must.Failed-mustFailed, must.Warned-mustWarned
	should.Failed, should.Warned = should.Failed-shouldFailed, should.Warned-shouldWarned
	switch r.Verdict {
	case conformance.DoesNotConform:
		var why []string
		if must.Failed > 0 {
			why = append(why, fmt.Sprintf("%d of %s failed", must.Failed, checks(tried, conformance.Must)))
		}
		if should.Failed > 0 {
			why = append(why, checks(should.Failed, conformance.Should)+" failed")
		}
		if warned := must.Warned + should.Warned; r.Strict && warned > 0 {
			why = append(why, fmt.Sprintf("%d warned, and a strict run counts warnings as failures", warned))
		}
		if open := must.Inconclusive + must.Errored; open > 0 {
			why = append(why, fmt.Sprintf("%d came to no conclusion", open))
		}
		for _, w := range r.WaiverProblems {
			why = append(why, "the waiver of "+inline(w.Check)+": "+inline(w.Problem))
		}
		return sentence("Does not conform", why)
	case conformance.Undecided:
		var why []string
		if must.Inconclusive > 0 {
			why = append(why, fmt.Sprintf("%d of %s came to no conclusion", must.Inconclusive, checks(tried, conformance.Must)))
		}
		if must.Errored > 0 {
			why = append(why, fmt.Sprintf("hookproof itself could not try %s", checks(must.Errored, conformance.Must)))
		}
		if r.Interrupted {
			why = append(why, "the run did not come to its end")
		}
		return sentence("Undecided", why)
	case conformance.Conforms:
		if tried == 0 {
			return "Conforms, but no MUST check was tried."
		}
		why := checks(tried, conformance.Must) + " tried, none failed"
		if mustFailed > 0 {
			why = fmt.Sprintf("%s tried, %d failed and %s waived", checks(tried, conformance.Must), mustFailed, isAre(mustFailed))
		}
		if must.Skipped > 0 {
			why += fmt.Sprintf(", %d skipped", must.Skipped)
		}
		return sentence("Conforms to profile "+inline(r.Profile), []string{why})
	}
	return sentence("Verdict", []string{inline(string(r.Verdict))})
}

func sentence(head string, why []string) string {
	if len(why) == 0 {
		return head + "."
	}
	return head + ": " + strings.Join(why, "; ") + "."
}

// checks says how many checks of a level, in the right number.
func checks(n int, level conformance.Level) string {
	if n == 1 {
		return fmt.Sprintf("1 %s check", level)
	}
	return fmt.Sprintf("%d %s checks", n, level)
}

func isAre(n int) string {
	if n == 1 {
		return "is"
	}
	return "are"
}

// waiverText says who accepts a failure, until when and why.
func waiverText(w *conformance.Waiver) string {
	return fmt.Sprintf("waived until %s by %s: %s", inline(w.Expires), inline(w.Owner), inline(w.Reason))
}
