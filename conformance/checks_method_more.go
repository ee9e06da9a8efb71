package conformance

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"hookproof/schemas"
)

// otherMethod is a check that informs about another method than POST.
func otherMethod(name, method string, withBody bool) *Check {
	title := method + " does not break the receiver"
	c := &Check{
		ID: "method/" + name, Title: title, Level: May, Basis: []Basis{Standard}, Impact: Quiet,
		Requirement: method + " is answered, with whatever status, and is no delivery.", Source: "RFC 9110 §9.1, §15.5.6",
		Doc: Doc{
			Passes:       "Any answer below 500, and 501; other 5xx and no answer warn. The status informs.",
			Alternatives: "405 with Allow: POST is the nicest; 200, 204 and 404 are as right.",

			Why: "Monitors and scanners send it, and what it does is better known than not.", Cause: "the route takes every method, and the handler does not expect this one",
			Fix: "route POST only, and answer 405 with Allow: POST to all else",
		},
		needs: needBaseline, phase: phaseProbe, Cost: sends(1, 0, 0),
	}
	c.Probe = method + ", with the right credentials."
	if withBody {
		c.Probe = method + " with the body of the baseline and the right credentials."
		c.Doc.Passes += " An effect of the event that an observer sees warns."
	}
	c.Run = func(ctx context.Context, p *Pass) error {
		pr := probe{method: method}
		if withBody {
			body, err := p.s.plainEvent()
			if err != nil {
				return err
			}
			pr.body = body
		} else {
			pr.edit = func(r *http.Request) { r.Header.Del("Content-Type") }
		}
		x, err := p.send(ctx, pr)
		if err != nil {
			return err
		}
		switch {
		case x.answer == unclear:
			p.inconclusive("%s", x.why)
		case x.attempt.Status != http.StatusNotImplemented && (x.answer == failed || x.answer == silent || x.answer == incomplete):
			p.warn(x, name+"-error", "%s: %s", method, describe(&x.attempt))
		default:
			p.info(x, name+"-status", "%s is answered with %s%s", method, status(x.attempt.Status), allowed(x))
		}
		if withBody {
			return p.wantNoEffect(ctx, x, pr.body, method)
		}
		return nil
	}
	return c
}

// wantNoEffect asks the observer, if there is one, whether something that was
// no delivery had the effect of one.
func (p *Pass) wantNoEffect(ctx context.Context, x *sent, body []byte, method string) error {
	key, err := schemas.Key(body)
	if err != nil || key == "" || p.s.opts.Observe == nil {
		return nil
	}
	effects, err := p.s.opts.Observe(ctx, []string{key})
	if err == nil && effects[key] > 0 {
		p.fail(x, "effect", "an event that came with %s had an effect", method)
	}
	return err
}

func getSafe() *Check {
	return &Check{
		ID: "method/get-safe", Title: "GET has no effect", Level: Should, Basis: []Basis{Judgement}, Impact: Quiet,
		Requirement: "What an event says is not done because of a GET.", Source: srcOurs + "; RFC 9110 §9.2.1",
		Probe: "GET with the baseline's trigger and body in the query and the right credentials.",
		Doc: Doc{
			Passes:       "The observer sees no effect of that event; one warns.",
			Alternatives: "Any answer to GET: 200 too, if nothing is done.",

			Why: "Whatever follows a link sends GET: crawlers, previews, browsers that guess.", Cause: "the handler merges query and body, as some frameworks do by themselves",
			Fix: "read events from the body of POST only",
		},
		needs: needBaseline, phase: phaseProbe, observed: true, lenient: true, certain: true, Cost: sends(1, 0, 0),
		Run: func(ctx context.Context, p *Pass) error {
			body, err := p.s.plainEvent()
			if err != nil {
				return err
			}
			o, err := parseObject(body)
			if err != nil {
				return err
			}
			trigger, _ := o.at("trigger").(string)
			to := p.s.withQuery(url.Values{"trigger": {trigger}, "data": {string(body)}})
			x, err := p.send(ctx, probe{method: http.MethodGet, url: to, edit: func(r *http.Request) { r.Header.Del("Content-Type") }})
			if err != nil {
				return err
			}
			return p.wantNoEffect(ctx, x, body, "GET in its query")
		},
	}
}

func traceMethod() *Check {
	const dummy = "X-Hookproof-Dummy"
	return &Check{
		ID: "method/trace", Title: "TRACE gives nothing back", Level: Should, Basis: []Basis{Standard}, Impact: Quiet,
		Requirement: "TRACE does not give a request's headers back.", Source: "RFC 9110 §9.3.8, §17.14",
		Probe: "TRACE with a made-up header and without credentials.",
		Doc: Doc{
			Passes:       "No 2xx answer has the header's value; one that does warns.",
			Alternatives: "Any refusal, and 200 with another body.",

			Why: "An echo of headers shows Authorization to whatever sent the request.", Cause: "the server has TRACE switched on",
			Fix: "switch it off (TraceEnable off in Apache httpd), or route POST only",
		},
		needs: needBaseline, phase: phaseProbe, lenient: true, certain: true, Cost: sends(1, 0, 0),
		Run: func(ctx context.Context, p *Pass) error {
			value := "dummy-" + p.s.run
			x, err := p.send(ctx, probe{method: http.MethodTrace, auth: noAuth, edit: func(r *http.Request) {
				r.Header.Del("Content-Type")
				r.Header.Set(dummy, value)
			}})
			if err == nil && x.answer == unclear {
				return &unclearError{x.why}
			}
			if err == nil && x.accepted() && strings.Contains(string(x.attempt.Text), value) {
				p.fail(x, "echoed", "TRACE gives the headers of the request back")
			}
			return err
		},
	}
}

func unknownMethod() *Check {
	c := otherMethod("connect-unknown", "FOO", false)
	c.Title, c.Impact, c.Hostile = "an unknown method does not break the receiver", Hostile, true
	c.Requirement = "A method that does not exist is answered."
	c.Probe = "The made-up method FOO with the right credentials."
	c.Doc.Passes += afterwards
	return c
}
