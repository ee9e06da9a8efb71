package certificate

import (
	"context"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/secure-systems-lab/go-securesystemslib/dsse"
)

// MaxSize bounds a certificate, in bytes (1 MiB).
const MaxSize = 1 << 20

// ErrSignature is that of a certificate that was changed, or signed with another key.
var ErrSignature = errors.New("the signature is not valid: the certificate was changed, or signed with another key")

// ExpiredError is that of a certificate whose time is over.
type ExpiredError struct{ Expired time.Time }

func (e *ExpiredError) Error() string {
	return fmt.Sprintf("expired on %s: certify the receiver again", e.Expired.UTC().Format(time.DateOnly))
}

// CatalogueError is that of a certificate whose checks are not those of this build.
type CatalogueError struct {
	Catalogue string // of the certificate
	Version   string // of the hookproof that wrote it
}

func (e *CatalogueError) Error() string {
	return fmt.Sprintf("another catalogue: the checks are those of hookproof %s, not of this one; verify it with that version", e.Version)
}

// VerifyOptions say against what a certificate is checked.
type VerifyOptions struct {
	Now       time.Time // the zero value is not checked
	Catalogue string    // that the certificate has to have; "" is any
}

// Verify checks a certificate that [Sign] made. A certificate that was signed with the
// key comes back even with an error, [*ExpiredError] or [*CatalogueError]; with any other
// error there is none. The others are [ErrSignature] and those of text that is no
// certificate or longer than [MaxSize].
func Verify(r io.Reader, key ed25519.PublicKey, o VerifyOptions) (*Certificate, error) {
	text, err := io.ReadAll(io.LimitReader(r, MaxSize+1))
	if err != nil {
		return nil, fmt.Errorf("read certificate: %w", err)
	}
	if len(text) > MaxSize {
		return nil, fmt.Errorf("not a certificate: more than %d bytes", MaxSize)
	}
	var envelope dsse.Envelope
	if err := json.Unmarshal(text, &envelope); err != nil || envelope.PayloadType != payloadType || len(envelope.Signatures) == 0 {
		return nil, errors.New("not a certificate: want a DSSE envelope with an in-toto statement, as certify --sign writes")
	}
	verifier, err := dsse.NewEnvelopeVerifier(verifying{key})
	if err != nil {
		return nil, fmt.Errorf("verify certificate: %w", err)
	}
	accepted, payload, err := verifier.VerifyAndDecode(context.Background(), &envelope)
	if err != nil || len(accepted) == 0 {
		return nil, ErrSignature
	}
	c, err := parseStatement(payload)
	if err != nil {
		return nil, fmt.Errorf("not a certificate: %w", err)
	}
	c.KeyID = accepted[0].KeyID
	if !o.Now.IsZero() && o.Now.After(c.Expires) {
		return c, &ExpiredError{c.Expires}
	}
	if o.Catalogue != "" && o.Catalogue != c.Catalogue {
		return c, &CatalogueError{c.Catalogue, c.Tool.Version}
	}
	return c, nil
}
