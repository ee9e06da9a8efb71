package main

import (
	"context"
	"regexp"
	"strings"

	"github.com/spf13/cobra"

	"hookproof/schemas"
)

func (p *program) send() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "send TRIGGER URL | send --scenario NAME URL",
		Short: "Deliver events to a receiver as CometChat does",
		Long: `Deliver a fresh, realistic event of TRIGGER to the receiver at URL, as CometChat does, and print a
line: its trigger, the status of the answer, how long it took, and why it was not delivered.

--set changes the event. PATH is names between dots, such as data.message.data.text, or a JSON
Pointer, such as /data/message/data/text; items of arrays are counted from 0. It must lead to
something. VALUE is JSON, or else text: id=5 is a number, id='"5"' a string. What is sent has to
keep the contract unless --force is given.

--scenario plays a story of hookproof scenarios, or of a FILE of one's own, delivered as it says: in its
order, some events twice or late. Nothing waits, unless --speed says how fast its time passes: 1x is
its own.

The status is 1 if an event was not delivered: no answer within 2s, or none of 2xx. Redirects are
not followed.`,
		Example: `  HOOKPROOF_AUTH=vendor:secret hookproof send message_sent https://example.com/webhook
  hookproof send message_sent http://127.0.0.1:8080/ --set data.message.data.text='good morning'
  hookproof send call_ended http://127.0.0.1:8080/ --count 100 --json
  hookproof send user_blocked http://127.0.0.1:8080/ --retry --time-scale 0.01
  hookproof send --scenario retry-storm http://127.0.0.1:8080/ --speed 10x`,
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return schemas.Names(), cobra.ShellCompDirectiveNoFileComp
		},
	}
	f := addSendFlags(cmd)
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		if f.scenario != "" {
			return exactly(1, "a URL, as --scenario says what to send")(cmd, args)
		}
		return exactly(2, "a trigger and a URL")(cmd, args)
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if f.scenario != "" {
			return p.sendScenario(cmd.Context(), args[0], f)
		}
		return p.sendEvents(cmd.Context(), args[0], args[1], f)
	}
	return cmd
}

// sendEvents makes the events, and prints or sends them.
func (p *program) sendEvents(ctx context.Context, trigger, url string, f *sendFlags) error {
	for _, arg := range []string{url, trigger} { // the two may have changed places
		if err := withoutCredentials("URL", arg, f.auth); err != nil {
			return err
		}
	}
	if err := f.check(); err != nil {
		return err
	}
	if !f.force || f.bodyFrom == "" {
		if err := sendable(trigger); err != nil {
			return err
		}
	}
	s, err := f.sending(p, url)
	if err != nil {
		return err
	}
	defer s.close()
	source, err := f.source(p, trigger)
	if err != nil {
		return err
	}
	if err := source.check(ctx, s.warn); err != nil {
		return err
	}
	if source.body == nil && !f.seedGiven() {
		say(p.stderr, "seed %d: --seed repeats these events\n", source.seed)
	}
	if f.dryRun {
		return printBodies(ctx, p.stdout, source)
	}
	return s.all(ctx, source)
}

// triggerName is what a trigger may look like: only such an argument is
// repeated in an error, for a misplaced one could be a credential.
var triggerName = regexp.MustCompile(`^[a-z_-]{1,64}$`)

// sendable tells whether events of a trigger can be made.
func sendable(trigger string) error {
	if triggerName.MatchString(trigger) {
		return knownTrigger("", trigger)
	}
	return usagef("TRIGGER: no such trigger%s (hookproof triggers lists them)", didYouMean(strings.ToLower(trigger), schemas.Names()))
}
