package main

import (
	"crypto/x509"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"hookproof/conformance"
	"hookproof/reports"
	"hookproof/schemas"
)

// certifyFlags are the flags of certify as they were typed.
type certifyFlags struct {
	auth, previousAuth         *credentials
	profile, mode, format      *choice
	run, skip, triggers, types words
	reports                    reportFlags[reports.Format]
	caFile                     string
	config                     string
	waivers                    string
	signing                    signing
	certificateGiven           func() bool
	app, region, webhookID     string
	observer, observerCmd      string
	failNextCmd                string
	canary, canaryAddr         string
	blockedText                string
	idle                       time.Duration
	resolve                    resolveFlag
	seed                       uint64
	authGap, pace              time.Duration
	budget                     int
	loadRate                   trafficRate
	loadDuration               time.Duration
	budgetGiven                func() bool
	realClock, strict          bool
	ackAndDrop                 bool
	dryRun, verbose, quiet     bool
	formatGiven, authGapIsZero func() bool
}

func addCertifyFlags(cmd *cobra.Command) *certifyFlags {
	f := &certifyFlags{reports: reportFlags[reports.Format]{lookup: reports.Lookup, names: formatNames()}}
	f.auth = addCredentials(cmd, "auth", "HOOKPROOF_AUTH", "Basic auth of the webhook")
	f.previousAuth = addCredentials(cmd, "previous-auth", "HOOKPROOF_PREVIOUS_AUTH", "Basic auth before the last change, which has to be refused")
	f.profile = addChoice(cmd, "profile", "which checks to try", profileNames())
	f.mode = addChoice(cmd, "mode", "how strict to be with the address",
		[]string{string(conformance.Auto), string(conformance.Certify), string(conformance.Dev)})
	f.format = addChoice(cmd, "format", "format of the report on standard output", formatNames())
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.Var(&f.run, "run", "try only the checks of these ids or globs, such as auth/*")
	flags.Var(&f.skip, "skip", "leave out the checks of these ids or globs")
	flags.Var(&f.triggers, "triggers", "triggers that the webhook subscribes to (default those of tier required)")
	flags.Var(&f.types, "message-types", "types of messages that the app has, text among them: "+strings.Join(conformance.MessageTypes(), ", ")+" (default all)")
	flags.Var(&f.reports, "report", "write a report as FORMAT=FILE; repeatable; FILE - is standard output")
	flags.StringVar(&f.waivers, "waivers", "", "accept the failures that this YAML `FILE` names")
	flags.StringVar(&f.signing.keyFile, "sign", "", "write a certificate, signed with the private Ed25519 key in this PEM `FILE`")
	flags.StringVar(&f.signing.output, "certificate", defaultCertificate, "`FILE` for the certificate")
	flags.StringVar(&f.config, "config", "", "read target and flags of this YAML `FILE` (default hookproof.yaml, if it is there)")
	flags.StringVar(&f.caFile, "ca-file", "", "trust the certificates of this PEM `FILE` instead of the system's")
	flags.BoolVar(&f.strict, "strict", false, "let warnings fail the run")
	flags.BoolVar(&f.dryRun, "dry-run", false, "send nothing: print how many requests and events the run would send and how long it would take")
	flags.StringVar(&f.app, "app", "", "app `ID` in the events (default \"hookproof\")")
	flags.StringVar(&f.region, "region", "", "`REGION` in the events (default \"us\")")
	flags.StringVar(&f.webhookID, "webhook-id", "", "webhook `ID` in the events (default \"hookproof\")")
	flags.Uint64Var(&f.seed, "seed", 0, "repeat the events and random credentials of the run that had this seed (default a fresh one)")
	flags.BoolVar(&f.realClock, "real-clock", false, "wait between copies of an event as long as CometChat does (10 s)")
	flags.IntVar(&f.budget, "budget", 0, "payload/variants tries `N` events of unusual shape (default 60, all in profile robustness)")
	flags.Var(&f.loadRate, "load-rate", "events that load/burst sends in a second, from which the other load checks have theirs: `RATE` such as 20/s, at most 1000/s (default 20/s)")
	flags.DurationVar(&f.loadDuration, "load-duration", 0, "how long load/burst sends, at most 10m (default 10s)")
	flags.DurationVar(&f.pace, "pace", 0, "least time between two requests, for receivers behind a rate limit: at most 1m (default none)")
	flags.DurationVar(&f.authGap, "auth-gap", 0, "pause before each request with a wrong credential (default 200ms in mode certify, else none)")
	flags.StringVar(&f.observer, "observer", "", "`URL` whose answer to GET is a JSON object: idempotency key to number of effects")
	flags.StringVar(&f.observerCmd, "observer-cmd", "", "shell `COMMAND` that prints such an object; it gets the keys asked for on standard input, a line each")
	flags.StringVar(&f.failNextCmd, "fail-next-cmd", "", "shell `COMMAND` that makes the receiver fail the next event with the key on standard input, after its work")
	flags.StringVar(&f.canary, "canary", "", "`URL` that leads the receiver to this run's canary, a server that answers 401 and notes what is fetched")
	flags.StringVar(&f.canaryAddr, "canary-addr", "", "`HOST:PORT` that the canary listens on (default a port of loopback that is free)")
	flags.DurationVar(&f.idle, "idle", 0, "leave the receiver alone for so long before the checks that are about pauses, at most 2h (default they are left out)")
	flags.StringVar(&f.blockedText, "blocked-text", "", "`TEXT` of a message that before_message has to block (profile legacy)")
	flags.BoolVar(&f.ackAndDrop, "ack-and-drop", false, "the receiver acknowledges what has not the right credentials, and drops it; wants an observer")
	flags.Var(&f.resolve, "resolve", "connect to ADDRESS for HOST, as HOST:ADDRESS; repeatable")
	flags.BoolVar(&f.verbose, "verbose", false, "a line for every check in the text report")
	flags.BoolVar(&f.quiet, "quiet", false, "no progress on standard error")
	complete(cmd, "run", checkIDs())
	complete(cmd, "skip", checkIDs())
	complete(cmd, "message-types", conformance.MessageTypes())
	complete(cmd, "triggers", schemas.Names(schemas.Required, schemas.Current, schemas.Provider))
	f.formatGiven = func() bool { return flags.Changed("format") }
	f.certificateGiven = func() bool { return flags.Changed("certificate") }
	f.budgetGiven = func() bool { return flags.Changed("budget") }
	f.authGapIsZero = func() bool { return flags.Changed("auth-gap") && f.authGap == 0 }
	return f
}

