package main

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"hookproof/fixtures"
	"hookproof/mockserver/delivery"
	"hookproof/mockserver/traffic"
)

// trafficFlags are the flags of traffic as they were typed.
type trafficFlags struct {
	auth              *credentials
	people            worldFlags
	rate              trafficRate
	duration, warmup  time.Duration
	arrival, protocol *choice
	connections       int
	failIf            conditions
	ordered           bool
	log, caFile       string
	allowHTTP, yes    bool
	json, quiet       bool
	given             func(string) bool
}

func (p *program) traffic() *cobra.Command {
	f := &trafficFlags{rate: 10}
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
rate. The status is 1 if one of them is true. A public URL needs --yes, --rate and --duration.`,
		Example: `  hookproof traffic http://127.0.0.1:8080/webhook --rate 500/s --duration 30s
  hookproof traffic http://127.0.0.1:8080/ --rate 900/s --arrival poisson --fail-if 'p99>500ms'
  hookproof traffic http://127.0.0.1:8080/webhook --rate max --connections 64 --json`,
		Args: exactly(1, "a URL"),
		RunE: func(cmd *cobra.Command, args []string) error { return p.sendTraffic(cmd.Context(), args[0], f) },
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
	f.protocol = addChoice(cmd, "http", "version of HTTP", []string{"1", "2"})
	flags.Var(&f.failIf, "fail-if", "end with status 1 if one of these `CONDITIONS` is true")
	flags.BoolVar(&f.ordered, "ordered", false, "of a conversation, group or user, send an event only when the one before it was answered")
	f.people.add(cmd)
	flags.StringVar(&f.log, "log", "", "write a JSON object for each event to `FILE`")
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
	o, err := f.options(p, target)
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
	res, err := traffic.Run(ctx, o)
	if o.Progress != nil {
		say(p.stderr, "\r\x1b[K")
	}
	if err != nil {
		return usagef("URL: want an http or https URL such as https://example.com/webhook")
	}
	if f.json {
		err = writeJSON(p.stdout, res)
	} else {
		err = writeTraffic(p.stdout, res)
	}
	if err == nil && log != nil {
		err = log.end()
	}
	if err != nil {
		return err
	}
	return f.verdict(res, p.stderr)
}

// verdict is the exit of a run.
func (f *trafficFlags) verdict(r *traffic.Result, w io.Writer) error {
	failed := false
	for _, c := range f.failIf.list {
		if is, said := c.True(r); is {
			failed = true
			say(w, "failed: %s\n", said)
		}
	}
	switch b := r.Bottleneck(); {
	case r.Interrupted:
		return errors.New("interrupted")
	case b != traffic.NoBottleneck:
		return &exitError{statusFailed, errors.New(bottleneckWords(b))}
	case failed:
		return &exitError{status: statusInvalid}
	}
	return nil
}

// options makes the run's options of the flags.
func (f *trafficFlags) options(p *program, target string) (traffic.Options, error) {
	o := traffic.Options{
		Arrivals:    traffic.Arrivals{Model: traffic.Model(f.arrival.value), Rate: traffic.Rate(f.rate), Duration: f.duration},
		Warmup:      f.warmup,
		Connections: f.connections, HTTP2: f.protocol.value == "2",
	}
	switch {
	case f.duration <= 0 || f.duration > traffic.MaxDuration:
		return o, usagef("--duration %s: want above 0 and at most %s", f.duration, traffic.MaxDuration)
	case f.warmup < 0 || f.warmup >= f.duration:
		return o, usagef("--warmup %s: want 0 or more, and less than the duration of %s", f.warmup, f.duration)
	case f.connections < 1 || f.connections > traffic.MaxConnections:
		return o, usagef("--connections %d: want 1 to %d", f.connections, traffic.MaxConnections)
	case o.Arrivals.Rate == traffic.Max && f.given("arrival"):
		return o, usagef("--arrival: with --rate max nothing is scheduled: leave it out")
	}
	if public(target) && !(f.yes && f.given("rate") && f.given("duration")) {
		return o, usagef("URL: is a public address: want --yes, if it is yours to load, with --rate and --duration")
	}
	user, pass, err := f.auth.split(p.getenv)
	if err != nil {
		return o, err
	}
	o.Endpoint = delivery.Endpoint{URL: target, Username: user, Password: pass, ContentType: delivery.LiveContentType}
	if f.people.documented {
		o.Endpoint.ContentType = delivery.DocumentedContentType
	}
	if o.RootCAs, err = readRoots("ca-file", f.caFile); err != nil {
		return o, err
	}
	o.Dial = (&sendFlags{allowHTTP: f.allowHTTP}).dial(o.Endpoint)
	w, err := f.people.options(f.given("seed"))
	if err != nil {
		return o, err
	}
	w.AppID, w.WebhookID, w.UIDPrefix = "hookproof", "hookproof", "hpt-"
	w.Start = time.Now().Add(-time.Hour)
	if f.given("seed") {
		w.Start = time.Time{} // the same bytes each time
	}
	o.Arrivals.Seed = rand.New(rand.NewPCG(f.people.seed, 1)).Uint64()
	o.Source = worldSource{fixtures.NewWorld(w)}
	if f.ordered {
		o.Conversation = (&fixtures.Conversations{}).Of
	}
	return o, nil
}

// public reports whether a URL surely leads over other people's networks, or may.
func public(target string) bool {
	u, err := url.Parse(target)
	if err != nil {
		return false // it is refused for that
	}
	host := u.Hostname()
	if a, err := netip.ParseAddr(host); err == nil {
		return exposed(a)
	}
	return host != "localhost" && !strings.HasSuffix(host, ".localhost")
}

// worldSource is a world as a source of traffic.
type worldSource struct{ w *fixtures.World }

// Next implements traffic.Source.
func (s worldSource) Next(dst []byte) ([]byte, string) {
	all, trigger, _ := s.w.AppendNext(dst)
	return all, trigger
}

// trafficRate is a flag.
type trafficRate traffic.Rate

func (r *trafficRate) Type() string   { return "RATE" }
func (r *trafficRate) String() string { return traffic.Rate(*r).String() }
func (r *trafficRate) Set(text string) error {
	rate, err := traffic.ParseRate(text)
	*r = trafficRate(rate)
	return err
}

// conditions is a flag.
type conditions struct{ list []traffic.Condition }

func (c *conditions) Type() string { return "CONDITIONS" }
func (c *conditions) String() string {
	var all []string
	for _, one := range c.list {
		all = append(all, one.String())
	}
	return strings.Join(all, ",")
}

func (c *conditions) Set(text string) (err error) {
	c.list, err = traffic.ParseConditions(text)
	return err
}
