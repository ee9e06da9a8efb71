package conformance

import (
	"context"
	"crypto/tls"
	"strings"
	"time"
)

func tlsCheck(name, title string, level Level, basis Basis, requirement, source, probe string, doc Doc, run func(context.Context, *Pass) error) *Check {
	return &Check{
		ID: "tls/" + name, Title: title, Level: level, Basis: []Basis{basis}, Impact: Quiet,
		Requirement: requirement, Source: source, Probe: probe, Doc: doc,
		needs: needTLS, phase: phaseTransport, Run: run,
	}
}

func dnsResolves() *Check {
	c := tlsCheck("dns-resolves", "the host name resolves", Must, Documented,
		"The endpoint is reachable from the internet.", srcEndpoint,
		"A and AAAA records are looked up.",
		Doc{
			Passes:       "There is at least one address; none fails.",
			Alternatives: "A or AAAA alone, and a URL with an address in place of a name.",

			Why: "Without an address nothing is delivered.", Cause: "the name is misspelt, or its record is missing or known inside a network only", Fix: "publish an A record for the host",
		},
		func(_ context.Context, p *Pass) error {
			if err := p.s.net.err; err != nil {
				p.fail(nil, "no-address", "the host %s does not resolve: %v", p.s.net.host, err)
			}
			return nil
		})
	c.needs = needTransport
	return c
}

func dnsPublic() *Check {
	c := tlsCheck("dns-public", "the address is public", Must, Documented,
		"The endpoint is publicly accessible.", srcEndpoint,
		"The host's addresses are classified. Skipped in mode dev.",
		Doc{
			Passes:       "At least one is public; only loopback, private, shared or link-local ones fail, and nothing is sent to them.",
			Alternatives: "Mode dev, for a receiver on your own machine or network.",

			Why: "CometChat delivers from the internet; loopback, private, shared and link-local addresses cannot be reached from there.",
			Fix: "give the host a public address; for a receiver on your own machine or network use mode dev",
		},
		func(_ context.Context, p *Pass) error {
			n := p.s.net
			switch {
			case p.s.mode == Dev:
				p.skip("mode dev allows private addresses")
			case n.private():
				p.fail(nil, "not-public", "%s has no public address (%s); mode certify sends nothing to it", n.host, addressList(n))
			case p.s.refusal != nil && p.s.refusal.culprit == "tls/dns-public":
				p.fail(nil, "not-public", "%s has no public address; mode certify sends nothing to it", n.host)
			}
			return nil
		})
	c.needs = needTransport
	return c
}

func addressList(n *network) string {
	var list []string
	for _, a := range n.addrs[:min(len(n.addrs), 4)] {
		list = append(list, a.String())
	}
	return strings.Join(list, ", ")
}

func connects() *Check {
	c := tlsCheck("connect", "a connection can be made in time", Must, Documented,
		"The endpoint is reachable from the internet.", srcEndpoint,
		"Three TCP connections.",
		Doc{
			Passes:       "Each is made, and the median takes at most 2 s; else it fails.",
			Alternatives: "Any address of the host that answers, of either family.",

			Why: "CometChat gives up after 2 s, connecting included.", Cause: "nothing listens at that address and port, or a firewall drops the connection", Fix: "start the receiver, open the port, check the address",
		},
		func(ctx context.Context, p *Pass) error {
			var took []time.Duration
			for range 3 {
				start := time.Now()
				conn, err := p.s.net.dial(ctx, "tcp", "")
				if ctx.Err() != nil {
					return ctx.Err()
				}
				if err != nil {
					p.fail(nil, "no-connection", "no connection to %s port %s: %v", p.s.net.host, p.s.net.port, err)
					return nil
				}
				took = append(took, time.Since(start))
				conn.Close()
			}
			m := median(took)
			p.measure("connect", float64(m.Microseconds())/1000, "ms")
			if m > connectLimit {
				p.fail(nil, "slow-connection", "connecting took %s in the median; CometChat gives up after 2 s", m.Round(time.Millisecond))
			}
			return nil
		})
	c.needs = needTransport
	return c
}

func handshakes() *Check {
	return tlsCheck("handshake", "the TLS handshake completes in time", Must, Documented,
		"The endpoint uses SSL.", srcEndpoint,
		"A handshake with the server's name (SNI) that offers TLS 1.2 and 1.3.",
		Doc{
			Passes:       "It completes within 2 s; a failure of its own or a slower one fails. What another check explains is skipped.",
			Alternatives: "Any cipher suite that Go's client offers, HTTP/2 offered or not.",

			Why: "Without TLS there is no delivery.", Cause: "the port speaks plain http, or the TLS configuration is broken", Fix: "serve TLS on this port: a certificate for this host, TLS 1.2 or newer",
		},
		func(_ context.Context, p *Pass) error {
			h := p.s.peer()
			switch {
			case h.err == nil && h.took > connectLimit:
				p.fail(nil, "slow-handshake", "the handshake took %s; CometChat gives up after 2 s", h.took.Round(time.Millisecond))
			case h.err == nil:
				p.measure("handshake", float64(h.took.Microseconds())/1000, "ms")
			case h.mandatory:
				p.blockedBy(&obstacle{"tls/no-mtls", "the server demands a client certificate"})
			case versionRefused(h.err):
				p.blockedBy(&obstacle{"tls/version-floor", "no usable version of TLS"})
			case h.dialErr != nil:
				p.blockedBy(&obstacle{"tls/connect", "no connection can be made"})
			default:
				p.fail(nil, "no-handshake", "the TLS handshake with %s port %s failed: %v", p.s.net.host, p.s.net.port, h.err)
			}
			return nil
		})
}

