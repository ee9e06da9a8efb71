package conformance

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"time"
)

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
		"A handshake; the chain is verified with the system's roots and those given. Missing intermediates are not fetched.",
		Doc{
			Passes:       "The chain leads to a root; a self-signed certificate, an unknown issuer, a missing intermediate and an expired authority fail, each with a code of its own.",
			Alternatives: "A private authority in tests whose CA file is given. Dates and names are judged by tls/validity and tls/hostname.",

			Why: "Browsers fetch missing intermediates and remember exceptions; a webhook sender does neither.", Fix: "install the full chain from a public authority",
		},
		withCertificate(func(p *Pass, h *handshake, leaf *x509.Certificate) {
			at := time.Now()
			if at.Before(leaf.NotBefore) || at.After(leaf.NotAfter) {
				at = leaf.NotBefore.Add(leaf.NotAfter.Sub(leaf.NotBefore) / 2) // dates are tls/validity's matter
			}
			err := p.s.verify(&h.state, at)
			if err == nil {
				return
			}
			invalid, _ := errors.AsType[x509.CertificateInvalidError](err)
			code, cause, fix := "untrusted", "the certificate's issuer ("+leaf.Issuer.String()+") is not a public authority", "use a certificate from a public authority; for a private one in tests give its CA file"
			switch {
			case invalid.Cert != nil && invalid.Reason == x509.Expired:
				code, cause = "expired-authority", "a certificate above the server's own has expired or is not valid yet: "+invalid.Cert.Subject.String()
				fix = "install the current chain of the authority"
			case leaf.Issuer.String() == leaf.Subject.String() && errors.As(err, new(x509.UnknownAuthorityError)):
				code, cause = "self-signed", "the certificate is self-signed"
			case len(h.state.PeerCertificates) == 1 && len(leaf.IssuingCertificateURL) > 0 && errors.As(err, new(x509.UnknownAuthorityError)):
				code, cause = "incomplete-chain", "the server sends its own certificate only, without the intermediate that signed it ("+leaf.Issuer.String()+")"
				fix = "configure the server with the full chain (fullchain.pem, not cert.pem)"
			}
			p.fail(nil, code, "the certificate of %s is not trusted: %v", p.s.net.host, err)
			f := &p.result.Findings[len(p.result.Findings)-1]
			f.Cause, f.Fix = p.s.red.Clean(cause), fix
		}))
}

func hostnameMatches() *Check {
	return tlsCheck("hostname", "the certificate is for this host", Must, Standard,
		"A subject alternative name of the certificate matches the host.", "RFC 6125 §6; RFC 9110 §4.3.4",
		"A handshake; the certificate's subject alternative names are compared with the host.",
		Doc{
			Passes:       "One of them matches; a common name alone fails.",
			Alternatives: "Wildcards, and a certificate for many hosts.",

			Why: "A sender refuses a certificate for another name.", Cause: "the server's default certificate is shown, or the name was forgotten", Fix: "get a certificate that names this host as subject alternative name",
		},
		withCertificate(func(p *Pass, _ *handshake, leaf *x509.Certificate) {
			if err := leaf.VerifyHostname(p.s.target.Hostname()); err != nil {
				p.fail(nil, "wrong-name", "the certificate does not name %s: %v", p.s.target.Hostname(), err)
			}
		}))
}

func validNow() *Check {
	return tlsCheck("validity", "the certificate is valid now", Must, Standard,
		"The time is between the certificate's notBefore and notAfter.", "RFC 5280 §4.1.2.5",
		"A handshake; the certificate's dates are compared with this machine's clock.",
		Doc{
			Passes:       "Now is between them; expired and not yet valid fail.",
			Alternatives: "Certificates of any lifetime, as short as they are.",

			Why: "An expired certificate stops every delivery.", Cause: "renewal failed, or the server was not reloaded after it", Fix: "renew the certificate and reload the server; automate both",
		},
		withCertificate(func(p *Pass, _ *handshake, leaf *x509.Certificate) {
			switch now := time.Now(); {
			case now.After(leaf.NotAfter):
				p.fail(nil, "expired", "the certificate expired on %s", leaf.NotAfter.UTC().Format(time.DateTime+" UTC"))
			case now.Before(leaf.NotBefore):
				p.fail(nil, "not-yet-valid", "the certificate is valid only from %s", leaf.NotBefore.UTC().Format(time.DateTime+" UTC"))
				f := &p.result.Findings[len(p.result.Findings)-1]
				f.Cause, f.Fix = "the clock of this machine or of the one that issued the certificate is wrong", "set the clocks, and issue the certificate again if it was that one"
			}
		}))
}

func expiresLater() *Check {
	c := tlsCheck("expiry-soon", "the certificate does not expire soon", Should, Judgement,
		"The certificate is valid for more than 14 days, or a third of its lifetime if that is shorter.", srcOurs,
		"A handshake; the days until the certificate expires are counted.",
		Doc{
			Passes:       "More than 14 days are left, or a third of the lifetime if that is less; fewer warn.",
			Alternatives: "Certificates of a few days that are renewed in time.",

			Why: "An outage is ahead, and there may still be time to avoid it.", Cause: "automatic renewal does not work", Fix: "renew the certificate now and see why that did not happen by itself",
		},
		withCertificate(func(p *Pass, _ *handshake, leaf *x509.Certificate) {
			left := time.Until(leaf.NotAfter)
			wanted := min(14*24*time.Hour, leaf.NotAfter.Sub(leaf.NotBefore)/3)
			p.measure("left", left.Hours()/24, "days")
			if left <= wanted {
				p.fail(nil, "expires-soon", "the certificate expires in %.1f days, on %s", left.Hours()/24, leaf.NotAfter.UTC().Format(time.DateOnly))
			}
		}))
	c.Implied = []string{"tls/validity"}
	return c
}

func strongKey() *Check {
	return tlsCheck("key", "the certificate's key and signature are strong", Should, Judgement,
		"The key is RSA of 2048 bits or more, or an elliptic curve of 256 or more; the signature is not SHA-1 or MD5.", srcOurs+"; CA/Browser Forum baseline requirements §6.1.5",
		"A handshake; the key and the signature of the server's certificate are read.",
		Doc{
			Passes:       "RSA of 2048 bits or more, or an elliptic curve of 256 or more, and no signature of SHA-1, MD5 or MD2; else it warns.",
			Alternatives: "A root's own signature counts for nothing, so a self-signed certificate may have any.",

			Why: "Senders may refuse weak keys at any time, as browsers do.", Cause: "an old or home-made certificate", Fix: "get a new certificate with an ECDSA P-256 or RSA 2048 key",
		},
		withCertificate(func(p *Pass, _ *handshake, leaf *x509.Certificate) {
			if bits, kind := keySize(leaf); bits > 0 && (kind == "RSA" && bits < 2048 || kind != "RSA" && bits < 256) {
				p.fail(nil, "weak-key", "the certificate's key is %s of %d bits", kind, bits)
			}
			switch leaf.SignatureAlgorithm {
			case x509.SHA1WithRSA, x509.ECDSAWithSHA1, x509.DSAWithSHA1, x509.MD5WithRSA, x509.MD2WithRSA:
				if fmt.Sprint(leaf.Issuer) != fmt.Sprint(leaf.Subject) { // a root's own signature is not verified
					p.fail(nil, "weak-signature", "the certificate is signed with %s", leaf.SignatureAlgorithm)
				}
			}
		}))
}
