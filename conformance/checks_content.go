package conformance

import (
	"context"
	"net/http"

	"hookproof/mockserver/delivery"
)

func jsonAccepted() *Check {
	return &Check{
		ID: "content/json", Title: "application/json is taken", Level: Must, Basis: []Basis{Documented}, Impact: Events,
		Requirement: "The endpoint accepts a JSON body sent as application/json.", Source: srcEndpoint,
		Probe: "The baseline, which is application/json.",
		Doc: Doc{
			Passes:       "Anything but 415, or a 400 that is about the content type; those fail.",
			Alternatives: "Accepting other content types as well.",

			Why: "Every delivery is JSON.", Cause: "the receiver expects a form or another media type", Fix: "accept application/json",
		},
		phase: phaseBaseline, needs: needTransport,
		Run: func(ctx context.Context, p *Pass) error {
			return p.judgeBaseline(ctx, "json-refused", "application/json is not taken: %s")
		},
	}
}

func typeCase() *Check {
	return &Check{
		ID: "content/case", Title: "the content type is compared without regard to case", Level: Must, Basis: []Basis{Live, Standard}, Impact: Events,
		Requirement: "Application/json is application/json: media types are case-insensitive.", Source: "RFC 9110 §8.3.1; " + srcLive,
		Probe: "The baseline with Content-Type: Application/json, as live deliveries carry it.",
		Doc: Doc{
			Passes:       "2xx; any refusal fails.",
			Alternatives: "Not looking at the content type at all.",

			Why:   "Live deliveries are sent as Application/json with a capital A; a receiver that compares letter by letter refuses them all.",
			Cause: "the header is compared as text, or the body parser does and leaves the body empty",
			Fix:   "compare media types without regard to case",
		},
		needs: needBaseline, phase: phaseProbe, Cost: sends(1, 1, 0),
		Run: func(ctx context.Context, p *Pass) error {
			return p.acceptPlain(ctx, "a plain valid event as "+delivery.LiveContentType, probe{contentType: delivery.LiveContentType})
		},
	}
}

func typeCharset() *Check {
	return &Check{
		ID: "content/charset", Title: "a charset parameter is taken", Level: Should, Basis: []Basis{Standard}, Impact: Events,
		Requirement: "application/json with a charset parameter is still JSON.", Source: "RFC 9110 §8.3.1; RFC 8259 §11",
		Probe: "The baseline with application/json; charset=utf-8, and with application/json;charset=UTF-8.",
		Doc: Doc{
			Passes:       "2xx each; a refusal warns.",
			Alternatives: "Not looking at the content type at all.",

			Why: "HTTP clients and proxies add the parameter.", Cause: "the header is compared as a whole",
			Fix: "parse the media type and ignore its parameters",
		},
		needs: needBaseline, phase: phaseProbe, Cost: sends(2, 2, 0),
		Run: func(ctx context.Context, p *Pass) error {
			for _, t := range []string{"application/json; charset=utf-8", "application/json;charset=UTF-8"} {
				if err := p.acceptPlain(ctx, "a plain valid event as "+t, probe{contentType: t}); err != nil {
					return err
				}
			}
			return nil
		},
	}
}

func headerNames() *Check {
	return &Check{
		ID: "content/header-names", Title: "header names are read without regard to case", Level: Must, Basis: []Basis{Standard}, Impact: Events,
		Requirement: "Header names are case-insensitive.", Source: "RFC 9110 §5.1",
		Probe: "The baseline with authorization and content-type in lower case, and with aUTHORIZATION and CONTENT-TYPE.",
		Doc: Doc{
			Passes: "2xx each; a refusal fails.",

			Why: "HTTP/2 proxies write header names in lower case, and how CometChat spells them is not documented.", Cause: "headers are looked up in a map without regard for the rule",
			Fix: "use the framework's header lookup, which ignores case",
		},
		needs: needBaseline, phase: phaseProbe, Cost: sends(2, 2, 0),
		Run: func(ctx context.Context, p *Pass) error {
			for _, names := range [][2]string{{"authorization", "content-type"}, {"aUTHORIZATION", "CONTENT-TYPE"}} {
				err := p.acceptPlain(ctx, "a plain valid event with the headers "+names[0]+" and "+names[1], probe{edit: func(r *http.Request) {
					rename(r.Header, "Authorization", names[0])
					rename(r.Header, "Content-Type", names[1])
				}})
				if err != nil {
					return err
				}
			}
			return nil
		},
	}
}

// rename spells a header's name as given; net/http sends it so.
func rename(h http.Header, from, to string) {
	if v, ok := h[from]; ok {
		delete(h, from)
		h[to] = v
	}
}

func noSignature() *Check {
	return &Check{
		ID: "content/no-signature-needed", Title: "no signature header is demanded", Level: Must, Basis: []Basis{Documented}, Impact: Events,
		Requirement: "The endpoint takes deliveries without a signature: CometChat documents none.", Source: srcEndpoint,
		Probe: "The baseline, which has no signature. If it is refused, its text is searched for signature and HMAC, and one more request with a made-up x-cometchat-signature shows whether that changes the answer.",
		Doc: Doc{
			Passes:       "It is not refused for want of a signature; that it is fails.",
			Alternatives: "Other checks of a request, as long as genuine deliveries pass them.",

			Why:   "CometChat sends no signature header. Receivers that demand one refuse every genuine delivery.",
			Cause: "the handler was written after another provider's documentation",
			Fix:   "remove the signature check; authenticate with Basic auth",
		},
		phase: phaseBaseline, needs: needTransport,
		Run: func(ctx context.Context, p *Pass) error {
			return p.judgeBaseline(ctx, "signature-demanded", "the receiver demands a signature: CometChat sends no signature header (%s)")
		},
	}
}

// acceptPlain sends a fresh plain event in the way that pr says; it must be accepted.
func (p *Pass) acceptPlain(ctx context.Context, what string, pr probe) error {
	body, err := p.s.plainEvent()
	if err != nil {
		return err
	}
	pr.body = body
	_, err = p.wantAccepted(ctx, what, pr)
	return err
}
