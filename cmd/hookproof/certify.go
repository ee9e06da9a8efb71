package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"

	"github.com/spf13/cobra"

	"hookproof/conformance"
)

func (p *program) certify() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "certify URL",
		Short: "Try whether a receiver conforms, and say why not",
		Long: `Send the receiver at URL what CometChat sends, and what a stranger would, and judge the answers.

The report goes to standard output, progress to standard error. Loopback and private targets are
tried in mode dev, where http is allowed and nothing can be certified; all others in mode certify.
Interrupting the run ends it early: the reports are still written.

Without a URL the target is that of hookproof.yaml, which may have any of the flags too (hookproof init
writes one). A flag overrules the environment, HOOKPROOF_ and its name in capitals, and that the file.
--waivers FILE accepts failures for a time: waivers, a list of check, reason, owner and expires
(YYYY-MM-DD). --sign KEY writes a certificate of a run that conforms, which hookproof verify checks.`,
		Example: `  HOOKPROOF_AUTH=vendor:secret hookproof certify https://example.com/webhook
  hookproof certify https://example.com/webhook --profile recommended --report junit=hookproof.xml
  hookproof certify http://127.0.0.1:8080/ --run 'auth/*' --verbose`,
		Args: targetOrConfig,
	}
	f := addCertifyFlags(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		target, err := p.configure(cmd, args, f.config, f.auth)
		if err != nil {
			return err
		}
		if err := withoutCredentials("URL", target, f.auth); err != nil {
			return err
		}
		if err := f.resolve.check(target); err != nil {
			return err
		}
		options, err := f.options(p)
		if err != nil {
			return err
		}
		if f.dryRun {
			return p.estimate(target, options, f)
		}
		sinks, err := p.openReports(f)
		if err != nil {
			return err
		}
		if err := f.signing.open(f.certificateGiven(), sinks.paths()); err != nil {
			return err
		}
		report, err := p.conduct(cmd.Context(), target, options, f.quiet)
		if err != nil {
			return err
		}
		if err := sinks.write(report); err != nil {
			return err
		}
		if err := f.signing.write(p, report); err != nil {
			return err
		}
		return verdictError(report.Verdict)
	}
	return cmd
}

// conduct makes the run and shows how it goes.
func (p *program) conduct(ctx context.Context, url string, o conformance.Options, quiet bool) (*conformance.Report, error) {
	o.Version = readBuild().Version
	log.SetOutput(io.Discard) // net/http's remarks on what receivers do; the report has its own
	if quiet {
		report, err := conformance.Run(ctx, url, o)
		return report, configError(err)
	}
	shown := newProgress(p.stderr, p.terminal(p.stderr), p.width(p.stderr))
	o.OnStart, o.OnResult = shown.started, shown.finished
	report, err := conformance.Run(ctx, url, o)
	shown.close()
	if p.terminal(p.stderr) && p.terminal(p.stdout) {
		say(p.stderr, "\n") // the report follows on the same screen
	}
	return report, configError(err)
}

// configError turns what is wrong with a configuration into what is wrong with
// the flags that it came from.
func configError(err error) error {
	e, ok := errors.AsType[*conformance.ConfigError](err)
	if !ok {
		return err
	}
	name := "--" + e.Field
	switch e.Field {
	case "url":
		name = "URL"
	case "username", "password":
		name = "--auth"
	case "previous username", "previous password":
		name = "--previous-auth"
	case "run/skip":
		name = "--run/--skip"
	case "waivers":
		name = "--waivers"
	}
	if e.Message != "" && e.Message[0] != '"' {
		name += ":"
	}
	return usagef("%s %s", name, e.Message)
}

// estimate prints what a run would do.
func (p *program) estimate(url string, o conformance.Options, f *certifyFlags) error {
	plan, err := conformance.Estimate(url, o)
	if err != nil {
		return configError(err)
	}
	if f.format.value == "json" {
		return writeJSON(p.stdout, newPlanEntry(plan))
	}
	_, err = fmt.Fprintf(p.stdout, `Target    %s
Mode      %s
Profile   %s
Checks    %d
Requests  %d, of them %d events that the receiver will accept and %d with a wrong credential
Expected  about %s
`,
		printable(plan.Target), plan.Mode, plan.Profile, len(plan.Checks), plan.Requests, plan.Events, plan.Wrong, brief(plan.Expected))
	if err == nil && f.verbose {
		err = writeChecks(p.stdout, plan.Checks)
	}
	return err
}

// planEntry is a plan for programs.
type planEntry struct {
	Target     string               `json:"target"`
	Mode       conformance.Mode     `json:"mode"`
	Profile    string               `json:"profile"`
	Checks     []string             `json:"checks"`
	Requests   int                  `json:"requests"`
	Events     int                  `json:"events"`
	Wrong      int                  `json:"wrongCredentials"`
	ExpectedMS conformance.Duration `json:"expected"` // milliseconds
}

func newPlanEntry(plan conformance.Plan) planEntry {
	e := planEntry{
		Target: plan.Target, Mode: plan.Mode, Profile: plan.Profile, Checks: []string{},
		Requests: plan.Requests, Events: plan.Events, Wrong: plan.Wrong,
		ExpectedMS: conformance.Duration(plan.Expected),
	}
	for _, c := range plan.Checks {
		e.Checks = append(e.Checks, c.ID)
	}
	return e
}
