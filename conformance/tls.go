package conformance

import (
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"regexp"
	"time"
)

// handshake is one TLS handshake with the target. Nothing secret is sent on it,
// so that certificates can be judged instead of trusted.
type handshake struct {
	state     tls.ConnectionState
	err       error
	dialErr   error // no TCP connection, so no handshake
	requested bool  // the server asked for a client certificate
	mandatory bool  // and went no further without one
	took      time.Duration
}

func (h *handshake) leaf() *x509.Certificate {
	if len(h.state.PeerCertificates) == 0 {
		return nil
	}
	return h.state.PeerCertificates[0]
}

// alertWait is how long a server of TLS 1.3 has to refuse a handshake that
// lacks a client certificate: it does so only after the client's last message.
const alertWait = 300 * time.Millisecond

// shake makes a handshake; adjust, if any, changes what is offered.
func (s *session) shake(ctx context.Context, adjust func(*tls.Config)) (h handshake) {
	ctx, cancel := context.WithTimeout(ctx, 2*connectLimit)
	defer cancel()
	raw, err := s.net.dial(ctx, "tcp", "")
	if err != nil {
		h.err, h.dialErr = err, err
		return h
	}
	defer raw.Close()
	config := &tls.Config{
		ServerName:         s.target.Hostname(),
		InsecureSkipVerify: true, // the certificate is what is examined
		MinVersion:         tls.VersionTLS12,
		GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
			h.requested = true
			return &tls.Certificate{}, nil
		},
	}
	if adjust != nil {
		adjust(config)
	}
	conn := tls.Client(raw, config)
	start := time.Now()
	h.err = conn.HandshakeContext(ctx)
	h.took = time.Since(start)
	h.state = conn.ConnectionState()
	switch {
	case h.err != nil:
		h.mandatory = h.requested && isAlert(h.err)
	case h.requested && h.state.Version == tls.VersionTLS13:
		err := conn.SetReadDeadline(time.Now().Add(max(alertWait, 4*s.net.roundTrip())))
		if err == nil {
			_, err = conn.Read(make([]byte, 1))
		}
		h.mandatory = err != nil && !isTimeout(err)
	}
	return h
}

func isTimeout(err error) bool {
	var t interface{ Timeout() bool }
	return errors.As(err, &t) && t.Timeout()
}

// verify checks the chain that the server sent against the run's roots at time
// at, whatever the host name. Missing intermediates are not fetched: senders do
// not fetch them either.
func (s *session) verify(state *tls.ConnectionState, at time.Time) error {
	pool := x509.NewCertPool()
	for _, c := range state.PeerCertificates[1:] {
		pool.AddCert(c)
	}
	_, err := state.PeerCertificates[0].Verify(x509.VerifyOptions{
		Roots: s.opts.RootCAs, Intermediates: pool, CurrentTime: at, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	})
	return err
}

// isAlert tells whether a handshake ended because the server said so.
func isAlert(err error) bool {
	op, ok := errors.AsType[*net.OpError](err)
	return ok && op.Op == "remote error"
}

// unsupportedVersion matches what crypto/tls says, as text only, when there is
// no common version: the server's alert, or its choice of one not offered.
var unsupportedVersion = regexp.MustCompile(`protocol version|unsupported version|unsupported SSLv2`)

// versionRefused tells whether a handshake ended for want of a common version.
func versionRefused(err error) bool {
	return err != nil && unsupportedVersion.MatchString(err.Error())
}

// keySize returns the size of a certificate's key in bits, 0 if it is of a kind unknown here.
func keySize(c *x509.Certificate) (bits int, kind string) {
	switch k := c.PublicKey.(type) {
	case *rsa.PublicKey:
		return k.N.BitLen(), "RSA"
	case *ecdsa.PublicKey:
		return k.Params().BitSize, "ECDSA"
	case ed25519.PublicKey:
		return 8 * len(k), "Ed25519"
	default:
		return 0, ""
	}
}
