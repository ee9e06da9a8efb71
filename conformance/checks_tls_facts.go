package conformance

import (
	"context"
	"crypto/tls"
	"net/netip"
)

func version12() *Check {
	c := tlsCheck("version-1-2", "TLS 1.2 is spoken", Should, Judgement,
		"The server negotiates TLS 1.2.", srcOurs,
		"A handshake that offers TLS 1.2 only.",
		Doc{
			Passes:       "It completes; an alert or a refusal of the version warns. An end without an answer is inconclusive.",
			Alternatives: "TLS 1.2 alone, or beside 1.3.",

			Why: "Whether CometChat's sender speaks TLS 1.3 is not documented; 1.2 is what every sender of today has.", Cause: "a configuration for the newest version only",
			Fix: "enable TLS 1.2 beside 1.3",
		},
		func(ctx context.Context, p *Pass) error {
			if p.s.peer().err != nil {
				return nil // other checks say so
			}
			h := p.s.shake(ctx, func(c *tls.Config) { c.MaxVersion = tls.VersionTLS12 })
			switch {
			case versionRefused(h.err), isAlert(h.err):
				p.fail(nil, "tls-1-3-only", "the server speaks TLS 1.3 only: %v", h.err)
			case h.err != nil:
				p.inconclusive("the handshake with TLS 1.2 ended without an answer: %v", h.err)
			}
			return nil
		})
	c.Implied = []string{"tls/connect", "tls/handshake", "tls/version-floor", "tls/no-mtls"}
	return c
}

// tlsFact is a check that only informs about what a handshake shows.
func tlsFact(name, title, requirement, probeText string, doc Doc, look func(context.Context, *Pass)) *Check {
	c := tlsCheck(name, title, May, Judgement, requirement, srcOurs, probeText, doc, func(ctx context.Context, p *Pass) error {
		if p.s.peer().err == nil { // other checks say so
			look(ctx, p)
		}
		return nil
	})
	c.Implied = []string{"tls/connect", "tls/handshake", "tls/version-floor"}
	return c
}

func withoutSNI() *Check {
	return tlsFact("sni-less", "a handshake without a server name completes",
		"A client that names no server may be served or not.",
		"A handshake without SNI.",
		Doc{
			Passes:       "Always; that it fails or shows another certificate informs.",
			Alternatives: "Needing the name, as every server of several hosts does.",

			Why: "Every sender of today names the server, but a monitor or a scanner may not.", Cause: "several hosts share the address, and the server picks by name",
			Fix: "nothing has to be done; a default certificate for this host helps old clients",
		},
		func(ctx context.Context, p *Pass) {
			if _, err := netip.ParseAddr(p.s.target.Hostname()); err == nil {
				return // addresses are never named
			}
			h := p.s.shake(ctx, func(c *tls.Config) { c.ServerName = "" })
			known := p.s.peer()
			switch leaf := h.leaf(); {
			case h.err != nil:
				p.info(nil, "sni-needed", "a handshake without a server name fails: %v", h.err)
			case leaf != nil && !leaf.Equal(known.leaf()):
				p.info(nil, "other-certificate", "a handshake without a server name shows another certificate: %s", leaf.Subject)
			}
		})
}

func resumption() *Check {
	return tlsFact("resumption", "TLS sessions can be resumed",
		"A session may be resumed or not.",
		"Two handshakes with TLS 1.2 and a cache of sessions.",
		Doc{
			Passes:       "Always; that the second does not resume the first informs.",
			Alternatives: "Servers without tickets, and several behind one address with keys of their own.",

			Why: "A sender that connects for each delivery saves a round trip and a signature by resuming.", Cause: "session tickets are switched off, or each machine behind a balancer has keys of its own",
			Fix: "share the ticket keys of machines behind a balancer",
		},
		func(ctx context.Context, p *Pass) {
			cache := tls.NewLRUClientSessionCache(1)
			adjust := func(c *tls.Config) { c.MaxVersion, c.ClientSessionCache = tls.VersionTLS12, cache }
			if first := p.s.shake(ctx, adjust); first.err != nil {
				return
			}
			if second := p.s.shake(ctx, adjust); second.err == nil && !second.state.DidResume {
				p.info(nil, "not-resumed", "a second handshake did not resume the session of the first")
			}
		})
}

func protocols() *Check {
	return tlsFact("alpn", "what the server offers is known",
		"The server may offer HTTP/2 or not.",
		"A handshake that offers h2 and http/1.1.",
		Doc{
			Passes:       "Always; that the server chooses h2 informs.",
			Alternatives: "HTTP/1.1 only, or HTTP/2 as well.",

			Why: "A sender that offers HTTP/2 would get it, and the receiver would meet another protocol than in tests.", Cause: "the server or a proxy in front has HTTP/2 switched on",
			Fix: "nothing has to be done; http/http2 tries an event over it",
		},
		func(ctx context.Context, p *Pass) {
			h := p.s.shake(ctx, func(c *tls.Config) { c.NextProtos = []string{"h2", "http/1.1"} })
			if h.err == nil && h.state.NegotiatedProtocol == "h2" {
				p.info(nil, "h2", "the server chooses HTTP/2 where a sender offers it")
			}
		})
}
