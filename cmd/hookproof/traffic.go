package main

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/spf13/cobra"

	"hookproof/mockserver/traffic"
	"hookproof/reports/load"
)

// trafficFlags are the flags of traffic as they were typed.
type trafficFlags struct {
	auth             *credentials
	people           worldFlags
	rate             trafficRate
	duration, warmup time.Duration
	arrival          *choice
	http1, http2     bool
	connections      int
	failIf           conditions
	ordered          bool
	scenario         string
	reports          reportFlags[load.Format]
	compare          string
	log, caFile      string
	config           string
	allowHTTP, yes   bool
	json, quiet      bool
	given            func(string) bool
	queue            queueFlags
	workers          trafficWorkers
}

func (p *program) traffic() *cobra.Command {
	f := &trafficFlags{rate: 10, reports: reportFlags[load.Format]{lookup: load.Lookup, names: loadFormatNames()}}
	cmd := &cobra.Command{
		Use:   "traffic URL",
		Short: "Send realistic events on a schedule and measure the answers",
		Long: `Send the events of a world that lives to the receiver at URL, on a schedule that does not wait for
answers, and say how it went.

Latency counts from when an event was due, so that what had to wait for a slow receiver is not left
out. When all connections are busy, events wait, and the report says how many; when this machine
cannot keep the schedule, the report says so and the status is 3. --rate max sends as fast as answers
come, on each connection, and measures throughput.

--fail-if takes conditions between commas: p50 to p99.99, mean or max of the latency (service.p99 from
when it was sent, deviation.p99 of the schedule), errors and timeouts as a percentage or number, and
rate. The status is 1 if one of them is true. A public URL needs --yes, --rate and --duration.

With --nats the workers of a queue send, on any number of machines (hookproof worker): each a share of
every second, on a common clock, and what they measure is merged without loss.

--report json=FILE keeps the result, which hookproof report shows in every other format later, beside
another one with --compare.`,
		Example: `  hookproof traffic http://127.0.0.1:8080/webhook --rate 500/s --duration 30s
  hookproof traffic http://127.0.0.1:8080/ --rate 900/s --arrival poisson --fail-if 'p99>500ms'
  hookproof traffic http://127.0.0.1:8080/ --rate 200/s --report html=run.html --report json=run.json
  hookproof traffic http://127.0.0.1:8080/webhook --rate max --connections 64 --json
  hookproof traffic https://hooks.test/ --rate 9000/s --duration 1m --yes --nats nats://10.0.0.7:4222`,
		Args: targetOrConfig,
		RunE: func(cmd *cobra.Command, args []string) error {
			target, err := p.configure(cmd, args, f.config, f.auth)
			if err != nil {
				return err
			}
			return p.sendTraffic(cmd.Context(), target, f)
		},
	}
	f.auth = addCredentials(cmd, "auth", "HOOKPROOF_AUTH", "Basic auth of the webhook")
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.Var(&f.rate, "rate", "events that are due in a second, minute or hour: `RATE` such as 500/s or 90/m, at most 1000000/s, or max (default 10/s)")
	flags.DurationVar(&f.duration, "duration", 10*time.Second, "how long events are due, at most 168h")
	flags.DurationVar(&f.warmup, "warmup", 0, "leave the first part out of the measurements")
	var models []string
	for _, m := range traffic.Models() {
		models = append(models, string(m))
	}
	f.arrival = addChoice(cmd, "arrival", "how events are spread over time, up to the rate", models)
	flags.IntVar(&f.connections, "connections", traffic.DefaultConnections, "at most `N` requests under way at once, 1 to 4096")
	flags.BoolVar(&f.http1, "http1", false, "HTTP/1.1, which is the default")
	flags.BoolVar(&f.http2, "http2", false, "HTTP/2")
	flags.Var(&f.failIf, "fail-if", "end with status 1 if one of these `CONDITIONS` is true")
	flags.BoolVar(&f.ordered, "ordered", false, "of a conversation, group or user, send an event only when the one before it was answered")
	f.people.add(cmd)
	flags.StringVar(&f.scenario, "scenario", "", "instead of a world's, the events of the scenario of this `NAME`, or in this FILE, again and again")
	completeOrFile(cmd, "scenario", scenarioNames())
	flags.Var(&f.reports, "report", "write a report as FORMAT=FILE: text, json, junit, markdown or html; repeatable; FILE - is standard output")
	flags.StringVar(&f.compare, "compare", "", "show the run beside an older one, saved in `FILE` by --report json")
	f.queue.add(cmd)
	flags.Var(&f.workers, "workers", "`NUMBER` of workers that must be there, or auto: those that are (default auto)")
	flags.StringVar(&f.log, "log", "", "write a JSON object for each event to `FILE`")
	flags.StringVar(&f.config, "config", "", "read target and flags of this YAML `FILE` (default hookproof.yaml, if it is there)")
	flags.StringVar(&f.caFile, "ca-file", "", "trust the certificates of this PEM `FILE` instead of the system's")
	flags.BoolVar(&f.allowHTTP, "allow-http", false, "send credentials over http to a public address, where anyone on the way can read them")
	flags.BoolVar(&f.yes, "yes", false, "the public receiver at URL is mine to load")
	flags.BoolVar(&f.json, "json", false, "print the result as JSON, histograms included")
	flags.BoolVar(&f.quiet, "quiet", false, "no progress on standard error")
	f.given = flags.Changed
	return cmd
}

