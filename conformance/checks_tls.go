package conformance

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
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
		"A and AAAA records are looked up; at least one address.",
		Doc{Why: "Without an address nothing is delivered.", Cause: "the name is misspelt, or its record is missing or known inside a network only", Fix: "publish an A record for the host"},
		func(_ context.Context, p *Pass) error {
			if err := p.s.net.err; err != nil {
				p.Fail(nil, "no-address", "the host %s does not resolve: %v", p.s.net.host, err)
			}
			return nil
		})
	c.needs = needTransport
	return c
}

func dnsPublic() *Check {
	c := tlsCheck("dns-public", "the address is public", Must, Documented,
		"The endpoint is publicly accessible.", srcEndpoint,
		"The addresses are classified; at least one is global unicast. Skipped in mode dev.",
		Doc{
			Why: "CometChat delivers from the internet; loopback, private, shared and link-local addresses cannot be reached from there.",
			Fix: "give the host a public address; for a receiver on your own machine or network use mode dev",
		},
		func(_ context.Context, p *Pass) error {
			n := p.s.net
			switch {
			case p.s.mode == Dev:
				p.Skip("mode dev allows private addresses")
			case n.private():
				p.Fail(nil, "not-public", "%s has no public address (%s); mode certify sends nothing to it", n.host, addressList(n))
			case p.s.refusal != nil && p.s.refusal.culprit == "tls/dns-public":
				p.Fail(nil, "not-public", "%s has no public address; mode certify sends nothing to it", n.host)
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
		"TCP connections, three of them; the median is at most 2 s.",
		Doc{Why: "CometChat gives up after 2 s, connecting included.", Cause: "nothing listens at that address and port, or a firewall drops the connection", Fix: "start the receiver, open the port, check the address"},
		func(ctx context.Context, p *Pass) error {
			var took []time.Duration
			for range 3 {
				start := time.Now()
				conn, err := p.s.net.dial(ctx, "tcp", "")
				if ctx.Err() != nil {
					return ctx.Err()
				}
				if err != nil {
					p.Fail(nil, "no-connection", "no connection to %s port %s: %v", p.s.net.host, p.s.net.port, err)
					return nil
				}
				took = append(took, time.Since(start))
				conn.Close()
			}
			m := median(took)
			p.Measure("connect", float64(m.Microseconds())/1000, "ms")
			if m > connectLimit {
				p.Fail(nil, "slow-connection", "connecting took %s in the median; CometChat gives up after 2 s", m.Round(time.Millisecond))
			}
			return nil
		})
	c.needs = needTransport
	return c
}

func handshakes() *Check {
	return tlsCheck("handshake", "the TLS handshake completes in time", Must, Documented,
		"The endpoint uses SSL.", srcEndpoint,
		"A handshake with SNI, offering TLS 1.2 and 1.3; it completes within 2 s.",
		Doc{Why: "Without TLS there is no delivery.", Cause: "the port speaks plain http, or the TLS configuration is broken", Fix: "serve TLS on this port: a certificate for this host, TLS 1.2 or newer"},
		func(_ context.Context, p *Pass) error {
			h := p.s.peer()
			switch {
			case h.err == nil && h.took > connectLimit:
				p.Fail(nil, "slow-handshake", "the handshake took %s; CometChat gives up after 2 s", h.took.Round(time.Millisecond))
			case h.err == nil:
				p.Measure("handshake", float64(h.took.Microseconds())/1000, "ms")
			case h.mandatory:
				p.blockedBy(&obstacle{"tls/no-mtls", "the server demands a client certificate"})
			case versionRefused(h.err):
				p.blockedBy(&obstacle{"tls/version-floor", "no usable version of TLS"})
			case h.dialErr != nil:
				p.blockedBy(&obstacle{"tls/connect", "no connection can be made"})
			default:
				p.Fail(nil, "no-handshake", "the TLS handshake with %s port %s failed: %v", p.s.net.host, p.s.net.port, h.err)
			}
			return nil
		})
}

// withCertificate runs judge on the server's certificate, if one was seen.
func withCertificate(judge func(*Pass, *handshake, *x509.Certificate)) func(context.Context, *Pass) error {
	return func(_ context.Context, p *Pass) error {
		h := p.s.peer()
		if leaf := h.leaf(); leaf != nil {
			judge(p, &h, leaf)
			return nil
		}
		culprit := "tls/handshake"
		if versionRefused(h.err) {
			culprit = "tls/version-floor"
		} else if h.mandatory {
			culprit = "tls/no-mtls"
		} else if h.dialErr != nil {
			culprit = "tls/connect"
		}
		p.blockedBy(&obstacle{culprit, "the server showed no certificate"})
		return nil
	}
}

func chainTrusted() *Check {
	return tlsCheck("chain", "the certificate chain is complete and trusted", Must, Standard,
		"The certificate chains up to a public root through the intermediates that the server sends.", "RFC 5280 §6; RFC 8446 §4.4.2",
		"The chain is verified with the system's roots, or those given; missing intermediates are not fetched.",
		Doc{Why: "Browsers fetch missing intermediates and remember exceptions; a webhook sender does neither.", Fix: "install the full chain from a public authority"},
		withCertificate(func(p *Pass, h *handshake, leaf *x509.Certificate) {
			at := time.Now()
			if at.Before(leaf.NotBefore) || at.After(leaf.NotAfter) {
				at = leaf.NotBefore.Add(leaf.NotAfter.Sub(leaf.NotBefore) / 2) // dates are tls/validity's matter
			}
			err := p.s.verify(&h.state, at)
			if err == nil {
				return
			}
			code, cause, fix := "untrusted", "the certificate's issuer ("+leaf.Issuer.String()+") is not a public authority", "use a certificate from a public authority; for a private one in tests give its CA file"
			switch {
			case leaf.Issuer.String() == leaf.Subject.String() && errors.As(err, new(x509.UnknownAuthorityError)):
				code, cause = "self-signed", "the certificate is self-signed"
			case len(h.state.PeerCertificates) == 1 && len(leaf.IssuingCertificateURL) > 0 && errors.As(err, new(x509.UnknownAuthorityError)):
				code, cause = "incomplete-chain", "the server sends its own certificate only, without the intermediate that signed it ("+leaf.Issuer.String()+")"
				fix = "configure the server with the full chain (fullchain.pem, not cert.pem)"
			}
			p.Fail(nil, code, "the certificate of %s is not trusted: %v", p.s.net.host, err)
			f := &p.result.Findings[len(p.result.Findings)-1]
			f.Cause, f.Fix = p.s.red.clean(cause), fix
		}))
}

func hostnameMatches() *Check {
	return tlsCheck("hostname", "the certificate is for this host", Must, Standard,
		"A subject alternative name of the certificate matches the host.", "RFC 6125 §6; RFC 9110 §4.3.4",
		"The names of the certificate are compared with the host; a common name alone does not count.",
		Doc{Why: "A sender refuses a certificate for another name.", Cause: "the server's default certificate is shown, or the name was forgotten", Fix: "get a certificate that names this host as subject alternative name"},
		withCertificate(func(p *Pass, _ *handshake, leaf *x509.Certificate) {
			if err := leaf.VerifyHostname(p.s.target.Hostname()); err != nil {
				p.Fail(nil, "wrong-name", "the certificate does not name %s: %v", p.s.target.Hostname(), err)
			}
		}))
}

func validNow() *Check {
	return tlsCheck("validity", "the certificate is valid now", Must, Standard,
		"The time is between the certificate's notBefore and notAfter.", "RFC 5280 §4.1.2.5",
		"The dates of the certificate are compared with this machine's clock.",
		Doc{Why: "An expired certificate stops every delivery.", Cause: "renewal failed, or the server was not reloaded after it", Fix: "renew the certificate and reload the server; automate both"},
		withCertificate(func(p *Pass, _ *handshake, leaf *x509.Certificate) {
			switch now := time.Now(); {
			case now.After(leaf.NotAfter):
				p.Fail(nil, "expired", "the certificate expired on %s", leaf.NotAfter.UTC().Format(time.DateTime+" UTC"))
			case now.Before(leaf.NotBefore):
				p.Fail(nil, "not-yet-valid", "the certificate is valid only from %s", leaf.NotBefore.UTC().Format(time.DateTime+" UTC"))
			}
		}))
}

func expiresLater() *Check {
	c := tlsCheck("expiry-soon", "the certificate does not expire soon", Should, Judgement,
		"The certificate is valid for more than 14 days, or a third of its lifetime if that is shorter.", srcOurs,
		"The days left are counted.",
		Doc{Why: "An outage is ahead, and there may still be time to avoid it.", Cause: "automatic renewal does not work", Fix: "renew the certificate now and see why that did not happen by itself"},
		withCertificate(func(p *Pass, _ *handshake, leaf *x509.Certificate) {
			left := time.Until(leaf.NotAfter)
			wanted := min(14*24*time.Hour, leaf.NotAfter.Sub(leaf.NotBefore)/3)
			p.Measure("left", left.Hours()/24, "days")
			if left <= wanted {
				p.Fail(nil, "expires-soon", "the certificate expires in %.1f days, on %s", left.Hours()/24, leaf.NotAfter.UTC().Format(time.DateOnly))
			}
		}))
	c.Implied = []string{"tls/validity"}
	return c
}

func versionFloor() *Check {
	return tlsCheck("version-floor", "TLS 1.2 or 1.3 is spoken", Must, Standard,
		"The server negotiates TLS 1.2 or 1.3.", "RFC 9325 §3.1.1",
		"A handshake that offers TLS 1.2 and 1.3.",
		Doc{Why: "Current senders offer nothing older.", Cause: "an outdated server, or a configuration that names old versions only", Fix: "enable TLS 1.2 and 1.3"},
		func(_ context.Context, p *Pass) error {
			switch h := p.s.peer(); {
			case versionRefused(h.err):
				p.Fail(nil, "no-modern-version", "the server speaks neither TLS 1.2 nor 1.3: %v", h.err)
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
		"Two handshakes, one offering TLS 1.0 only, one 1.1 only; both are refused.",
		Doc{Why: "The old versions are deprecated and breakable; CometChat itself would use a newer one, so this is no failure.", Cause: "a permissive or outdated TLS configuration", Fix: "set the minimum version to TLS 1.2"},
		func(ctx context.Context, p *Pass) error {
			for _, version := range []uint16{tls.VersionTLS10, tls.VersionTLS11} {
				h := p.s.shake(ctx, func(c *tls.Config) {
					c.MinVersion, c.MaxVersion = version, version
					for _, suite := range append(tls.CipherSuites(), tls.InsecureCipherSuites()...) {
						c.CipherSuites = append(c.CipherSuites, suite.ID)
					}
				})
				if h.err == nil {
					p.Fail(nil, "legacy-version", "the server accepts %s", tls.VersionName(version))
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
		"A handshake without a certificate. A server may ask for one as long as it goes on without.",
		Doc{Why: "A server that demands a client certificate refuses every delivery.", Cause: "mutual TLS is switched on for the whole host", Fix: "make client certificates optional for the webhook route; authenticate with Basic auth"},
		func(_ context.Context, p *Pass) error {
			h := p.s.peer()
			if h.mandatory {
				p.Fail(nil, "client-certificate", "the server goes no further without a client certificate")
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
		Probe: "The baseline; anything but 3xx. The report names the URL to configure instead.",
		Doc: Doc{
			Why: "A redirect is not followed, or followed without the body.",
			Fix: "configure the URL that answers",
		},
		phase: phaseBaseline, needs: needTransport,
		Run: func(ctx context.Context, p *Pass) error {
			return p.judgeBaseline(ctx, "redirect", "a plain valid event was redirected: %s")
		},
	}
}

func strongKey() *Check {
	return tlsCheck("key", "the certificate's key and signature are strong", Should, Judgement,
		"The key is RSA of 2048 bits or more, or an elliptic curve of 256 or more; the signature is not SHA-1 or MD5.", srcOurs+"; CA/Browser Forum baseline requirements §6.1.5",
		"The leaf certificate is read.",
		Doc{Why: "Senders may refuse weak keys at any time, as browsers do.", Cause: "an old or home-made certificate", Fix: "get a new certificate with an ECDSA P-256 or RSA 2048 key"},
		withCertificate(func(p *Pass, _ *handshake, leaf *x509.Certificate) {
			if bits, kind := keySize(leaf); bits > 0 && (kind == "RSA" && bits < 2048 || kind != "RSA" && bits < 256) {
				p.Fail(nil, "weak-key", "the certificate's key is %s of %d bits", kind, bits)
			}
			switch leaf.SignatureAlgorithm {
			case x509.SHA1WithRSA, x509.ECDSAWithSHA1, x509.DSAWithSHA1, x509.MD5WithRSA, x509.MD2WithRSA:
				if fmt.Sprint(leaf.Issuer) != fmt.Sprint(leaf.Subject) { // a root's own signature is not verified
					p.Fail(nil, "weak-signature", "the certificate is signed with %s", leaf.SignatureAlgorithm)
				}
			}
		}))
}
