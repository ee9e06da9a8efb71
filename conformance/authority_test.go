package conformance_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"time"

	"golang.org/x/crypto/ocsp"
)

// authority is a certificate authority made on the spot.
type authority struct {
	cert *x509.Certificate
	key  crypto.Signer
}

func newAuthority() *authority { return (*authority)(nil).issueCA("hookproof test root") }

func (a *authority) intermediate() *authority { return a.issueCA("hookproof test intermediate") }

// expired is an intermediate whose time is over.
func (a *authority) expired() *authority {
	return a.issueCAUntil("hookproof test expired", time.Now().Add(-day))
}

func (a *authority) issueCA(name string) *authority {
	return a.issueCAUntil(name, time.Now().Add(365*day))
}

func (a *authority) issueCAUntil(name string, until time.Time) *authority {
	key := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	template := &x509.Certificate{
		SerialNumber: serial(), Subject: pkix.Name{CommonName: name}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-365 * day), NotAfter: until, KeyUsage: x509.KeyUsageCertSign,
	}
	parent, signer := template, crypto.Signer(key)
	if a != nil {
		parent, signer = a.cert, a.key
	}
	der := must(x509.CreateCertificate(rand.Reader, template, parent, key.Public(), signer))
	return &authority{must(x509.ParseCertificate(der)), key}
}

func (a *authority) pool() *x509.CertPool {
	p := x509.NewCertPool()
	p.AddCert(a.cert)
	return p
}

// leafOptions are what may be wrong with a server's certificate.
type leafOptions struct {
	names      []string // nil is the right one
	from, to   time.Duration
	selfSigned bool
	issuer     *authority // nil is the authority itself
	chain      bool       // shows its issuer's certificate too
	alone      bool       // names an issuer's URL, as public authorities do
	rsa        int        // bits of an RSA key; 0 is ECDSA P-256
	revoked    bool       // and says so in what it staples
}

func (a *authority) leaf(o leafOptions) tls.Certificate {
	if o.names == nil {
		o.names = []string{host}
	}
	if o.to == 0 {
		o.from, o.to = -day, 89*day
	}
	template := &x509.Certificate{
		SerialNumber: serial(), Subject: pkix.Name{CommonName: host}, DNSNames: o.names,
		NotBefore: time.Now().Add(o.from), NotAfter: time.Now().Add(o.to),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	var key crypto.Signer = must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	if o.rsa > 0 {
		key = must(rsa.GenerateKey(rand.Reader, o.rsa))
	}
	issuer := a
	if o.issuer != nil {
		issuer = o.issuer
	}
	if o.alone {
		template.IssuingCertificateURL = []string{"http://authority.test/intermediate.crt"}
	}
	parent, signer := issuer.cert, issuer.key
	if o.selfSigned {
		parent, signer = template, key
	}
	der := must(x509.CreateCertificate(rand.Reader, template, parent, key.Public(), signer))
	shown := [][]byte{der}
	if o.chain {
		shown = append(shown, issuer.cert.Raw)
	}
	out := tls.Certificate{Certificate: shown, PrivateKey: key}
	if o.revoked {
		out.OCSPStaple = must(ocsp.CreateResponse(issuer.cert, issuer.cert, ocsp.Response{
			Status: ocsp.Revoked, SerialNumber: template.SerialNumber, RevokedAt: time.Now().Add(-day), ThisUpdate: time.Now().Add(-time.Hour), NextUpdate: time.Now().Add(day),
		}, issuer.key))
	}
	return out
}

func serial() *big.Int { return must(rand.Int(rand.Reader, big.NewInt(1<<62))) }

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
