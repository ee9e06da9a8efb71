package main

import (
	"errors"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"hookproof/mockserver"
)

func (p *program) worker() *cobra.Command {
	var (
		queue   = queueFlags{existing: true}
		work    workFlags
		name    string
		verbose bool
	)
	cmd := &cobra.Command{
		Use:   "worker",
		Short: "Deliver for a mock CometChat, and send traffic, from this machine",
		Long: `Make the attempts of the deliveries that wait in a queue: that of a cluster of NATS servers, or that of a
hookproof serve that was given --nats-listen. Any number of workers share the work, and may come and
go: what one was doing when it died is done by another, a quarter of a minute later at most. They make
the runs of hookproof traffic --nats as well, each a share.

Interrupt it to stop: attempts under way are finished, the others are left to the other workers.`,
		Example: `  hookproof worker --nats nats://127.0.0.1:4222
  HOOKPROOF_NATS=nats://token@10.0.0.7:4222 hookproof worker --concurrency 16`,
		Args: exactly(0, "none"),
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	queue.add(cmd)
	work.add(cmd)
	flags.StringVar(&name, "name", "", "`NAME` of this worker in the records of attempts (default the machine's and the process's)")
	flags.BoolVarP(&verbose, "verbose", "v", false, "tell more on standard error")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if queue.nats.value(p.getenv) == "" {
			return usagef("--nats: want the URL of NATS servers, or of a hookproof serve --nats-listen")
		}
		warn := &warnings{w: p.stderr}
		log := logTo(warn, verbose)
		o, err := work.options(log)
		if err != nil {
			return err
		}
		o.Name = name
		q, err := queue.open(cmd.Context(), p, log)
		if err != nil {
			return err
		}
		w := mockserver.NewWorker(q, o)
		warn.printf("worker %s is at work", w.Name())
		work, ctx := errgroup.WithContext(cmd.Context())
		work.Go(func() error { return w.Run(ctx) })
		work.Go(func() error { return shareOfTraffic(ctx, q, w.Name(), log) })
		return errors.Join(work.Wait(), q.Close())
	}
	return cmd
}
