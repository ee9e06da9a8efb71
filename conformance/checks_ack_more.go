package conformance

import (
	"context"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
)

// ackLook is a check that looks at accepted answers again.
func ackLook(name, title string, level Level, requirement, probeText string, doc Doc, look func(*Pass, *sent) bool) *Check {
	return &Check{
		ID: "ack/" + name, Title: title, Level: level, Basis: []Basis{Judgement}, Impact: Events,
		Requirement: requirement, Source: srcOurs, Probe: probeText, Doc: doc,
		needs: needBaseline, phase: phaseFinal, certain: true,
		Run: func(_ context.Context, p *Pass) error {
			for _, x := range p.s.stored() {
				if x.accepted() && x.attempt.Method == http.MethodPost && look(p, x) {
					break
				}
			}
			return nil
		},
	}
}

// maxAnswer is how large an acknowledgement may be before it is worth a word.
const maxAnswer = 64 << 10

func smallBody() *Check {
	return ackLook("body-small", "acknowledgements are small", Should,
		"The body of an acknowledgement has at most 64 KiB.",
		"Nothing: the accepted answers of the run are measured again.",
		Doc{
			Passes:       "Each has at most 64 KiB; more warns.",
			Alternatives: "An echo of the event, which is as long as the event.",

			Why: "Nobody reads the body, and sending it takes time out of the two seconds.", Cause: "a page, or what the work produced, is sent as the answer",
			Fix: "answer with an empty body",
		},
		func(p *Pass, x *sent) bool {
			large := x.attempt.TextSize > maxAnswer && x.attempt.TextSize > 2*int64(len(x.attempt.Body)) // an echo is as long as the event
			if large {
				p.fail(x, "large", "an acknowledgement has %d bytes", x.attempt.TextSize)
			}
			return large
		})
}

func noCookies() *Check {
	return ackLook("no-cookies", "acknowledgements set no cookies", May,
		"An acknowledgement sets no cookie: nobody keeps it.",
		"Nothing: the accepted answers of the run are read again.",
		Doc{
			Passes:       "Always; Set-Cookie informs.",
			Alternatives: "Cookies of a load balancer that cannot be switched off.",

			Why: "Each delivery makes a session that nobody uses.", Cause: "session middleware of a website in front of the webhook",
			Fix: "take the webhook route out of the session middleware",
		},
		func(p *Pass, x *sent) bool {
			cookies := len(x.attempt.Answer.Values("Set-Cookie"))
			if cookies > 0 {
				p.info(x, "cookies", "an acknowledgement sets cookies, %d of them", cookies)
			}
			return cookies > 0
		})
}

func latencyCold() *Check {
	c := ackLook("latency-cold", "the first event is acknowledged within 2 seconds", Should,
		"The first event after a pause is acknowledged within 2 seconds.",
		"Nothing of its own: the time of the run's first event, from the request written to the last byte of the answer. With --idle a fresh event after as long a pause.",
		Doc{
			Passes:       "At most 2 s; more warns.",
			Alternatives: "A slow start of functions that retryOnFailure makes up for; it costs 10 s.",

			Why: "Functions that sleep between events lose the first one after each pause, unless it is retried.", Cause: "a cold start: the function or its connections are made for the first request",
			Fix: "keep one instance warm, or make the start faster",
		}, nil)
	c.phase, c.Implied, c.Impact = phaseProbe, []string{"ack/latency-hard"}, Events
	c.Run = func(ctx context.Context, p *Pass) error {
		x := p.s.baseline(ctx).sent[0]
		p.measure("first", float64(x.attempt.Timing.LastByte.Microseconds())/1000, "ms")
		if x.attempt.Timing.LastByte > hardLimit {
			p.fail(x, "cold", "the first event of the run took %s to acknowledge", ms(x.attempt.Timing.LastByte))
		}
		return p.afterRest(ctx)
	}
	c.Cost = restCost(2)
	return c
}

