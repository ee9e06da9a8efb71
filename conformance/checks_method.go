package conformance

import (
	"context"
	"net/http"
	"net/url"
)

func postAllowed() *Check {
	return &Check{
		ID: "method/post", Title: "POST is taken", Level: Must, Basis: []Basis{Documented}, Impact: Events,
		Requirement: "The endpoint accepts POST requests.", Source: srcEndpoint,
		Probe: "The baseline.",
		Doc: Doc{
			Passes:       "Anything but 405 and 501; those fail.",
			Alternatives: "Refusing all other methods.",

			Why: "CometChat delivers with POST only.", Cause: "the route is registered for another method", Fix: "route POST to the webhook handler",
		},
		phase: phaseBaseline, needs: needTransport,
		Run: func(ctx context.Context, p *Pass) error {
			return p.judgeBaseline(ctx, "post-refused", "POST is not taken: %s")
		},
	}
}

func getStatus() *Check {
	return &Check{
		ID: "method/get-status", Title: "GET does not break the receiver", Level: May, Basis: []Basis{Standard}, Impact: Quiet,
		Requirement: "GET is answered, with whatever status; 405 with Allow is the nicest.", Source: "RFC 9110 §15.5.6",
		Probe: "GET without a body, with the right credentials.",
		Doc: Doc{
			Passes:       "Any answer below 500, and 501; other 5xx and no answer warn. The status informs.",
			Alternatives: "405 with Allow: POST, 404, a health page with 200: all are right.",

			Why: "Monitors, browsers and crawlers send GET.", Cause: "the handler parses a body that GET does not have", Fix: "answer 405 with Allow: POST before reading the body",
		},
		needs: needBaseline, phase: phaseProbe, Cost: sends(1, 0, 0),
		Run: func(ctx context.Context, p *Pass) error {
			x, err := p.send(ctx, probe{method: http.MethodGet, edit: func(r *http.Request) { r.Header.Del("Content-Type") }})
			if err != nil {
				return err
			}
			switch {
			case x.answer == unclear:
				p.inconclusive("%s", x.why)
			case x.attempt.Status != http.StatusNotImplemented && (x.answer == failed || x.answer == silent || x.answer == incomplete):
				p.warn(x, "get-error", "GET %s", describe(&x.attempt))
			default:
				p.info(x, "get-status", "GET is answered with %s%s", status(x.attempt.Status), allowed(x))
			}
			return nil
		},
	}
}

func allowed(x *sent) string {
	if v := x.attempt.Answer.Get("Allow"); v != "" {
		return " and Allow: " + cut(v, 80)
	}
	return ""
}

// withQuery returns the target's URL with parameters added.
func (s *session) withQuery(add url.Values) string {
	u := *s.target
	q := u.Query()
	for name, values := range add {
		q[name] = values
	}
	u.RawQuery = q.Encode()
	return u.String()
}
