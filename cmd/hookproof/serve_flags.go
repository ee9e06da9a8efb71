package main

import (
	"crypto/rand"
	"errors"
	"log/slog"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"hookproof/mockserver"
	"hookproof/mockserver/delivery"
)

// serveFlags are the flags of serve as they were typed.
type serveFlags struct {
	listening   serveListening
	queue       queueFlags
	work        workFlags
	app, region string
	key, secret *secretFlag
	config      string

	allowHTTP, allowPrivate bool
	rateLimit               int
	seed                    uint64
	faults                  faultsFlag
	noWorker, verbose       bool

	given func(flag string) bool
}

func addServeFlags(cmd *cobra.Command) *serveFlags {
	f := &serveFlags{}
	flags := cmd.Flags()
	flags.SortFlags = false
	f.listening.add(cmd)
	flags.StringVar(&f.app, "app", "app0001", "`ID` of the app")
	f.key = addSecret(cmd, "key", "HOOKPROOF_KEY", "`KEY` of the account (default made for this run)")
	f.secret = addSecret(cmd, "secret", "HOOKPROOF_SECRET", "`SECRET` of the account (default made for this run)")
	flags.StringVar(&f.region, "region", "us", "`REGION` of the app: us, eu or in")
	complete(cmd, "region", mockserver.Regions())
	flags.StringVar(&f.config, "config", "", "accounts, apps and webhooks from this YAML `FILE`")
	flags.BoolVar(&f.allowHTTP, "allow-http", false, "take webhooks with http URLs, which CometChat refuses")
	flags.BoolVar(&f.allowPrivate, "allow-private", false, "take webhooks on loopback and private addresses, which CometChat refuses")
	flags.IntVar(&f.rateLimit, "rate-limit", 10_000, "requests a minute that the management API answers for an account; 0 is no limit")
	f.work.add(cmd)
	flags.BoolVar(&f.noWorker, "no-worker", false, "leave deliveries to hookproof worker elsewhere")
	flags.Var(&f.faults, "fault", "misbehave on purpose, as `KIND=PERCENT%`[:TIME], such as duplicate=5% or delay=20%:300ms; repeatable.\n"+
		"Kinds: "+faultKinds()+"; seed=N repeats a run's")
	flags.Uint64Var(&f.seed, "seed", 0, "of the events that are made: the same people and texts again (default a fresh one)")
	f.queue.addServer(cmd)
	flags.BoolVarP(&f.verbose, "verbose", "v", false, "tell more on standard error")
	f.given = flags.Changed
	return f
}

// faultsFlag is a flag that can be repeated and adds up.
type faultsFlag struct{ delivery.Faults }

// String is that of the default, which is none.
func (f *faultsFlag) String() string { return "" }
func (f *faultsFlag) Type() string   { return "FAULT" }

func faultKinds() string {
	var names []string
	for _, k := range delivery.FaultKinds() {
		names = append(names, string(k))
	}
	return strings.Join(names, ", ")
}

// options are what the flags come to.
func (f *serveFlags) options(p *program, log *slog.Logger) (mockserver.Options, error) {
	o := mockserver.Options{
		AllowHTTP: f.allowHTTP, AllowPrivate: f.allowPrivate, RatePerMinute: f.rateLimit,
		NoWorker: f.noWorker, Seed: f.seed, Token: f.listening.token.value(p.getenv), Log: log,
	}
	if f.rateLimit < 0 || f.rateLimit > 1_000_000 {
		return o, usagef("--rate-limit %d: want 0 to 1000000", f.rateLimit)
	}
	if f.rateLimit == 0 {
		o.RatePerMinute = -1
	}
	if !f.given("seed") {
		o.Seed = uint64(time.Now().UnixNano())
	}
	var err error
	if o.Worker, err = f.work.options(log); err != nil {
		return o, err
	}
	if f.config != "" {
		for _, flag := range []string{"app", "key", "secret", "region"} {
			if f.given(flag) {
				return o, usagef("--%s: --config has the accounts and apps: want one of the two", flag)
			}
		}
		o.Accounts, err = readConfig(f.config, p.getenv)
		return o, err
	}
	a := mockserver.Account{
		Key: f.key.value(p.getenv), Secret: f.secret.value(p.getenv),
		Apps: []mockserver.App{{ID: f.app, Region: f.region}},
	}
	for _, made := range []*string{&a.Key, &a.Secret} {
		if *made == "" {
			*made = strings.ToLower(rand.Text())
		}
	}
	o.Accounts = []mockserver.Account{a}
	return o, nil
}

// accountsFrom is what an error about the accounts names.
func (f *serveFlags) accountsFrom() string {
	if f.config != "" {
		return "--config " + printable(f.config)
	}
	return "--app, --key, --secret"
}

// secretFlag is a flag that no error and no help text repeats, or else an
// environment variable.
type secretFlag struct {
	given    string
	variable string
}

func (s *secretFlag) String() string { return "" }
func (s *secretFlag) Type() string   { return "TEXT" }

func (s *secretFlag) Set(v string) error {
	if v == "" {
		return errors.New("want a value, or leave the flag out")
	}
	s.given = v
	return nil
}

func (s *secretFlag) value(getenv func(string) string) string {
	if s.given != "" {
		return s.given
	}
	return getenv(s.variable)
}

func addSecret(cmd *cobra.Command, flag, variable, usage string) *secretFlag {
	s := &secretFlag{variable: variable}
	cmd.Flags().Var(s, flag, usage+"; better given as "+variable+", which keeps it out of the process list")
	return s
}

// workFlags are those of whoever delivers.
type workFlags struct {
	timeScale   timeScale
	concurrency int
	profile     *choice
	caFile      string
}

func (f *workFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.Var(&f.timeScale, "time-scale", "multiply the waits before retries by `NUMBER`, above 0 and at most 1")
	flags.IntVar(&f.concurrency, "concurrency", mockserver.DefaultConcurrency, "attempts at a time to one webhook, at most 1024")
	f.profile = addChoice(cmd, "profile", "shape of events and content type, as observed in live deliveries or as documented", []string{"live", "documented"})
	flags.StringVar(&f.caFile, "ca-file", "", "trust the certificates of this PEM `FILE` in receivers, instead of the system's")
}

func (f *workFlags) options(log *slog.Logger) (mockserver.WorkerOptions, error) {
	if f.concurrency < 1 || f.concurrency > mockserver.MaxConcurrency {
		return mockserver.WorkerOptions{}, usagef("--concurrency %d: want 1 to %d", f.concurrency, mockserver.MaxConcurrency)
	}
	roots, err := readRoots("ca-file", f.caFile)
	return mockserver.WorkerOptions{
		Concurrency: f.concurrency, TimeScale: float64(f.timeScale), Documented: f.profile.value == "documented",
		RootCAs: roots, Log: log,
	}, err
}