func versionFloor() *Check {
	return tlsCheck("version-floor", "TLS 1.2 or 1.3 is spoken", Must, Standard,
		"The server negotiates TLS 1.2 or 1.3.", "RFC 9325 §3.1.1",
		"A handshake that offers TLS 1.2 and 1.3.",
		Doc{
			Passes:       "The server takes one of them; that it takes neither fails.",
			Alternatives: "TLS 1.2 only, and 1.3 only (about which tls/version-1-2 has a word).",

			Why: "Current senders offer nothing older.", Cause: "an outdated server, or a configuration that names old versions only", Fix: "enable TLS 1.2 and 1.3",
		},
		func(_ context.Context, p *Pass) error {
			switch h := p.s.peer(); {
			case versionRefused(h.err):
				p.fail(nil, "no-modern-version", "the server speaks neither TLS 1.2 nor 1.3: %v", h.err)
			case h.dialErr != nil:
				p.blockedBy(&obstacle{"tls/connect", "no connection can be made"})
			case h.mandatory:
				p.blockedBy(&obstacle{"tls/no-mtls", "the server demands a client certificate"})
			case h.err != nil:
				p.blockedBy(&obstacle{"tls/handshake", "no handshake completes"})
			}
			return nil
		})
}

func versionLegacy() *Check {
	c := tlsCheck("version-legacy", "TLS 1.0 and 1.1 are refused", Should, Standard,
		"The server does not negotiate TLS 1.0 or 1.1.", "RFC 8996",
		"Two handshakes, one that offers TLS 1.0 only, one 1.1 only.",
		Doc{
			Passes:       "Neither completes; one that does warns, and never fails.",
			Alternatives: "Refusing them with an alert or by closing the connection.",

			Why: "The old versions are deprecated and breakable; CometChat itself would use a newer one, so this is no failure.", Cause: "a permissive or outdated TLS configuration", Fix: "set the minimum version to TLS 1.2",
		},
		func(ctx context.Context, p *Pass) error {
			for _, version := range []uint16{tls.VersionTLS10, tls.VersionTLS11} {
				h := p.s.shake(ctx, func(c *tls.Config) {
					c.MinVersion, c.MaxVersion = version, version
					for _, suite := range append(tls.CipherSuites(), tls.InsecureCipherSuites()...) {
						c.CipherSuites = append(c.CipherSuites, suite.ID)
					}
				})
				if h.err == nil {
					p.fail(nil, "legacy-version", "the server accepts %s", tls.VersionName(version))
				}
			}
			return nil
		})
	c.Implied = []string{"tls/connect", "tls/handshake", "tls/version-floor"}
	return c
}

func noClientCertificate() *Check {
	return tlsCheck("no-mtls", "no client certificate is demanded", Must, Documented,
		"The endpoint takes deliveries without a client certificate: CometChat sends none.", srcEndpoint,
		"A handshake without a client certificate.",
		Doc{
			Passes:       "The server goes on without one; one that ends the handshake for want of it fails.",
			Alternatives: "Asking for a certificate, as long as none is needed.",

			Why: "A server that demands a client certificate refuses every delivery.", Cause: "mutual TLS is switched on for the whole host", Fix: "make client certificates optional for the webhook route; authenticate with Basic auth",
		},
		func(_ context.Context, p *Pass) error {
			h := p.s.peer()
			if h.mandatory {
				p.fail(nil, "client-certificate", "the server goes no further without a client certificate")
			}
			if h.dialErr != nil {
				p.blockedBy(&obstacle{"tls/connect", "no connection can be made"})
			}
			return nil
		})
}

func noRedirect() *Check {
	return &Check{
		ID: "tls/redirect-none", Title: "the URL answers itself, without a redirect", Level: Must, Basis: []Basis{Documented}, Impact: Events,
		Requirement: "The endpoint answers 200; a redirect is not 200.", Source: srcEndpoint,
		Probe: "The baseline.",
		Doc: Doc{
			Passes:       "Anything but 3xx; a redirect fails, and the report names the URL to configure instead.",
			Alternatives: "Redirects at other paths and at port 80.",

			Why: "A redirect is not followed, or followed without the body.",
			Fix: "configure the URL that answers",
		},
		phase: phaseBaseline, needs: needTransport,
		Run: func(ctx context.Context, p *Pass) error {
			return p.judgeBaseline(ctx, "redirect", "a plain valid event was redirected: %s")
		},
	}
}
