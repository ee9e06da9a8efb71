package conformance

import (
	"context"
	"fmt"
	"time"
)

// afterwards is a part of the rule of every check that is Hostile.
const afterwards = " A plain event must be accepted afterwards; if one is only after a while, that warns, and if none is, it fails."

// hostileCheck is a check that may hold up or break a receiver: a plain event
// must be accepted after it.
func hostileCheck(name, title string, level Level, basis Basis, requirement, source, probeText string, doc Doc, requests, events int, run func(context.Context, *Pass) error) *Check {
	doc.Passes += afterwards
	c := httpCheck(name, title, level, basis, requirement, source, probeText, doc, requests, events, run)
	c.Impact, c.Hostile = Hostile, true
	return c
}

// Times of what is sent slowly.
const (
	slowStep      = 100 * time.Millisecond
	slowLimit     = 20 * time.Second
	slowLimitDev  = 3 * time.Second
	slowHeadStart = 3 * slowStep
	slowWires     = 20
)

func (s *session) slowLimit() time.Duration {
	if s.mode == Dev {
		return slowLimitDev
	}
	return slowLimit
}

// beside sends a plain event while something else goes on, and says in a finding
// if that keeps it from being acknowledged.
func (p *Pass) beside(ctx context.Context, what string) error {
	body, err := p.s.plainEvent()
	if err != nil {
		return err
	}
	x, err := p.send(ctx, probe{kind: kindRecovery, body: body})
	switch {
	case err != nil:
		return err
	case x.answer == unclear:
		return &unclearError{x.why}
	case !x.accepted():
		p.fail(x, "blocked", "while %s a plain event was not accepted: %s", what, describe(&x.attempt))
	case x.attempt.Timing.Total > hardLimit:
		p.fail(x, "blocked", "while %s a plain event took %s", what, ms(x.attempt.Timing.Total))
	}
	return nil
}

func slowBody() *Check {
	return hostileCheck("slow-body", "a slow sender does not block others", Should, Standard,
		"While one request's body comes slowly, others are answered in time.", "RFC 9110 §15.5.9",
		"The baseline, a byte every 0.1 s, until another plain event is answered or 20 s (3 s in mode dev) have passed.",
		Doc{
			Passes:       "2xx within 2 s for the other one; else it warns.",
			Alternatives: "The slow one may be accepted, refused, for instance with 408, or closed.",

			Why: "One sender with a bad connection, or a bad will, stops all deliveries.", Cause: "one process or thread handles one request at a time, reading included",
			Fix: "put a proxy that reads whole requests in front (proxy_request_buffering on in nginx), or use a server for many connections",
		}, 2, 2,
		func(ctx context.Context, p *Pass) error {
			body, err := p.s.plainEvent()
			if err != nil {
				return err
			}
			var other error
			_, err = p.sendWire(ctx, probe{body: body}, func(w *wire, head, body []byte) error {
				done := make(chan error, 1)
				go func() {
					if !pause(ctx, slowHeadStart) {
						done <- ctx.Err()
						return
					}
					done <- p.beside(ctx, "another request's body comes slowly")
				}()
				err := trickle(w, head, body, p.s.slowLimit(), done, &other)
				if err != nil { // closed, which is right; the other one still has to be answered
					other = <-done
				}
				return err
			})
			if err == nil {
				err = other
			}
			return err
		})
}

// trickle writes a request slowly until done has a value, which goes to result,
// or the limit has passed; then the rest at once. An error means that the
// connection ended, and that done has not been read.
func trickle(w *wire, head, body []byte, limit time.Duration, done chan error, result *error) error {
	if _, err := w.Write(head); err != nil {
		return err
	}
	late := time.After(limit)
	for waiting := true; waiting && len(body) > 1; body = body[1:] {
		if _, err := w.Write(body[:1]); err != nil {
			return err
		}
		select {
		case *result = <-done:
			waiting = false
		case <-late:
			waiting = false
			defer func() { *result = <-done }()
		case <-time.After(slowStep):
		}
	}
	if _, err := w.Write(body); err != nil {
		return nil // the answer, if any, tells
	}
	return nil
}

func slowHeaders() *Check {
	return hostileCheck("slow-headers", "unfinished requests do not block others", Should, Judgement,
		"While twenty requests are begun and not finished, others are answered in time.", srcOurs,
		"20 connections with the beginning of a request, and a plain event on another.",
		Doc{
			Passes:       "2xx within 2 s for the plain one; else it warns.",
			Alternatives: "Closing unfinished requests.",

			Why: "A handful of open connections stops all deliveries, and needs neither bandwidth nor credentials.", Cause: "a process or thread is kept for each connection from its first byte",
			Fix: "put a proxy in front, limit the time for headers (client_header_timeout in nginx), or use a server for many connections",
		}, 1, 1,
		func(ctx context.Context, p *Pass) error {
			for range slowWires {
				w, err := p.s.openWire(ctx)
				if err != nil {
					return &unclearError{fmt.Sprintf("a connection could not be opened: %v", err)}
				}
				defer w.Close()
				if _, err := fmt.Fprintf(w, "POST %s HTTP/1.1\r\nHost: %s\r\nX-Hookproof: unfin", p.s.target.RequestURI(), p.s.target.Host); err != nil {
					return &unclearError{fmt.Sprintf("a request could not be begun: %v", err)}
				}
			}
			return p.beside(ctx, "twenty requests are not finished")
		})
}

func abortedRequests() *Check {
	return hostileCheck("abort", "senders that give up break nothing", Should, Judgement,
		"A sender may end the connection at any time, and nothing breaks.", srcOurs,
		"The baseline three times on connections that end: closed in the middle of the body, reset in the middle of the body, and closed before the answer.",
		Doc{
			Passes:       "What comes of them does not matter.",
			Alternatives: "Taking the whole one, whose sender did not wait, or not.",

			Why: "CometChat gives up after 2 seconds, and connections break on the way.", Cause: "the error of reading or writing is not caught, and ends the process",
			Fix: "catch the errors of reading the body and of writing the answer",
		}, 0, 0,
		func(ctx context.Context, p *Pass) error {
			for _, end := range []func(w *wire, head, body []byte){
				func(w *wire, head, body []byte) { _ = all(w, head, body[:len(body)/2]) },
				func(w *wire, head, body []byte) { _ = all(w, head, body[:len(body)/2]); w.reset() },
				func(w *wire, head, body []byte) { _ = all(w, head, body) },
			} {
				if err := p.leave(ctx, end); err != nil {
					return err
				}
			}
			pause(ctx, slowStep) // for what breaks to be broken
			return nil
		})
}

// leave writes a request in part and ends the connection, whatever comes of it.
func (p *Pass) leave(ctx context.Context, write func(w *wire, head, body []byte)) error {
	event, err := p.s.plainEvent()
	if err != nil {
		return err
	}
	req, err := p.s.request(ctx, p.Check.ID, probe{body: event})
	if err != nil {
		return err
	}
	head, body, err := written(req)
	if err != nil {
		return err
	}
	w, err := p.s.openWire(ctx)
	if err != nil {
		return &unclearError{fmt.Sprintf("a connection could not be opened: %v", err)}
	}
	defer w.Close()
	write(w, head, body)
	return nil
}
