package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"hookproof/mockserver"
	"hookproof/mockserver/queue"
)

func (p *program) serve() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Run a mock CometChat: the management API, events, deliveries with retries, a dashboard",
		Long: `Run CometChat's side of webhooks on this machine. A program written for the real management API works
with it by changing only the host. Events are fired on the control surface, or from the dashboard, and
delivered as CometChat does: Basic auth, 2s for an answer, retries after 10s and 30s for webhooks with
retryOnFailure.

The first line on standard output is a JSON object with the URLs of the management API, the control
surface and the dashboard, and with the app, the key and the secret. Without --key and --secret they
are made for this run. Everything is kept in memory unless --data or --nats is given.

Interrupt it to stop: attempts under way are finished, and with --data or --nats the others wait for
the next start.`,
		Example: `  hookproof serve --allow-http --allow-private
  hookproof serve --port 8700 --data ./mock --app app0001
  hookproof serve --config mock.yaml --time-scale 0.01
  hookproof serve --nats nats://127.0.0.1:4222 --no-worker`,
		Args: exactly(0, "none"),
	}
	f := addServeFlags(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return p.runServer(cmd.Context(), f) }
	return cmd
}

// serving is the first line of serve.
type serving struct {
	Management string `json:"management"`
	Control    string `json:"control"`
	Dashboard  string `json:"dashboard"`
	App        string `json:"app,omitempty"` // these three if there is one account with one app
	Key        string `json:"key,omitempty"`
	Secret     string `json:"secret,omitempty"`
	Data       string `json:"data,omitempty"` // directory
	NATS       string `json:"nats,omitempty"` // where workers can connect, with its token
	CA         string `json:"ca,omitempty"`   // file of the authority's certificate
}

// runServer runs the server until ctx ends.
func (p *program) runServer(ctx context.Context, f *serveFlags) error {
	memory := newCollector()
	defer memory.stop()
	warn := &warnings{w: p.stderr}
	log := logTo(warn, f.verbose)
	o, err := f.options(p, log)
	if err != nil {
		return err
	}
	listeners, err := f.listen(ctx, p)
	if err != nil {
		return err
	}
	defer listeners.close()
	go mockserver.Warm()
	q, err := f.queue.open(ctx, p, log)
	if err != nil {
		return err
	}
	err = p.serveFrom(ctx, f, o, q, listeners, warn, memory)
	return errors.Join(err, q.Close())
}

// serveFrom serves what is in a queue.
func (p *program) serveFrom(ctx context.Context, f *serveFlags, o mockserver.Options, q *queue.Queue, l *serveListeners, warn *warnings, memory *collector) error {
	line := serving{Data: f.queue.data, NATS: f.queue.address(q)}
	if err := l.secure(f, &line); err != nil {
		return err
	}
	defer l.remove()
	line.Management = localURL(l.management.Addr(), l.certificate != nil, "")
	line.Control = localURL(l.control.Addr(), l.certificate != nil, "")
	line.Dashboard = localURL(l.control.Addr(), l.certificate != nil, "/")
	if len(o.Accounts) == 1 && len(o.Accounts[0].Apps) == 1 {
		a := o.Accounts[0]
		line.App, line.Key, line.Secret = a.Apps[0].ID, a.Key, a.Secret
	}
	o.ManagementURL = line.Management
	s, err := mockserver.New(q, o)
	if err != nil {
		return usagef("%s: %w", f.accountsFrom(), err)
	}
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return s.Run(ctx) })
	g.Go(func() error {
		return serve(ctx, newServer(s.Management(), 0, warn), l.management, l.certificate)
	})
	g.Go(func() error {
		server := newServer(s.Control(), 0, warn)
		server.WriteTimeout = 0 // streams go on
		return serve(ctx, server, l.control, l.certificate)
	})
	g.Go(func() error {
		if err := s.Ready(ctx); err != nil {
			return err
		}
		l.warn(warn)
		if f.given("fault") {
			if err := s.SetFaults(ctx, mockserver.FaultRules{All: f.faults.Faults}); err != nil {
				return err
			}
		}
		if rules := s.Faults(); rules.Any() {
			warn.printf("warning: faults are on: %s", rules)
		}
		if err := writeJSONLine(p.stdout, line); err != nil {
			return err
		}
		memory.run(ctx)
		return nil
	})
	if err := g.Wait(); err != nil && !errors.Is(err, context.Canceled) {
		return fmt.Errorf("serve: %w", err)
	}
	return nil
}

// logTo is a logger of lines for people.
func logTo(w *warnings, verbose bool) *slog.Logger {
	level := slog.LevelWarn
	if verbose {
		level = slog.LevelDebug
	}
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: level}))
}
