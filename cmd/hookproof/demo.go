package main

import (
	"context"
	"crypto/rand"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"hookproof/conformance"
	"hookproof/reports"
)

func (p *program) demo() *cobra.Command {
	var dir string
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Certify a reference receiver on this machine, to see how it goes",
		Long: `Start the reference receiver on the loopback interface, with TLS from an authority made on the spot,
try every check on it, print the report and write it in every format. Needs no network and no account.`,
		Example: "  hookproof demo",
		Args:    exactly(0, "none"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.demonstrate(cmd.Context(), dir)
		},
	}
	cmd.Flags().StringVar(&dir, "dir", "hookproof-report", "`DIRECTORY` for the reports")
	return cmd
}

func (p *program) demonstrate(ctx context.Context, dir string) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return usagef("--dir %q: cannot be made: %w", dir, cause(err))
	}
	files := &sinks{stdout: func(r *conformance.Report) error { return p.show(p.stdout, "text", r, false) }}
	for _, format := range reports.Formats() {
		name := filepath.Join(dir, "report"+format.Extension)
		file, err := openNew(name)
		if err != nil {
			return usagef("--dir %q: %w", dir, err)
		}
		files.files = append(files.files, reportFile{format, file})
	}
	report, err := p.certifyReference(ctx)
	if err != nil {
		return err
	}
	if err := files.write(report); err != nil {
		return err
	}
	say(p.stderr, "reports written to %s\n", printable(dir))
	return verdictError(report.Verdict)
}

// certifyReference runs every check on a reference receiver of its own.
func (p *program) certifyReference(ctx context.Context) (_ *conformance.Report, err error) {
	authority, certificate, err := newLocalCA(localHosts("127.0.0.1"))
	if err != nil {
		return nil, fmt.Errorf("make certificates: %w", err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(authority)
	ln, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen on the loopback interface: %w", rootCause(err))
	}
	o := receiverOptions{path: "/webhook", username: "hookproof", password: rand.Text()}
	l := newLedger(ledgerOptions{})
	serving, stop := context.WithCancel(context.WithoutCancel(ctx))
	served := make(chan error, 1)
	go func() { served <- serve(serving, newServer(newReceiver(o, l), 0, io.Discard), ln, &certificate) }()
	defer func() {
		stop()
		err = errors.Join(err, <-served)
		l.close(serving)
	}()
	return p.conduct(ctx, localURL(ln.Addr(), true, o.path), conformance.Options{
		Username: o.username, Password: o.password, Profile: "recommended", RootCAs: roots, Observe: l.effects,
	}, false)
}
