package conformance

import (
	"context"
	"fmt"
	"net/http"
	"strings"
)

// plainVariants is a check that a plain event is accepted whatever else its
// request carries.
func plainVariants(name, title string, basis Basis, requirement, source, probeText string, doc Doc, variants []variant) *Check {
	return &Check{
		ID: "content/" + name, Title: title, Level: Should, Basis: []Basis{basis}, Impact: Events,
		Requirement: requirement, Source: source, Probe: probeText, Doc: doc,
		needs: needBaseline, phase: phaseProbe, certain: true, Cost: sends(len(variants), len(variants), 0),
		Run: func(ctx context.Context, p *Pass) error {
			for _, v := range variants {
				if err := p.acceptPlain(ctx, "a plain valid event "+v.what, probe{edit: v.edit}); err != nil {
					return err
				}
			}
			return nil
		},
	}
}

// variant is another form of a plain event's request.
type variant struct {
	what string
	edit func(*http.Request)
}

// set is a variant with a header.
func set(what, name, value string) variant {
	return variant{what, func(r *http.Request) { r.Header.Set(name, value) }}
}

func acceptHeaders() *Check {
	return plainVariants("accept-headers", "Accept does not matter", Judgement,
		"An event is accepted whatever Accept says.", srcOurs,
		"The baseline, which has no Accept, with Accept: */* and with Accept: application/json.",
		Doc{
			Passes:       "2xx each; a refusal, such as 406, warns.",
			Alternatives: "An answer of any type or of none: nobody reads it.",

			Why: "Which headers CometChat sends beside the documented ones is not known.", Cause: "content negotiation finds no representation for what is asked",
			Fix: "answer without regard to Accept, and never with 406",
		},
		[]variant{set("with Accept: */*", "Accept", "*/*"), set("with Accept: application/json", "Accept", "application/json")})
}

func userAgents() *Check {
	agents := []string{"axios/1.7.9", "node-fetch/1.0 (+https://github.com/bitinn/node-fetch)", "GuzzleHttp/7", "okhttp/4.12.0"}
	// The empty value keeps net/http from sending one of its own.
	variants := []variant{{"without User-Agent", func(r *http.Request) { r.Header["User-Agent"] = []string{""} }}}
	for _, a := range agents {
		variants = append(variants, set("from "+a, "User-Agent", a))
	}
	return plainVariants("no-ua", "the user agent does not matter", Judgement,
		"An event is accepted whatever its User-Agent, and without one.", srcOurs,
		"The baseline without User-Agent, and with those of four common HTTP clients.",
		Doc{
			Passes:       "2xx each; a refusal warns. A firewall's page is inconclusive.",
			Alternatives: "Logging it.",

			Why: "CometChat's User-Agent is not documented, and may change with its HTTP client.", Cause: "a filter of user agents in a firewall or in front of the receiver refuses what is no browser, or what it does not know",
			Fix: "exempt the webhook route from filters of user agents",
		}, variants)
}

func extraHeaders() *Check {
	c := plainVariants("extra-headers", "headers that nobody knows are ignored", Judgement,
		"An event is accepted although its request has more headers than documented.", srcOurs,
		"The baseline with 20 unknown headers and traceparent, and the baseline with one header of 4 KiB.",
		Doc{
			Passes:       "2xx each; a refusal of the many warns, and one of the long header too.",
			Alternatives: "431 for the header of 4 KiB informs: limits are sane.",

			Why: "Proxies and tracing add headers on the way.", Cause: "a limit on the number or the names of headers",
			Fix: "ignore headers that are not known; allow 8 KiB of them",
		},
		[]variant{{"with 21 more headers", func(r *http.Request) {
			for i := range 20 {
				r.Header.Set(fmt.Sprintf("X-Hookproof-%d", i), "1")
			}
			r.Header.Set("Traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
		}}})
	few := c.Run
	c.Cost = sends(2, 2, 0)
	c.Run = func(ctx context.Context, p *Pass) error {
		if err := few(ctx, p); err != nil {
			return err
		}
		body, err := p.s.plainEvent()
		if err != nil {
			return err
		}
		x, err := p.send(ctx, probe{body: body, edit: func(r *http.Request) { r.Header.Set("X-Hookproof-Long", strings.Repeat("x", 4<<10)) }})
		switch {
		case err != nil:
			return err
		case x.answer == unclear:
			return &unclearError{x.why}
		case p.overloaded(ctx, x):
			return errOverloaded
		case x.attempt.Status == http.StatusRequestHeaderFieldsTooLarge:
			p.info(x, "header-too-large", "a header of 4 KiB is refused with 431")
		case !x.accepted():
			p.fail(x, "not-accepted", "a plain valid event with a header of 4 KiB was not accepted: %s", describe(&x.attempt))
		}
		return nil
	}
	return c
}

// otherType is a check that informs about content types that CometChat does not send.
func otherType(name, title, probeText, fix string, types ...string) *Check {
	return &Check{
		ID: "content/" + name, Title: title, Level: May, Basis: []Basis{Judgement}, Impact: Quiet,
		Requirement: "An event with another content type is refused with 4xx or accepted, and breaks nothing.", Source: srcOurs,
		Probe: probeText,
		Doc: Doc{
			Passes:       "2xx or 4xx; 5xx and no answer warn.",
			Alternatives: "415 is the nicest refusal; parsing the body all the same is as right.",

			Why: "Proxies and people with curl forget the header or send another.", Cause: "the body parser leaves the body empty for a type that it does not know, and the handler reads it all the same",
			Fix: fix,
		},
		needs: needBaseline, phase: phaseProbe, lenient: true, certain: true, Cost: sends(len(types), 0, 0),
		Run: func(ctx context.Context, p *Pass) error {
			for _, t := range types {
				body, err := p.s.plainEvent()
				if err != nil {
					return err
				}
				what := "an event as " + t
				pr := probe{body: body, contentType: t}
				if t == "" {
					what = "an event without Content-Type"
					pr.edit = func(r *http.Request) { r.Header.Del("Content-Type") }
				}
				if _, err := p.tolerated(ctx, what, pr); err != nil {
					return err
				}
			}
			return nil
		},
	}
}

func typeMissing() *Check {
	return otherType("missing", "an event without a content type breaks nothing", "The baseline without Content-Type.",
		"answer 415 to a missing content type, or parse the body as JSON", "")
}

func typeWrong() *Check {
	return otherType("wrong", "an event of another content type breaks nothing", "The baseline as text/plain, and as a form.",
		"answer 415 to other content types, or parse the body as JSON", "text/plain", "application/x-www-form-urlencoded")
}

// tolerated makes a delivery that may be accepted or refused, as the receiver
// likes, but must be answered. An unclear answer ends the check.
func (p *Pass) tolerated(ctx context.Context, what string, pr probe) (*sent, error) {
	x, err := p.send(ctx, pr)
	if err != nil {
		return nil, err
	}
	switch x.answer {
	case unclear:
		return x, &unclearError{what + ": " + x.why}
	case failed, silent, incomplete:
		return x, p.confirmBroken(ctx, what, x)
	}
	return x, nil
}
