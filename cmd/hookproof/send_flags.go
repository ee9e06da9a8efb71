package main

import (
	"cmp"
	"io"
	"time"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"hookproof/fixtures"
	"hookproof/mockserver/delivery"
	"hookproof/schemas"
)

// maxSendCount bounds the events of one send: they go out one after the other.
const maxSendCount = 100_000

// sendFlags are the flags of send as they were typed.
type sendFlags struct {
	auth                    *credentials
	profile                 *choice
	set                     settings
	bodyFrom                string
	force                   bool
	count                   int
	seed                    uint64
	app, region, webhookID  string
	retry                   bool
	timeScale               timeScale
	caFile, scenario        string
	speed                   speed
	allowHTTP, json, dryRun bool
	seedGiven               func() bool
}

func addSendFlags(cmd *cobra.Command) *sendFlags {
	f := &sendFlags{}
	f.auth = addCredentials(cmd, "auth", "HOOKPROOF_AUTH", "Basic auth of the webhook")
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.Var(&f.set, "set", "change the event: the value at PATH becomes VALUE; repeatable")
	flags.StringVar(&f.bodyFrom, "body", "", "send this `FILE` instead of a fresh event; - is standard input")
	flags.StringVar(&f.scenario, "scenario", "", "play the scenario of this `NAME`, or in this FILE, instead of a trigger")
	flags.Var(&f.speed, "speed", "of a scenario, how fast time passes: `FACTOR` such as 1x or 10x, or max for as fast as events are answered (default max)")
	completeOrFile(cmd, "scenario", scenarioNames())
	flags.BoolVar(&f.force, "force", false, "send what breaks the contract all the same")
	flags.IntVar(&f.count, "count", 1, "send `N` events, one after the other, at most 100000; copies if there is a --body")
	flags.Uint64Var(&f.seed, "seed", 0, "repeat, byte for byte, the events of the send that had this seed (default a fresh one)")
	flags.BoolVar(&f.retry, "retry", false, "send again what was not delivered, as CometChat does if told to: after 10s, then after 30s")
	flags.Var(&f.timeScale, "time-scale", "multiply these waits by `NUMBER`, above 0 and at most 1")
	f.profile = addChoice(cmd, "profile", "shape of events and content type, as observed in live deliveries or as documented", []string{"live", "documented"})
	flags.StringVar(&f.app, "app", "", "app `ID` in the events (default \"hookproof\")")
	flags.StringVar(&f.region, "region", "", "`REGION` in the events (default \"us\")")
	flags.StringVar(&f.webhookID, "webhook-id", "", "webhook `ID` in the events (default \"hookproof\")")
	flags.StringVar(&f.caFile, "ca-file", "", "trust the certificates of this PEM `FILE` instead of the system's")
	flags.BoolVar(&f.allowHTTP, "allow-http", false, "send credentials over http to a public address, where anyone on the way can read them")
	flags.BoolVar(&f.json, "json", false, "print a JSON object an event")
	flags.BoolVar(&f.dryRun, "dry-run", false, "send nothing: print the events, a line each")
	f.seedGiven = func() bool { return flags.Changed("seed") }
	return f
}

func (f *sendFlags) check() error {
	for _, id := range []struct{ flag, value string }{{"app", f.app}, {"region", f.region}, {"webhook-id", f.webhookID}} {
		if err := checkID(id.flag, id.value); err != nil {
			return err
		}
		switch {
		case id.value != "" && f.bodyFrom != "":
			return usagef("--%s: a --body is sent as it is: change it with --set", id.flag)
		}
	}
	switch {
	case f.count < 1 || f.count > maxSendCount:
		return usagef("--count %d: want 1 to %d", f.count, maxSendCount)
	case f.speed != 0 && f.scenario == "":
		return usagef("--speed: only scenarios have times: want --scenario as well")
	case f.timeScale > 0 && !f.retry:
		return usagef("--time-scale: nothing waits without --retry")
	case f.seedGiven() && f.bodyFrom != "":
		return usagef("--seed and --body: want one of them")
	}
	return nil
}

// checkID bounds an id that events are to have.
func checkID(flag, id string) error {
	const most = 200
	if len(id) > most || !utf8.ValidString(id) {
		return usagef("--%s %.20q…: want at most %d bytes of UTF-8", flag, id, most)
	}
	return nil
}

// sending is what sends the events.
func (f *sendFlags) sending(p *program, url string) (*sending, error) {
	user, pass, err := f.auth.split(p.getenv)
	if err != nil {
		return nil, err
	}
	roots, err := readRoots("ca-file", f.caFile)
	if err != nil {
		return nil, err
	}
	e := delivery.Endpoint{URL: url, Username: user, Password: pass, ContentType: delivery.LiveContentType}
	if f.documented() {
		e.ContentType = delivery.DocumentedContentType
	}
	s, err := newSending(e, delivery.TransportOptions{RootCAs: roots, Dial: f.dial(e)})
	if err != nil {
		return nil, usagef("URL: want an http or https URL such as https://example.com/webhook")
	}
	s.policy = delivery.Policy{Retry: f.retry, TimeScale: float64(f.timeScale)}
	s.warn = (&warnings{w: p.stderr}).printf
	s.print = func(l *sentLine) error {
		if f.json {
			return writeJSONLine(p.stdout, l)
		}
		_, err := io.WriteString(p.stdout, l.text()+"\n")
		return err
	}
	return s, nil
}

func (f *sendFlags) documented() bool { return f.profile.value == "documented" }

// source is where the events come from.
func (f *sendFlags) source(p *program, trigger string) (*eventSource, error) {
	s := &eventSource{trigger: trigger, count: f.count, set: f.set, force: f.force, seed: f.seed}
	if f.bodyFrom != "" {
		var err error
		s.body, err = p.readBody(f.bodyFrom)
		return s, err
	}
	if !f.seedGiven() {
		events := f.count
		if len(f.set) > 0 {
			events += maxDraws / 10 // most of them are short
		}
		s.seed = freshSeed(time.Now(), events)
	}
	s.trigger = schemas.Canonical(trigger)
	entry, _ := schemas.Lookup(s.trigger)
	o := f.identity()
	o.Generation = entry.Generation
	s.world = worldOf(s.seed, o)
	return s, nil
}

// identity is what events say of their app.
func (f *sendFlags) identity() fixtures.Options {
	return fixtures.Options{
		AppID: cmp.Or(f.app, "hookproof"), Region: f.region, WebhookID: cmp.Or(f.webhookID, "hookproof"), Documented: f.documented(),
	}
}
