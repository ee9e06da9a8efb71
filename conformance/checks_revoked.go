package conformance

import (
	"crypto/x509"
	"time"

	"golang.org/x/crypto/ocsp"
)

func notRevoked() *Check {
	c := tlsCheck("revoked", "the certificate is not revoked", Should, Standard,
		"The status of the certificate that the server staples is not revoked.", "RFC 6960 §2.2; RFC 6066 §8",
		"The OCSP answer that comes with the handshake is read and its signature verified; nothing is asked elsewhere.",
		Doc{
			Passes:       "It does not say revoked; revoked warns. Unknown, and an answer that cannot be verified, inform.",
			Alternatives: "No stapled answer at all.",

			Why: "A sender that looks at the status refuses a revoked certificate.", Cause: "the certificate was revoked, as authorities do with a leaked key or a mistake of their own",
			Fix: "get a new certificate with a new key",
		},
		withCertificate(func(p *Pass, h *handshake, leaf *x509.Certificate) {
			if len(h.state.OCSPResponse) == 0 || len(h.state.PeerCertificates) < 2 {
				return
			}
			r, err := ocsp.ParseResponseForCert(h.state.OCSPResponse, leaf, h.state.PeerCertificates[1])
			switch {
			case err != nil:
				p.info(nil, "unreadable", "the stapled status of the certificate cannot be verified: %v", err)
			case r.Status == ocsp.Revoked:
				p.fail(nil, "revoked", "the certificate was revoked on %s", r.RevokedAt.UTC().Format(time.DateOnly))
			case r.Status == ocsp.Unknown:
				p.info(nil, "unknown", "the certificate's authority says that it does not know it")
			}
		}))
	return c
}