// sendTraffic makes the run.
func (p *program) sendTraffic(ctx context.Context, target string, f *trafficFlags) error {
	if err := withoutCredentials("URL", target, f.auth); err != nil {
		return err
	}
	plan, err := f.plan(p, target)
	if err != nil {
		return err
	}
	o, err := plan.options()
	if err != nil {
		return err
	}
	to, err := f.openReports(p)
	if err != nil {
		return err
	}
	if !f.given("seed") {
		say(p.stderr, "seed %d: --seed repeats these events\n", f.people.seed)
	}
	var log *trafficLog
	if f.log != "" {
		file, err := openNew(f.log)
		if err != nil {
			return usagef("--log %q: %w", f.log, err)
		}
		log = newTrafficLog(file)
		defer log.drop()
		o.Log = log.add
	}
	if width := p.width(p.stderr); !f.quiet && p.terminal(p.stderr) && width > 1 {
		o.Progress = func(s traffic.Progress) {
			line := trafficProgress(s, o)
			say(p.stderr, "\r\x1b[K%s", line[:min(len(line), width-1)])
		}
	}
	res, err := p.runTraffic(ctx, f, plan, o)
	if o.Progress != nil {
		say(p.stderr, "\r\x1b[K")
	}
	if err != nil {
		return err
	}
	report := load.New(readBuild().Version, res, f.failIf.list)
	err = to.write(report)
	if log != nil {
		err = errors.Join(err, log.end())
	}
	if err != nil {
		return err
	}
	return trafficVerdict(report, p.stderr)
}

// runTraffic makes the run here, or has workers make it.
func (p *program) runTraffic(ctx context.Context, f *trafficFlags, plan *trafficPlan, o traffic.Options) (*traffic.Result, error) {
	if _, err := o.Endpoint.NewRequest(ctx, nil); err != nil {
		return nil, usagef("URL: want an http or https URL such as https://example.com/webhook")
	}
	if f.distributed() {
		return p.shareTraffic(ctx, f, plan, o)
	}
	var err error
	if o.Source, err = plan.source(0, 0); err != nil {
		return nil, err
	}
	return traffic.Run(ctx, o)
}

// trafficVerdict is the exit of a run.
func trafficVerdict(r *load.Report, w io.Writer) error {
	failed := false
	for _, c := range r.Conditions {
		if c.True {
			failed = true
			say(w, "failed: %s: it is %s\n", c.Text, c.Value)
		}
	}
	switch {
	case r.Result.Interrupted:
		return errors.New("interrupted")
	case r.Bottleneck != traffic.NoBottleneck:
		return &exitError{statusFailed, errors.New(load.BottleneckWords(r.Bottleneck))}
	case failed:
		return &exitError{status: statusInvalid}
	}
	return nil
}
