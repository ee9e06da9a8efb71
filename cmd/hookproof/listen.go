package main

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"os"
	"time"

	"github.com/spf13/cobra"

	"hookproof/mockserver/delivery"
)

// drainTimeout is how long forwarding may go on after listen was told to stop.
const drainTimeout = 10 * time.Second

// listenFlags are the flags of listen as they were typed.
type listenFlags struct {
	addr, path, caOut   string
	tls, json           bool
	auth, forwardAuth   *credentials
	status, failFirst   int
	delay               time.Duration
	recordTo, forwardTo string
}

func (p *program) listen() *cobra.Command {
	f := &listenFlags{}
	cmd := &cobra.Command{
		Use:   "listen",
		Short: "Receive webhooks: judge every event against the contract, record and forward it",
		Long: `Run the reference receiver. It accepts what CometChat sends, answers at once, and prints a line an
event: whether it keeps the contract, and whether an event with its idempotency key came before.

The first line on standard output is a JSON object with its address, and with the file of its
authority's certificate if it listens with TLS. Interrupt it to stop: what it has accepted is
recorded and forwarded before it ends. Duplicates and events that it was told to answer with a
failure are recorded but not forwarded.`,
		Example: `  hookproof listen --tls --auth vendor:secret --ca-out ca.pem
  hookproof listen --addr 127.0.0.1:9000 --record events.ndjson --forward http://127.0.0.1:3000/webhook
  hookproof listen --fail-first 2 --json`,
		Args: exactly(0, "none"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := f.check(); err != nil {
				return err
			}
			return p.receive(cmd.Context(), f)
		},
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVar(&f.addr, "addr", "127.0.0.1:0", "`HOST:PORT` to listen on; port 0 is any that is free")
	flags.StringVar(&f.path, "path", "/", "`PATH` that events go to")
	flags.BoolVar(&f.tls, "tls", false, "listen with TLS, with a certificate of an authority made for this run")
	flags.StringVar(&f.caOut, "ca-out", "", "write the authority's certificate to `FILE` (default a temporary one, removed at the end)")
	f.auth = addCredentials(cmd, "auth", "HOOKPROOF_AUTH", "demand Basic auth")
	flags.IntVar(&f.status, "status", 200, "`STATUS` to answer events with, 200 to 599")
	flags.DurationVar(&f.delay, "delay", 0, "wait before answering an event, at most 1m")
	flags.IntVar(&f.failFirst, "fail-first", 0, "answer the first `N` events with 503, whatever --status says")
	flags.StringVar(&f.recordTo, "record", "", "append events to `FILE` as NDJSON, for validate")
	flags.StringVar(&f.forwardTo, "forward", "", "send accepted events on to `URL`, each once")
	f.forwardAuth = addCredentials(cmd, "forward-auth", "HOOKPROOF_FORWARD_AUTH", "Basic auth of --forward")
	flags.BoolVar(&f.json, "json", false, "print a JSON object an event")
	return cmd
}

func (f *listenFlags) check() error {
	switch {
	case f.status < 200 || f.status > 599:
		return usagef("--status %d: want 200 to 599", f.status)
	case f.delay < 0 || f.delay > time.Minute:
		return usagef("--delay %s: want 0 to 1m", f.delay)
	case f.failFirst < 0:
		return usagef("--fail-first %d: want 0 or more", f.failFirst)
	case f.path == "" || f.path[0] != '/':
		return usagef("--path %q: want a path that begins with /", f.path)
	case f.caOut != "" && !f.tls:
		return usagef("--ca-out: there is no authority without --tls")
	}
	return nil
}

// ready is the first line of listen.
type ready struct {
	URL  string `json:"url"`
	Auth bool   `json:"auth"`
	CA   string `json:"ca,omitempty"` // file of the authority's certificate
}

// receive runs the receiver until ctx ends.
func (p *program) receive(ctx context.Context, f *listenFlags) error {
	o := receiverOptions{path: f.path, status: f.status, delay: f.delay, failFirst: f.failFirst}
	var err error
	if o.username, o.password, err = f.auth.split(p.getenv); err != nil {
		return err
	}
	warn := &warnings{w: p.stderr}
	work := ledgerOptions{line: p.lines(f.json), warn: warn.printf}
	if work.forward, err = f.forwarder(p, warn.printf); err != nil {
		return err
	}
	if f.recordTo != "" {
		// Events hold what people wrote to each other: the file is the user's alone.
		file, err := os.OpenFile(f.recordTo, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
		if err != nil {
			return usagef("--record %q: cannot be written: %w", f.recordTo, cause(err))
		}
		defer file.Close()
		work.record = file
	}
	host, _, err := net.SplitHostPort(f.addr)
	if err != nil {
		return usagef("--addr %q: want HOST:PORT such as 127.0.0.1:8080", f.addr)
	}
	ln, err := (&net.ListenConfig{}).Listen(ctx, "tcp", f.addr)
	if err != nil {
		return usagef("--addr %q: cannot listen there: %w", f.addr, rootCause(err))
	}
	defer ln.Close()
	line := ready{Auth: o.username != ""}
	var certificate *tls.Certificate
	if f.tls {
		var remove func()
		if certificate, line.CA, remove, err = localAuthority(f.caOut, host); err != nil {
			return err
		}
		defer remove()
	}
	line.URL = localURL(ln.Addr(), f.tls, f.path)
	if !ln.Addr().(*net.TCPAddr).IP.IsLoopback() {
		warn.printf("warning: listening on %s, which other machines can reach", ln.Addr())
	}
	if err := writeJSONLine(p.stdout, line); err != nil {
		return err
	}
	l := newLedger(work)
	err = serve(ctx, newServer(newReceiver(o, l), f.delay, warn), ln, certificate)
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTimeout)
	defer cancel()
	sum := l.close(drain)
	sum.write(warn, work.forward != nil)
	switch {
	case err != nil:
		return err
	case sum.failed > 0:
		return fmt.Errorf("%d lines or records could not be written", sum.failed)
	case sum.unforwarded > 0:
		return fmt.Errorf("%d accepted events were not forwarded", sum.unforwarded)
	default:
		return nil
	}
}

// lines returns what prints an event.
func (p *program) lines(asJSON bool) func(*eventLine) error {
	if asJSON {
		return func(l *eventLine) error { return writeJSONLine(p.stdout, l) }
	}
	return func(l *eventLine) error {
		_, err := io.WriteString(p.stdout, l.text()+"\n")
		return err
	}
}

func (f *listenFlags) forwarder(p *program, warn func(string, ...any)) (*forwarder, error) {
	user, pass, err := f.forwardAuth.split(p.getenv)
	if err != nil || f.forwardTo == "" {
		return nil, err
	}
	if err := withoutCredentials("--forward", f.forwardTo, f.forwardAuth); err != nil {
		return nil, err
	}
	to, err := newForwarder(delivery.Endpoint{URL: f.forwardTo, Username: user, Password: pass}, warn)
	if err != nil {
		return nil, usagef("--forward: want an http or https URL such as http://127.0.0.1:3000/webhook")
	}
	return to, nil
}