func interim() *Check {
	return &Check{
		ID: "ack/1xx", Title: "interim answers are known", Level: May, Basis: []Basis{Standard}, Impact: Events,
		Requirement: "An answer may be preceded by interim ones.", Source: "RFC 9110 §15.2",
		Probe: "The baseline.",
		Doc: Doc{
			Passes:       "Always; that 1xx comes before the answer informs.",
			Alternatives: "100 Continue, and early hints where the server sends them by itself.",

			Why: "Old HTTP clients take the first status line for the answer.", Cause: "the framework sends early hints or processing",
			Fix: "switch interim answers off for the webhook route",
		},
		needs: needBaseline, phase: phaseProbe, Cost: sends(1, 1, 0),
		Run: func(ctx context.Context, p *Pass) error {
			body, err := p.s.plainEvent()
			if err != nil {
				return err
			}
			code := 0
			x, err := p.send(ctx, probe{body: body, edit: func(r *http.Request) {
				*r = *r.WithContext(httptrace.WithClientTrace(r.Context(), &httptrace.ClientTrace{Got1xxResponse: func(c int, _ textproto.MIMEHeader) error {
					code = c
					return nil
				}}))
			}})
			if err == nil && code > 0 {
				p.info(x, "interim", "the answer is preceded by %s", status(code))
			}
			return err
		},
	}
}

func catchAll() *Check {
	return &Check{
		ID: "ack/catchall", Title: "the path is the receiver's own", Level: Should, Basis: []Basis{Judgement}, Impact: Events,
		Requirement: "What accepts events is the receiver, not a hosting service that answers 200 to any path.", Source: srcOurs,
		Probe: "The baseline at a path that does not exist.",
		Doc: Doc{
			Passes:       "It is refused; that it is accepted informs. If the same page of HTML comes back as at the configured path, and no credentials protect it, it warns.",
			Alternatives: "A server with one purpose, which takes events at any path.",

			Why: "A hosting service that shows its page for every path takes events to nowhere.", Cause: "the URL's path is wrong, and a page for unknown paths answers 200",
			Fix: "configure the path of the webhook handler",
		},
		needs: needBaseline, phase: phaseProbe, lenient: true, certain: true, Cost: sends(1, 1, 0),
		Run: func(ctx context.Context, p *Pass) error {
			body, err := p.s.plainEvent()
			if err != nil {
				return err
			}
			x, err := p.send(ctx, probe{body: body, url: p.s.nowhere()})
			if err != nil || !x.accepted() {
				return err
			}
			if b := p.s.baseline(ctx).last(); isHTML(&x.attempt) && !p.s.opts.authenticated() && sameText(b, x) {
				p.fail(x, "catch-all", "the same page of HTML comes back at a path that does not exist: it may be the page of a hosting service, and not the receiver")
				return nil
			}
			p.info(x, "any-path", "events are accepted at a path that does not exist as well")
			return nil
		},
	}
}

func wrongApp() *Check {
	return &Check{
		ID: "ack/wrong-app", Title: "an event of another app breaks nothing", Level: Should, Basis: []Basis{Judgement}, Impact: Events,
		Requirement: "An event of another app is refused with 4xx or accepted, and breaks nothing.", Source: srcOurs,
		Probe: "The baseline with another appId.",
		Doc: Doc{
			Passes:       "2xx or 4xx; 5xx and no answer warn.",
			Alternatives: "Refusing apps that are not known, which informs, or taking them: both are right.",

			Why: "One receiver may serve several apps, and be configured for one that it does not know.", Cause: "settings are looked up by app, and the missing ones are used",
			Fix: "answer 4xx to an app that is not known",
		},
		needs: needBaseline, phase: phaseProbe, lenient: true, certain: true, Cost: sends(1, 1, 0),
		Run: func(ctx context.Context, p *Pass) error {
			o, err := p.document()
			if err != nil {
				return err
			}
			body, err := o.with("hpt-other-app", "appId").encode()
			if err != nil {
				return err
			}
			x, err := p.tolerated(ctx, "an event of another app", probe{body: body})
			if err == nil && x.answer == refused {
				p.info(x, "refused", "an event of another app is refused with %s", status(x.attempt.Status))
			}
			return err
		},
	}
}
