package conformance

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync"
	"sync/atomic"

	"hookproof/mockserver/delivery"
)

func keepAlive() *Check {
	const requests = 5
	return &Check{
		ID: "http/keepalive", Title: "a connection can be used again", Level: Should, Basis: []Basis{Standard}, Impact: Events,
		Requirement: "Several requests on one connection are answered; a server that closes it says so.", Source: "RFC 9112 §9.3, §9.6",
		Probe: "Five plain events on one connection.",
		Doc: Doc{
			Passes:       "2xx each; a refusal, and an end of the connection after an answer that promised to keep it, warn.",
			Alternatives: "Closing it, if the answer says Connection: close or is HTTP/1.0; that informs.",

			Why:   "Senders keep connections; one that is closed without a word costs the delivery that was on its way.",
			Cause: "the server or a proxy closes the connection after an answer that promised to keep it",
			Fix:   "send Connection: close if the connection will be closed, or keep it",
		},
		needs: needBaseline, phase: phaseProbe, Cost: sends(requests, requests, 0),
		Run: func(ctx context.Context, p *Pass) error {
			transport, dials := p.s.countingTransport()
			defer transport.CloseIdleConnections()
			announced := int32(0)
			for range requests {
				body, err := p.s.plainEvent()
				if err != nil {
					return err
				}
				before := dials.Load()
				x, err := p.send(ctx, probe{body: body, transport: transport})
				if err != nil {
					return err
				}
				switch {
				case x.lost(), before > 0 && dials.Load()-before > announced && x.accepted():
					p.fail(x, "closed-silently", "the receiver closed a connection after an answer that promised to keep it")
					return nil
				case x.answer == unclear:
					return &unclearError{x.why}
				case p.overloaded(ctx, x):
					return errOverloaded
				case !x.accepted():
					p.fail(x, "not-accepted", "one of five plain events on one connection was not accepted: %s", describe(&x.attempt))
					return nil
				}
				announced = 0
				if x.attempt.WillClose {
					announced = 1
				}
			}
			if n := dials.Load(); n > 1 {
				p.info(nil, "closes", "the receiver closes connections and says so: %d connections for %d events", n, requests)
			}
			return nil
		},
	}
}

// errOverloaded ends a check to which the receiver answers as to all events.
var errOverloaded = &unclearError{"plain events are answered 503 as well: an overload or a rate limit (--pace spaces the requests of a run)"}

// overloaded tells whether a 503 is one that plain events get too.
func (p *Pass) overloaded(ctx context.Context, x *sent) bool {
	return x.attempt.Status == http.StatusServiceUnavailable && !p.s.alive(ctx, p.Check.ID)
}

// countingTransport is a transport that counts the connections it makes.
func (s *session) countingTransport() (*http.Transport, *atomic.Int32) {
	dials := new(atomic.Int32)
	t := delivery.NewTransport(delivery.TransportOptions{RootCAs: s.opts.RootCAs, MaxConns: 1,
		Dial: func(ctx context.Context, network, addr string) (net.Conn, error) {
			dials.Add(1)
			return s.net.dial(ctx, network, addr)
		}})
	return t, dials
}

// atOnce sends probes at the same time, whose check has kept the pace for them.
func (p *Pass) atOnce(ctx context.Context, probes []probe) ([]*sent, error) {
	all, errs := make([]*sent, len(probes)), make([]error, len(probes))
	var group sync.WaitGroup
	for i := range probes {
		group.Go(func() { all[i], errs[i] = p.send(ctx, probes[i]) })
	}
	group.Wait()
	return all, errors.Join(errs...)
}

func parallelEvents() *Check {
	const requests = 5
	return &Check{
		ID: "http/parallel", Title: "events at the same time are accepted", Level: Must, Basis: []Basis{Live}, Impact: Events,
		Requirement: "Deliveries that run in parallel are each acknowledged in time.", Source: srcLive,
		Probe: "Five different plain events at once.",
		Doc: Doc{
			Passes:       "2xx each, within 2 s; else it fails.",
			Alternatives: "Working on them one after another, once they are acknowledged.",

			Why:   "Messages that are sent together are delivered together.",
			Cause: "a lock, a pool of one connection, or state shared between requests",
			Fix:   "handle requests independently; acknowledge before working",
		},
		needs: needBaseline, phase: phaseProbe, Cost: sends(requests, requests, 0), Implied: []string{"ack/latency-hard"},
		Run: func(ctx context.Context, p *Pass) error {
			probes := make([]probe, requests)
			for i := range probes {
				body, err := p.s.plainEvent()
				if err != nil {
					return err
				}
				probes[i] = probe{body: body, together: true}
			}
			if !p.s.keepPace(ctx, requests) {
				return ctx.Err()
			}
			all, err := p.atOnce(ctx, probes)
			if err != nil {
				return err
			}
			for _, x := range all {
				switch {
				case x.answer == unclear:
					p.inconclusive("%s", x.why)
				case p.overloaded(ctx, x):
					return errOverloaded
				case !x.accepted():
					p.fail(x, "not-accepted", "one of five events at the same time was not accepted: %s", describe(&x.attempt))
				case x.attempt.Timing.LastByte > hardLimit:
					p.fail(x, "slow", "one of five events at the same time took %s to acknowledge", ms(x.attempt.Timing.LastByte))
				}
			}
			return nil
		},
	}
}

func chunkedBody() *Check {
	return &Check{
		ID: "http/chunked", Title: "a chunked body is taken", Level: Should, Basis: []Basis{Standard}, Impact: Events,
		Requirement: "A request with Transfer-Encoding: chunked is understood.", Source: "RFC 9112 §7.1",
		Probe: "The baseline in chunks, without Content-Length.",
		Doc: Doc{
			Passes:       "2xx; a refusal warns.",
			Alternatives: "411 informs: some servers insist on Content-Length.",

			Why:   "How CometChat frames its requests is not documented.",
			Cause: "the receiver reads as many bytes as Content-Length says, which is not there",
			Fix:   "let the HTTP library read the body to its end",
		},
		needs: needBaseline, phase: phaseProbe, certain: true, Cost: sends(1, 1, 0),
		Run: func(ctx context.Context, p *Pass) error {
			body, err := p.s.plainEvent()
			if err != nil {
				return err
			}
			x, err := p.send(ctx, probe{
				body: body, edit: func(r *http.Request) { r.ContentLength = -1 }, shell: "-H 'Transfer-Encoding: chunked'",
			})
			if err != nil {
				return err
			}
			switch {
			case x.accepted():
			case x.answer == unclear:
				return &unclearError{x.why}
			case p.overloaded(ctx, x):
				return errOverloaded
			case x.attempt.Status == http.StatusLengthRequired:
				p.info(x, "length-required", "a chunked body is answered with 411: the receiver insists on Content-Length")
			default:
				p.fail(x, "not-accepted", "a chunked body was not accepted: %s", describe(&x.attempt))
			}
			return nil
		},
	}
}
