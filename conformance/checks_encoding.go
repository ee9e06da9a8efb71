package conformance

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"net/http"
)

func gzipRequest() *Check {
	c := httpCheck("gzip-request", "a compressed body breaks nothing", May, Judgement,
		"A body with Content-Encoding: gzip is refused with 4xx or accepted, and breaks nothing.", srcOurs,
		"The baseline, compressed, with Content-Encoding: gzip.",
		Doc{
			Passes:       "2xx or 4xx; 5xx and no answer warn.",
			Alternatives: "415 is the nicest refusal; decompressing it is as right.",

			Why: "CometChat is not known to compress; a proxy might.", Cause: "the parser meets bytes that are no text, and its error is not caught",
			Fix: "answer 415 to a content encoding that is not understood",
		}, 1, 0,
		func(ctx context.Context, p *Pass) error {
			body, err := p.s.plainEvent()
			if err != nil {
				return err
			}
			var b bytes.Buffer
			z := gzip.NewWriter(&b)
			if _, err := z.Write(body); err != nil {
				return err
			}
			if err := z.Close(); err != nil {
				return err
			}
			_, err = p.tolerated(ctx, "a compressed event", probe{body: b.Bytes(), edit: func(r *http.Request) { r.Header.Set("Content-Encoding", "gzip") }})
			return err
		})
	c.lenient = true
	return c
}

func gzipResponse() *Check {
	return httpCheck("gzip-response", "a compressed answer can be read", May, Standard,
		"An answer that says Content-Encoding: gzip is compressed so.", "RFC 9110 §8.4",
		"The baseline with Accept-Encoding: gzip.",
		Doc{
			Passes:       "An answer that says that it is compressed can be read; one that cannot warns.",
			Alternatives: "Not compressing.",

			Why: "A sender that cannot read the answer may count the delivery as failed.", Cause: "the header is set and the body is not compressed, or twice",
			Fix: "let one place only compress",
		}, 1, 1,
		func(ctx context.Context, p *Pass) error {
			body, err := p.s.plainEvent()
			if err != nil {
				return err
			}
			x, err := p.send(ctx, probe{body: body, edit: func(r *http.Request) { r.Header.Set("Accept-Encoding", "gzip") }})
			if err != nil || x.attempt.Answer.Get("Content-Encoding") != "gzip" || x.attempt.TextSize > int64(len(x.attempt.Text)) || len(x.attempt.Text) == 0 {
				return err
			}
			z, err := gzip.NewReader(bytes.NewReader(x.attempt.Text))
			if err == nil {
				_, err = io.Copy(io.Discard, io.LimitReader(z, 8<<20))
			}
			if err != nil {
				p.fail(x, "undecodable", "the answer says Content-Encoding: gzip and cannot be read: %v", err)
			}
			return nil
		})
}

func overHTTP2() *Check {
	return httpCheck("http2", "events over HTTP/2 are accepted", Should, Standard,
		"Where the server offers HTTP/2, an event over it is accepted.", "RFC 9113 §3.2",
		"The baseline by a client that offers HTTP/2.",
		Doc{
			Passes:       "2xx if HTTP/2 is negotiated; a refusal warns.",
			Alternatives: "HTTP/1.1 only, which informs.",

			Why: "HTTP clients negotiate HTTP/2 by themselves where a server offers it.", Cause: "a proxy in front speaks HTTP/2 to the sender and something broken to the receiver",
			Fix: "switch HTTP/2 off for the host, or repair the way behind the proxy",
		}, 1, 1,
		func(ctx context.Context, p *Pass) error {
			body, err := p.s.plainEvent()
			if err != nil {
				return err
			}
			transport := p.s.transport()
			transport.Protocols.SetHTTP2(true)
			defer transport.CloseIdleConnections()
			x, err := p.send(ctx, probe{body: body, transport: transport})
			switch {
			case err != nil:
				return err
			case x.attempt.Proto != "HTTP/2.0" && x.attempt.Answered():
				p.info(nil, "not-negotiated", "HTTP/2 is not spoken here")
			case x.answer == unclear:
				return &unclearError{x.why}
			case p.overloaded(ctx, x):
				return errOverloaded
			case !x.accepted():
				p.fail(x, "not-accepted", "an event over HTTP/2 was not accepted: %s", describe(&x.attempt))
			}
			return nil
		})
}

func wrongHost() *Check {
	c := httpCheck("host", "another host is not served", Should, Standard,
		"A request for another host does not reach the receiver.", "RFC 9110 §7.4, §15.5.20",
		"The baseline with a made-up Host.",
		Doc{
			Passes:       "Any refusal; that it is accepted informs.",
			Alternatives: "A server with one purpose, which serves any name.",

			Why: "Whoever lets another name point to the receiver reaches it by that name.", Cause: "the receiver is the default of its server",
			Fix: "serve known names only, and answer 421 or 404 to all others",
		}, 1, 0,
		func(ctx context.Context, p *Pass) error {
			body, err := p.s.plainEvent()
			if err != nil {
				return err
			}
			x, err := p.send(ctx, probe{body: body, edit: func(r *http.Request) { r.Host = "other.hookproof.invalid" }})
			switch {
			case err != nil:
				return err
			case x.answer == unclear:
				return &unclearError{x.why}
			case x.accepted():
				p.info(x, "any-host", "an event for a host that does not exist was accepted with %s", status(x.attempt.Status))
			}
			return nil
		})
	c.Impact, c.lenient = Quiet, true
	return c
}
