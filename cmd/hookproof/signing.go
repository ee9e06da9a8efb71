package main

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"io"
	"slices"

	"hookproof/conformance"
	"hookproof/reports/certificate"
)

// signing is what --sign asks for: a certificate of the run.
type signing struct {
	keyFile, output string
	key             ed25519.PrivateKey
	file            *newFile
}

// defaultCertificate is where a certificate goes if --certificate does not say.
const defaultCertificate = "hookproof.intoto.json"

// open finds out, before anything is sent, whether a certificate can be signed and
// written; reports are the files that have something else coming.
func (s *signing) open(outputGiven bool, reports []string) error {
	if s.keyFile == "" {
		if outputGiven {
			return usagef("--certificate: goes with --sign KEY")
		}
		return nil
	}
	text, err := readBounded(s.keyFile, maxConfig)
	if err != nil {
		return usagef("--sign %q: %w", s.keyFile, err)
	}
	if s.key, err = certificate.ReadPrivateKey(bytes.NewReader(text)); err != nil {
		return usagef("--sign %q: %w", s.keyFile, err)
	}
	if sameFile(s.keyFile, s.output) {
		return usagef("--certificate %q: is the key itself, which would be lost: want another file", s.output)
	}
	if s.file, err = openNew(s.output); err != nil {
		return usagef("--certificate %q: %w", s.output, err)
	}
	if slices.Contains(reports, s.file.path) {
		return usagef("--certificate %q: a report goes to this file: want one file each", s.output)
	}
	return nil
}

// write writes the certificate. A run that does not conform gives none, which its
// report has said; one that conforms and cannot certify is undecided.
func (s *signing) write(p *program, r *conformance.Report) error {
	if s.key == nil {
		return nil
	}
	text, err := certificate.Sign(r, s.key)
	if refused, ok := errors.AsType[*certificate.RefusedError](err); ok {
		if r.Verdict != conformance.Conforms {
			say(p.stderr, "%s\n", printable(refused.Error()))
			return nil
		}
		return &exitError{statusFailed, refused}
	}
	if err != nil {
		return err
	}
	if err := s.file.write(func(w io.Writer) error { _, err := w.Write(text); return err }); err != nil {
		return err
	}
	say(p.stderr, "certificate written to %s\n", printable(s.output))
	return nil
}
