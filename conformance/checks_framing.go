package conformance

import (
	"bytes"
	"context"
	"fmt"
	"net/http"

	"hookproof/mockserver/delivery"
)

func oldHTTP() *Check {
	c := httpCheck("http10", "what becomes of HTTP/1.0 is known", May, Standard,
		"A request of HTTP/1.0 is answered, with whatever status.", "RFC 9112 §2.3",
		"The baseline as HTTP/1.0.",
		Doc{
			Passes:       "Always; a refusal informs.",
			Alternatives: "Refusing HTTP/1.0.",

			Why: "Old monitors and proxies speak it.", Cause: "the server or a proxy in front takes HTTP/1.1 only",
			Fix: "nothing has to be done: CometChat is not known to use it",
		}, 1, 1,
		func(ctx context.Context, p *Pass) error {
			body, err := p.s.plainEvent()
			if err != nil {
				return err
			}
			x, err := p.sendWire(ctx, probe{body: body, shell: "--http1.0"}, func(w *wire, head, body []byte) error {
				return all(w, bytes.Replace(head, []byte(" HTTP/1.1\r\n"), []byte(" HTTP/1.0\r\n"), 1), body)
			})
			switch {
			case err != nil:
				return err
			case x.answer == unclear:
				return &unclearError{x.why}
			case !x.accepted():
				p.info(x, "refused", "an event over HTTP/1.0 is not taken: %s", describe(&x.attempt))
			}
			return nil
		})
	c.Impact, c.lenient = Quiet, true
	return c
}

func halfClose() *Check {
	c := httpCheck("half-close", "a sender that has no more to say is answered", May, Standard,
		"A sender that closes its half of the connection after the request still gets its answer.", "RFC 9112 §9.6",
		"The baseline on a connection whose sending half is closed after it.",
		Doc{
			Passes:       "Always; that no 2xx comes informs.",
			Alternatives: "Taking it for a sender that gave up, as many proxies do.",

			Why: "Simple clients close their half to mark the end of the request.", Cause: "the server takes the end of the input for the end of the connection",
			Fix: "nothing has to be done: CometChat is not known to do so",
		}, 1, 1,
		func(ctx context.Context, p *Pass) error {
			body, err := p.s.plainEvent()
			if err != nil {
				return err
			}
			x, err := p.sendWire(ctx, probe{body: body}, func(w *wire, head, body []byte) error {
				if err := all(w, head, body); err != nil {
					return err
				}
				return w.finish()
			})
			if err == nil && !x.accepted() {
				p.info(x, "unanswered", "an event whose sender then closed its half of the connection: %s", describe(&x.attempt))
			}
			return err
		})
	c.lenient = true
	return c
}

func shortBody() *Check {
	c := hostileCheck("content-length-mismatch", "a body that is shorter than it says is no event", May, Standard,
		"A body that ends before Content-Length says is incomplete.", "RFC 9112 §6.3, §8",
		"The baseline with a Content-Length ten bytes too large, and the sending half closed after it.",
		Doc{
			Passes:       "4xx or a closed connection. 2xx informs; 5xx warns.",
			Alternatives: "Refusing it with any 4xx, or not answering at all.",

			Why: "An event that was cut on the way must not be taken for a whole one.", Cause: "the body is taken as it is when the connection ends",
			Fix: "let the HTTP library read the body, and answer 400 to its error",
		}, 1, 0,
		func(ctx context.Context, p *Pass) error {
			body, err := p.s.plainEvent()
			if err != nil {
				return err
			}
			x, err := p.sendWire(ctx, probe{body: body}, func(w *wire, head, body []byte) error {
				is, says := fmt.Appendf(nil, "Content-Length: %d\r\n", len(body)), fmt.Appendf(nil, "Content-Length: %d\r\n", len(body)+10)
				if err := all(w, bytes.Replace(head, is, says, 1), body); err != nil {
					return err
				}
				return w.finish()
			})
			switch {
			case err != nil:
				return err
			case x.accepted():
				p.info(x, "accepted", "a body that is shorter than its Content-Length was accepted with %s", status(x.attempt.Status))
			case x.answer == failed:
				p.fail(x, "crashed", "a body that is shorter than its Content-Length: %s", describe(&x.attempt))
			}
			return nil
		})
	c.lenient = true
	return c
}

func pipelining() *Check {
	return hostileCheck("pipelining", "two requests at once get two answers", May, Standard,
		"Requests that come in one piece are answered in their order, or the connection is closed after an answer.", "RFC 9112 §9.3.2",
		"Two plain events written at once.",
		Doc{
			Passes:       "Two answers of 2xx, or one and the end of the connection; else it warns.",
			Alternatives: "Closing the connection after the first answer.",

			Why: "A sender may write the next request before the answer to the last has come.", Cause: "what follows a request is taken for a part of it, or thrown away",
			Fix: "let the HTTP library read requests",
		}, 2, 2,
		func(ctx context.Context, p *Pass) error {
			first, err := p.s.plainEvent()
			if err != nil {
				return err
			}
			second, err := p.s.plainEvent()
			if err != nil {
				return err
			}
			req, err := p.s.request(ctx, p.Check.ID, probe{body: second})
			if err != nil {
				return err
			}
			head2, body2, err := written(req)
			if err != nil {
				return err
			}
			next := sent{check: p.Check.ID, probe: probe{body: second}}
			x, err := p.sendWire(ctx, probe{body: first}, func(w *wire, head, body []byte) error {
				return all(w, bytes.Join([][]byte{head, body, head2}, nil), body2)
			}, func(w *wire) {
				next.attempt = delivery.Attempt{Method: http.MethodPost, URL: req.URL.String(), Header: req.Header, Body: second}
				if err := p.hear(w, req, &next.attempt); err != nil {
					next.attempt.Err, next.attempt.Failure = err, delivery.FailureOf(err, delivery.Exchanging)
				}
				next.answer, next.why = judge(&next.attempt)
				if next.attempt.Answered() {
					p.s.mu.Lock()
					p.s.sent = append(p.s.sent, &next)
					p.s.mu.Unlock()
				}
			})
			switch {
			case err != nil:
				return err
			case x.answer == unclear:
				return &unclearError{x.why}
			case !x.accepted():
				p.fail(x, "not-accepted", "the first of two events at once was not accepted: %s", describe(&x.attempt))
			case next.accepted(), next.attempt.Failure == delivery.FailClosed, next.answer == unclear:
			default:
				p.fail(&next, "second", "the second of two events at once was not accepted: %s", describe(&next.attempt))
			}
			return nil
		})
}
