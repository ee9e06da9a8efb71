package certificate

import (
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"

	"github.com/secure-systems-lab/go-securesystemslib/dsse"

	"hookproof/conformance"
)

// Sign makes the certificate of a run: a DSSE envelope as indented JSON. Equal reports
// and keys give equal bytes. The error is a [*RefusedError] if the run cannot certify.
func Sign(r *conformance.Report, key ed25519.PrivateKey) ([]byte, error) {
	c, err := of(r)
	if err != nil {
		return nil, err
	}
	payload, err := statement(c)
	if err != nil {
		return nil, err
	}
	// protobuf varies its blanks on purpose, which would make no two signatures alike.
	payload, err = compact(payload)
	if err != nil {
		return nil, err
	}
	public, _ := key.Public().(ed25519.PublicKey)
	signer, err := dsse.NewEnvelopeSigner(signing{verifying{public}, key})
	if err != nil {
		return nil, fmt.Errorf("sign certificate: %w", err)
	}
	envelope, err := signer.SignPayload(context.Background(), payloadType, payload)
	if err != nil {
		return nil, fmt.Errorf("sign certificate: %w", err)
	}
	text, err := json.MarshalIndent(envelope, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("sign certificate: %w", err)
	}
	return append(text, '\n'), nil
}

func compact(text []byte) ([]byte, error) {
	var v any
	if err := json.Unmarshal(text, &v); err != nil {
		return nil, fmt.Errorf("make statement: %w", err)
	}
	return json.Marshal(v) // members in order of their names
}

// verifying is a public key as DSSE wants it, signing a private one.
type (
	verifying struct{ key ed25519.PublicKey }
	signing   struct {
		verifying
		private ed25519.PrivateKey
	}
)

func (v verifying) KeyID() (string, error) { return dsse.SHA256KeyID(v.key) }

func (v verifying) Public() crypto.PublicKey { return v.key }

func (v verifying) Verify(_ context.Context, data, sig []byte) error {
	if !ed25519.Verify(v.key, data, sig) {
		return errors.New("another key, or another text")
	}
	return nil
}

func (s signing) Sign(_ context.Context, data []byte) ([]byte, error) {
	return ed25519.Sign(s.private, data), nil
}

// maxKey bounds a key file, in bytes.
const maxKey = 64 << 10

// ReadPrivateKey reads an Ed25519 key in PKCS #8, as PEM: what
// openssl genpkey -algorithm ed25519 writes.
func ReadPrivateKey(r io.Reader) (ed25519.PrivateKey, error) {
	const want = "want a private Ed25519 key as PEM (openssl genpkey -algorithm ed25519)"
	der, err := readPEM(r, "PRIVATE KEY", want)
	if err != nil {
		return nil, err
	}
	key, err := x509.ParsePKCS8PrivateKey(der)
	private, ok := key.(ed25519.PrivateKey)
	if err != nil || !ok {
		return nil, errors.New(want)
	}
	return private, nil
}

// ReadPublicKey reads the public half in PKIX, as PEM: what openssl pkey -pubout writes.
func ReadPublicKey(r io.Reader) (ed25519.PublicKey, error) {
	const want = "want a public Ed25519 key as PEM (openssl pkey -in key.pem -pubout)"
	der, err := readPEM(r, "PUBLIC KEY", want)
	if err != nil {
		return nil, err
	}
	key, err := x509.ParsePKIXPublicKey(der)
	public, ok := key.(ed25519.PublicKey)
	if err != nil || !ok {
		return nil, errors.New(want)
	}
	return public, nil
}

func readPEM(r io.Reader, kind, want string) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxKey+1))
	if err != nil {
		return nil, fmt.Errorf("read key: %w", err)
	}
	block, _ := pem.Decode(text)
	if len(text) > maxKey || block == nil || block.Type != kind {
		return nil, errors.New(want)
	}
	return block.Bytes, nil
}
