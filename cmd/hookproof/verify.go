package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"hookproof/conformance"
	"hookproof/reports/certificate"
)

func (p *program) verify() *cobra.Command {
	var keyFile, target string
	var asJSON, anyCatalogue bool
	cmd := &cobra.Command{
		Use:   "verify FILE",
		Short: "Check a certificate that certify --sign wrote, without a network",
		Long: `Check that a certificate was signed with a key, is not older than 30 days, and is of the checks that
this build of hookproof has. FILE - is standard input.

The status is 0 if it counts, 1 if it was changed or signed with another key, has expired or is of
another target, and 3 if its checks are those of another version.`,
		Example: `  hookproof verify hookproof.intoto.json --key key.pub.pem
  hookproof verify hookproof.intoto.json --key key.pub.pem --target https://example.com/webhook --json`,
		Args: exactly(1, "one file"),
		RunE: func(_ *cobra.Command, args []string) error {
			if keyFile == "" {
				return usagef("--key: want the public key of whoever signed the certificate")
			}
			text, err := readBounded(keyFile, maxConfig)
			if err != nil {
				return usagef("--key %q: %w", keyFile, err)
			}
			key, err := certificate.ReadPublicKey(bytes.NewReader(text))
			if err != nil {
				return usagef("--key %q: %w", keyFile, err)
			}
			in := p.stdin
			if args[0] != "-" {
				file, err := os.Open(args[0])
				if err != nil {
					return usagef("%q: cannot be read: %w", args[0], cause(err))
				}
				defer file.Close()
				in = file
			}
			o := certificate.VerifyOptions{Now: time.Now(), Catalogue: conformance.Catalogue()}
			if anyCatalogue {
				o.Catalogue = ""
			}
			c, err := certificate.Verify(in, key, o)
			if err == nil && target != "" && target != c.Target {
				err = &otherTargetError{c.Target}
			}
			return p.tellCertificate(args[0], c, err, asJSON)
		},
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVar(&keyFile, "key", "", "public Ed25519 key in this PEM `FILE`")
	flags.StringVar(&target, "target", "", "the certificate has to be of this `URL`")
	flags.BoolVar(&anyCatalogue, "any-catalogue", false, "take the checks of another version of hookproof as well")
	flags.BoolVar(&asJSON, "json", false, "print a JSON object with the certificate and what is wrong with it")
	return cmd
}

type otherTargetError struct{ target string }

func (e *otherTargetError) Error() string { return "of another target: " + e.target }

// tellCertificate prints a certificate that was signed with the key, and ends with the
// status of what is wrong with it.
func (p *program) tellCertificate(name string, c *certificate.Certificate, problem error, asJSON bool) error {
	status := statusFine
	_, expired := errors.AsType[*certificate.ExpiredError](problem)
	_, foreign := errors.AsType[*certificate.CatalogueError](problem)
	_, other := errors.AsType[*otherTargetError](problem)
	switch {
	case expired, other, errors.Is(problem, certificate.ErrSignature):
		status = statusInvalid
	case foreign:
		status = statusFailed
	case problem != nil:
		return usagef("%q: %w", name, problem)
	}
	var err error
	if asJSON {
		said := struct {
			Valid       bool                     `json:"valid"`
			Problem     string                   `json:"problem,omitempty"`
			Certificate *certificate.Certificate `json:"certificate,omitempty"`
		}{Valid: problem == nil, Certificate: c}
		if problem != nil {
			said.Problem = problem.Error()
		}
		err = writeJSON(p.stdout, said)
	} else if c != nil {
		_, err = fmt.Fprint(p.stdout, certificateText(c))
	}
	switch {
	case err != nil:
		return err
	case problem == nil && !asJSON:
		_, err = fmt.Fprintln(p.stdout, "verdict: valid")
		return err
	case problem == nil:
		return nil
	}
	return &exitError{status, fmt.Errorf("%q: %w", name, problem)}
}

func certificateText(c *certificate.Certificate) string {
	var b strings.Builder
	row := func(label, format string, args ...any) {
		fmt.Fprintf(&b, "%-12s%s\n", label, printable(fmt.Sprintf(format, args...)))
	}
	row("Target", "%s", c.Target)
	row("Profiles", "%s", strings.Join(c.Profiles, ", "))
	for _, l := range []struct {
		level  conformance.Level
		counts conformance.Counts
	}{{conformance.Must, c.Counts.Must}, {conformance.Should, c.Counts.Should}, {conformance.May, c.Counts.May}} {
		row(string(l.level), "%d passed, %d failed, %d warned, %d not applicable or left out",
			l.counts.Passed+l.counts.Informed, l.counts.Failed, l.counts.Warned, l.counts.Skipped+l.counts.NotSelected+l.counts.Inconclusive+l.counts.Errored)
	}
	for _, w := range c.Waivers {
		row("Waived", "%s until %s by %s: %s", w.Check, w.Expires, w.Owner, w.Reason)
	}
	if !c.Authenticated {
		row("Note", "unauthenticated: the receiver has no Basic auth")
	}
	row("Tried", "%s to %s, seed %d", c.Started.Format(time.DateTime), c.Ended.Format(time.DateTime+" MST"), c.Seed)
	row("Expires", "%s", c.Expires.Format(time.DateTime+" MST"))
	row("By", "%s %s, run %s", c.Tool.Name, c.Tool.Version, c.Run)
	row("Catalogue", "%s", c.Catalogue)
	row("Setup", "%s", c.Configuration)
	row("Key", "%s", c.KeyID)
	return b.String()
}
