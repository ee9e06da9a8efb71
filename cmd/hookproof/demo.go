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
		Short: "Deliver to a reference receiver on this machine and certify it, to see how it goes",
		Long: `Start the reference receiver on the loopback interface, with TLS from an authority made on the spot, and
a mock CometChat beside it. Create a webhook through the management API, fire every trigger, show the
deliveries and a retry. Then try every check on the receiver, print the report and write it in every
format. Needs no network and no account.`,
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
		files.files = append(files.files, reportFile[reports.Format]{format, file})
	}
	report, err := p.tourAndCertify(ctx)
	if err != nil {
		return err
	}
	if err := files.write(report); err != nil {
		return err
	}
	say(p.stderr, "reports written to %s\n", printable(dir))
	return verdictError(report.Verdict)
}

// tourAndCertify shows the mock server at work on a reference receiver, and runs
// every check on that.
func (p *program) tourAndCertify(ctx context.Context) (_ *conformance.Report, err error) {
	r, err := startReference(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.stop()) }()
	if err := p.tour(ctx, r); err != nil {
		return nil, fmt.Errorf("mock server: %w", err)
	}
	say(p.stderr, "\ncertifying the receiver\n")
	return p.conduct(ctx, r.url, conformance.Options{
		Username: r.username, Password: r.password, Profile: "recommended", RootCAs: r.roots, Observe: r.ledger.effects,
	}, false)
}

// reference is a reference receiver that is listening.
type reference struct {
	url                string
	username, password string
	roots              *x509.CertPool
	ledger             *ledger
	stop               func() error
}

// startReference starts one that answers its first event with a failure.
func startReference(ctx context.Context) (*reference, error) {
	authority, certificate, err := newLocalCA(localHosts("127.0.0.1"))
	if err != nil {
		return nil, fmt.Errorf("make certificates: %w", err)
	}
	r := &reference{username: "hookproof", password: rand.Text(), roots: x509.NewCertPool(), ledger: newLedger(ledgerOptions{})}
	r.roots.AppendCertsFromPEM(authority)
	ln, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen on the loopback interface: %w", rootCause(err))
	}
	o := receiverOptions{path: "/webhook", username: r.username, password: r.password, failFirst: 1}
	r.url = localURL(ln.Addr(), true, o.path)
	serving, stop := context.WithCancel(context.WithoutCancel(ctx))
	served := make(chan error, 1)
	go func() { served <- serve(serving, newServer(newReceiver(o, r.ledger), 0, io.Discard), ln, &certificate) }()
	r.stop = func() error {
		stop()
		err := <-served
		r.ledger.close(serving)
		return err
	}
	return r, nil
}