// options makes the run's options of the flags.
func (f *certifyFlags) options(p *program) (conformance.Options, error) {
	o := conformance.Options{
		AppID: f.app, Region: f.region, WebhookID: f.webhookID, Triggers: f.triggers, MessageTypes: f.types,
		Mode: conformance.Mode(f.mode.value), Profile: f.profile.value, Run: f.run, Skip: f.skip, Strict: f.strict, AckAndDrop: f.ackAndDrop,
		Seed: f.seed, RealClock: f.realClock, AuthGap: f.authGap, Pace: f.pace, Budget: f.budget, LoadRate: float64(f.loadRate), LoadDuration: f.loadDuration, Resolve: f.resolve.lookup(),
		Canary: f.canary, CanaryAddr: f.canaryAddr, Idle: f.idle, BlockedText: f.blockedText, FailNext: newFailNext(f.failNextCmd),
	}
	if f.loadRate < 0 {
		return o, usagef("--load-rate max: want a rate such as 20/s")
	}
	if f.budgetGiven() && f.budget == 0 {
		return o, usagef("--budget 0: want 1 to %d; --skip payload/variants leaves them out", conformance.MaxBudget)
	}
	_, err := findChecks("--run ", f.run)
	if err != nil {
		return o, err
	}
	if _, err = findChecks("--skip ", f.skip); err != nil {
		return o, err
	}
	if o.Username, o.Password, err = f.auth.split(p.getenv); err != nil {
		return o, err
	}
	if o.PreviousUsername, o.PreviousPassword, err = f.previousAuth.split(p.getenv); err != nil {
		return o, err
	}
	if o.PreviousUsername != "" && o.Username == "" {
		return o, usagef("--previous-auth: there are no credentials that came after it: want --auth as well")
	}
	if f.authGapIsZero() {
		o.AuthGap = -1 // zero is the default of the options
	}
	if o.RootCAs, err = readRoots("ca-file", f.caFile); err != nil {
		return o, err
	}
	if o.Waivers, err = readWaivers(f.waivers); err != nil {
		return o, err
	}
	o.Observe, err = newObserver(f.observer, f.observerCmd)
	return o, err
}

// maxCAFile is more than twice what the bundles of all public authorities take.
const maxCAFile = 1 << 20

// readRoots reads the certificates to trust, nil if no file is given.
func readRoots(flag, name string) (*x509.CertPool, error) {
	if name == "" {
		return nil, nil
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, usagef("--%s %q: cannot be read: %w", flag, name, cause(err))
	}
	defer file.Close()
	pem, err := io.ReadAll(io.LimitReader(file, maxCAFile+1))
	switch {
	case err != nil:
		return nil, usagef("--%s %q: cannot be read: %w", flag, name, cause(err))
	case len(pem) > maxCAFile:
		return nil, usagef("--%s %q: more than %d bytes: want a file of PEM certificates", flag, name, maxCAFile)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(pem) {
		return nil, usagef("--%s %q: holds no certificate: want PEM, beginning with -----BEGIN CERTIFICATE-----", flag, name)
	}
	return roots, nil
}

func profileNames() []string {
	var names []string
	for _, p := range conformance.Profiles() {
		names = append(names, p.Name)
	}
	return names
}

func checkIDs() []string {
	var ids []string
	for _, c := range conformance.Suite() {
		ids = append(ids, c.ID)
	}
	return ids
}

// brief is a duration for a person: to the tenth of a second, or of the
// millisecond if it is short.
func brief(d time.Duration) string {
	if d >= time.Second {
		return d.Round(100 * time.Millisecond).String()
	}
	return fmt.Sprint(d.Round(100 * time.Microsecond))
}

// knownTrigger returns the error for a trigger that the contract does not have.
func knownTrigger(what, name string) error {
	names := schemas.Names()
	if slices.Contains(names, name) {
		return nil
	}
	return usagef("%s%q: no such trigger%s (hookproof triggers lists them)", what, name, didYouMean(name, names))
}
