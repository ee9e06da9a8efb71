package conformance

import (
	"context"
	"net/http"
	"time"
)

// httpCheck is a check of how an event arrives, not of what is in it.
func httpCheck(name, title string, level Level, basis Basis, requirement, source, probeText string, doc Doc, requests, events int, run func(context.Context, *Pass) error) *Check {
	return &Check{
		ID: "http/" + name, Title: title, Level: level, Basis: []Basis{basis}, Impact: Events,
		Requirement: requirement, Source: source, Probe: probeText, Doc: doc,
		needs: needBaseline, phase: phaseProbe, certain: true, Cost: sends(requests, events, 0), Run: run,
	}
}

func newConnections() *Check {
	const connections = 20
	return httpCheck("new-conns", "many connections can be open", Should, Judgement,
		"Twenty connections at the same time are served.", srcOurs,
		"20 plain events, each on a connection of its own that stays open until all are answered.",
		Doc{
			Passes:       "2xx each; a refusal or no connection warns.",
			Alternatives: "Closing each connection after its answer.",

			Why: "A sender of many machines has many connections, and keeps them.", Cause: "a limit on connections, or one process or thread for each of them",
			Fix: "raise the limit, or close idle connections early with Connection: close",
		}, connections, connections,
		func(ctx context.Context, p *Pass) error {
			for i := range connections {
				transport := p.s.transport()
				defer transport.CloseIdleConnections()
				body, err := p.s.plainEvent()
				if err != nil {
					return err
				}
				x, err := p.send(ctx, probe{body: body, transport: transport})
				switch {
				case err != nil:
					return err
				case x.answer == unclear:
					return &unclearError{x.why}
				case p.overloaded(ctx, x):
					return errOverloaded
				case !x.accepted():
					p.fail(x, "not-accepted", "with %d connections open a plain event was not accepted on another: %s", i, describe(&x.attempt))
					return nil
				}
			}
			return nil
		})
}

// idleTime is how long a connection is left alone before it is used again.
func (o *Options) idleTime(m Mode) time.Duration {
	switch {
	case o.RealClock:
		return 65 * time.Second
	case m == Dev:
		return 600 * time.Millisecond
	}
	return time.Second
}

func idleClose() *Check {
	c := httpCheck("idle-close", "a connection can be used again after a pause", Should, Standard,
		"An event is accepted on a connection that has been idle, or on a new one if the receiver has closed it.", "RFC 9112 §9.3, §9.5",
		"Two plain events on one connection, 1 s apart (0.3 s in mode dev, 65 s with the real clock).",
		Doc{
			Passes:       "2xx each; a refusal or an error warns.",
			Alternatives: "Closing the idle connection meanwhile, which informs: a new one is made.",

			Why: "A sender that keeps connections longer than the receiver meets a closed one now and then, and loses the delivery that was on its way.", Cause: "the server closes idle connections early",
			Fix: "keep idle connections for longer than senders do: more than 60 s",
		}, 2, 2,
		func(ctx context.Context, p *Pass) error {
			transport := p.s.transport()
			defer transport.CloseIdleConnections()
			for i := range 2 {
				if i > 0 && !pause(ctx, p.s.opts.idleTime(p.s.mode)) {
					return ctx.Err()
				}
				body, err := p.s.plainEvent()
				if err != nil {
					return err
				}
				x, err := p.send(ctx, probe{body: body, transport: transport})
				switch {
				case err != nil:
					return err
				case x.lost():
					p.info(x, "reset-idle", "the receiver closed the idle connection just when it was used again")
				case x.answer == unclear:
					return &unclearError{x.why}
				case p.overloaded(ctx, x):
					return errOverloaded
				case !x.accepted():
					p.fail(x, "not-accepted", "a plain event after a pause was not accepted: %s", describe(&x.attempt))
				case i > 0 && !x.attempt.Reused:
					p.info(nil, "closed-idle", "the receiver closes connections that are idle for %s", p.s.opts.idleTime(p.s.mode))
				}
			}
			return nil
		})
	c.Cost = func(o *Options) Cost { return Cost{Requests: 2, Events: 2, Pause: o.idleTime(o.Mode)} }
	return c
}

func expectContinue() *Check {
	return httpCheck("expect", "a sender that asks before it sends is answered", Should, Standard,
		"A request with Expect: 100-continue is answered in time, with 100 before or without.", "RFC 9110 §10.1.1",
		"The baseline with Expect: 100-continue, whose body follows after 100 or after a second.",
		Doc{
			Passes:       "2xx in time; a refusal or no answer warns.",
			Alternatives: "Answering without 100 before; 417 informs.",

			Why: "Senders made with curl ask before they send more than 1 KiB.", Cause: "a server or proxy that neither answers 100 nor reads on",
			Fix: "let the HTTP library handle Expect; in a proxy, pass it on or answer it",
		}, 1, 1,
		func(ctx context.Context, p *Pass) error {
			body, err := p.s.plainEvent()
			if err != nil {
				return err
			}
			transport := p.s.transport()
			transport.ExpectContinueTimeout = time.Second
			defer transport.CloseIdleConnections()
			x, err := p.send(ctx, probe{body: body, transport: transport, edit: func(r *http.Request) { r.Header.Set("Expect", "100-continue") }})
			switch {
			case err != nil:
				return err
			case x.answer == unclear:
				return &unclearError{x.why}
			case p.overloaded(ctx, x):
				return errOverloaded
			case x.attempt.Status == http.StatusExpectationFailed:
				p.info(x, "expectation-failed", "Expect: 100-continue is answered with 417")
			case !x.accepted():
				p.fail(x, "not-accepted", "an event with Expect: 100-continue was not accepted: %s", describe(&x.attempt))
			}
			return nil
		})
}
