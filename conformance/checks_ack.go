package conformance

import (
	"context"
	"fmt"
	"net/http"
	"strings"
)

func acceptsEvents() *Check {
	return &Check{
		ID: "ack/accept", Title: "a plain valid event is accepted", Level: Must, Basis: []Basis{Documented}, Impact: Events,
		Requirement: "The endpoint acknowledges the receipt of an event.", Source: srcEndpoint,
		Probe: "The baseline, five times. Everything after it depends on it.",
		Doc: Doc{
			Passes:       "2xx each; a refusal or no answer fails, unless another check explains it.",
			Alternatives: "Answering before the work or after it, as long as it is in time; any body and any content type.",

			Why:   "What is not acknowledged with 2xx counts as a failed delivery; without retryOnFailure it is lost at once.",
			Cause: "the handler refuses ordinary events: its log at this time tells why",
			Fix:   "acknowledge every event with 200 at once, and work on it afterwards",
		},
		phase: phaseBaseline, needs: needTransport,
		Run: func(ctx context.Context, p *Pass) error {
			return p.judgeBaseline(ctx, "not-accepted", "a plain valid event was not accepted: %s")
		},
	}
}

func completeAnswers() *Check {
	return &Check{
		ID: "ack/complete", Title: "answers end", Level: Must, Basis: []Basis{Standard}, Impact: Events,
		Requirement: "The answer is complete: its framing is valid and its body ends in time.", Source: "RFC 9112 §8",
		Probe: "The baseline.",
		Doc: Doc{
			Passes:       "An answer that begins also ends, in valid framing; one that does not fails.",
			Alternatives: "Content-Length, chunks, or the end of the connection; no body at all.",

			Why: "A sender waits for the end of the answer; one that never ends is a timeout.", Cause: "Content-Length promises more than is sent, or a stream is left open",
			Fix: "end the response; let the framework set Content-Length",
		},
		phase: phaseBaseline, needs: needTransport,
		Run: func(ctx context.Context, p *Pass) error {
			return p.judgeBaseline(ctx, "incomplete", "the receiver %s")
		},
	}
}

func exactly200() *Check {
	return &Check{
		ID: "ack/exact-200", Title: "the status is exactly 200", Level: Must, Basis: []Basis{Documented}, Impact: Events,
		Requirement: "The endpoint responds with 200 OK.", Source: srcEndpoint,
		Probe: "Nothing: the accepted answers of the run are looked at again.",
		Doc: Doc{
			Passes:       "Each is 200; another 2xx fails. Answers to probes that may as well be refused do not count.",
			Alternatives: "A body or none, of any content type.",

			Why:   "The requirement is 200 OK. CometChat's API text calls only non-2xx a failure, so another 2xx counts as delivered today.",
			Cause: "the handler sets another status, or sets none and the framework chooses",
			Fix:   "set the status to 200",
		},
		needs: needBaseline, phase: phaseFinal,
		Run: func(_ context.Context, p *Pass) error {
			other := map[int]int{}
			var first *sent
			total := 0
			noEvents := map[string]bool{"payload/unknown-trigger": true}
			for _, c := range Suite() {
				noEvents[c.ID] = noEvents[c.ID] || c.negative || c.lenient
			}
			for _, x := range p.s.stored() {
				// The refusals that were accepted, and other methods, are not acknowledgements.
				if !x.accepted() || x.probe.auth.custom || x.attempt.Method != http.MethodPost || x.kind == kindProbe && noEvents[x.check] {
					continue
				}
				total++
				if x.attempt.Status != http.StatusOK {
					other[x.attempt.Status]++
					if first == nil {
						first = x
					}
				}
			}
			if first != nil {
				p.fail(first, "other-2xx", "%d of %d accepted events were answered with %s: that counts as delivered, but the requirement is 200 OK", other[first.attempt.Status], total, status(first.attempt.Status))
			}
			return nil
		},
	}
}

func stableAnswers() *Check {
	return &Check{
		ID: "ack/stable", Title: "the same event is always accepted", Level: Must, Basis: []Basis{Documented}, Impact: Events,
		Requirement: "Every delivery is acknowledged, not only most.", Source: srcEndpoint,
		Probe: "Nothing: the plain valid events of the run before the wrong credentials begin are looked at again.",
		Doc: Doc{
			Passes:       "2xx each; one that is not fails. 503 in between is inconclusive.",
			Alternatives: "Rate limits: 429, and 503 with Retry-After, tell nothing about the receiver.",

			Why:   "An event that meets the broken half of a fleet is lost.",
			Cause: "one of several backends behind a balancer is broken, or the receiver fails now and then",
			Fix:   "compare the answers' headers to find the backend; look into its log at this time",
		},
		needs: needBaseline, phase: phaseLook,
		Run: func(_ context.Context, p *Pass) error {
			total, bad := 0, []*sent{}
			for _, x := range p.s.stored() {
				if x.kind != kindBaseline && x.kind != kindControl {
					continue
				}
				total++
				switch {
				case x.attempt.Status == http.StatusServiceUnavailable:
					p.inconclusive("a plain valid event was answered 503 in mid-run: an overload or a rate limit (--pace spaces the requests of a run)")
				case !x.accepted() && x.answer != unclear:
					bad = append(bad, x)
				}
			}
			if len(bad) > 0 {
				p.fail(bad[0], "unstable", "%d of %d plain valid events were not accepted: %s%s", len(bad), total, describe(&bad[0].attempt), backend(bad[0]))
			}
			return nil
		},
	}
}

// backend quotes what an answer says about who gave it.
func backend(x *sent) string {
	for _, name := range []string{"X-Served-By", "X-Backend", "X-Instance", "X-Amzn-Requestid", "Fly-Request-Id", "Via", "Server"} {
		if v := x.attempt.Answer.Get(name); v != "" {
			return fmt.Sprintf(" (%s: %s)", name, cut(strings.ToValidUTF8(v, "�"), 80))
		}
	}
	return ""
}

// stored returns the deliveries so far.
func (s *session) stored() []*sent {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]*sent(nil), s.sent...)
}
