package main

import (
	"bufio"
	"errors"
	"strings"

	"github.com/spf13/cobra"

	"hookproof/schemas"
)

// validateFlags are the flags of validate as they were typed.
type validateFlags struct {
	trigger             string
	generation          schemas.Generation
	drift, json, ndjson bool
	propose, quiet      bool
	auditMode           string
	ndjsonGiven         func() bool
}

func (p *program) validate() *cobra.Command {
	f := &validateFlags{}
	var generation *choice
	cmd := &cobra.Command{
		Use:   "validate FILE…|-",
		Short: "Judge payloads against the contract",
		Long: `Judge payloads against the contract, a line each with every violation.

A file is one JSON payload, or with the extension .ndjson a payload or a record of listen a line, as
is standard input, which is FILE -. An app has webhooks of one generation: those of the other are not
known here. The status is 1 if any payload is invalid, and 2 if a file
cannot be read.

--audit judges a file with a payload a line as a stream as well: what in it cannot be, such as an edit
of what was never sent. It takes deliveries late, twice and missing, unless it is strict, for streams
that are the whole world from its beginning, as those of generate are.

--drift compares real deliveries with the contract instead, all together: violations, members and words
that it does not have, with types and counts, and members that nobody sends. --propose prints how the
contract would have to change, as a patch that git apply takes; types that are violated are left to
you, who know which side is wrong.`,
		Example: `  hookproof validate payload.json
  hookproof generate --count 100000 | hookproof validate --quiet --audit=strict -
  hookproof validate --drift events.ndjson
  hookproof validate --drift --propose events.ndjson | git apply
  hookproof validate --generation legacy after_message.json
  jq -c '.[]' payloads.json | hookproof validate -`,
		Args: atLeastOne("file"),
		RunE: func(cmd *cobra.Command, args []string) error {
			f.generation = schemas.Generation(generation.value)
			if err := f.check(); err != nil {
				return err
			}
			if f.trigger != "" {
				if err := f.pickTrigger(cmd.Flags().Changed("generation")); err != nil {
					return err
				}
			}
			return p.judgeFiles(args, f)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.trigger, "trigger", "", "judge every payload as one of `TRIGGER`, whatever it says")
	flags.StringVar(&f.auditMode, "audit", "", "judge each file as a stream of events as well: lenient, which is what it is without `MODE`, or strict")
	flags.Lookup("audit").NoOptDefVal = "lenient"
	flags.BoolVar(&f.drift, "drift", false, "compare all payloads with the contract, and print what differs in place of a line each")
	flags.BoolVar(&f.propose, "propose", false, "with --drift, print the change of the contract as a patch")
	flags.BoolVar(&f.quiet, "quiet", false, "print nothing of payloads that are valid")
	flags.BoolVar(&f.json, "json", false, "print a JSON object a payload, or one with --drift")
	flags.BoolVar(&f.ndjson, "ndjson", false, "read a payload a line from every file; =false reads one payload from each")
	generation = addChoice(cmd, "generation", "the generation of webhooks that the payloads are of", plain(schemas.Generations()))
	f.ndjsonGiven = func() bool { return flags.Changed("ndjson") }
	complete(cmd, "trigger", schemas.Names())
	complete(cmd, "audit", []string{"lenient", "strict"})
	return cmd
}

func (f *validateFlags) check() error {
	switch {
	case f.auditMode != "" && f.auditMode != "lenient" && f.auditMode != "strict":
		return usagef("--audit %.40q: want lenient or strict, after =", f.auditMode)
	case f.propose && !f.drift:
		return usagef("--propose: want --drift as well")
	case f.propose && f.json:
		return usagef("--propose and --json: want one of them: a proposal is a patch")
	case f.drift && f.trigger != "":
		return usagef("--drift and --trigger: want one of them: payloads are compared by their own triggers")
	case f.drift && f.auditMode != "":
		return usagef("--drift and --audit: want one of them")
	}
	return nil
}

// pickTrigger checks the trigger that every payload is to be, and brings another name
// of it to its own. It must be of the generation if one was given.
func (f *validateFlags) pickTrigger(generationGiven bool) error {
	if err := knownTrigger("--trigger ", f.trigger); err != nil {
		return err
	}
	f.trigger = schemas.Canonical(f.trigger)
	if t, _ := schemas.Lookup(f.trigger); generationGiven && t.Generation != f.generation {
		return usagef("--trigger %q: is of the generation %s, not %s: leave out one of the two flags", f.trigger, t.Generation, f.generation)
	}
	return nil
}

// judgeFiles judges every file, those after an unreadable one too.
func (p *program) judgeFiles(names []string, f *validateFlags) error {
	defer moreMemory()()
	j := &judging{validateFlags: f, out: bufio.NewWriterSize(p.stdout, 64<<10), compared: schemas.NewComparison(f.generation)}
	var unread []error
	for _, name := range names {
		if err := p.judgeFile(j, name); err != nil {
			if j.broken != nil {
				return j.broken
			}
			unread = append(unread, err)
		}
	}
	if f.drift {
		if err := j.printDrift(p.stdout); err != nil {
			return err
		}
	}
	say(p.stderr, "%s\n", j.summary())
	switch {
	case unread != nil:
		return &exitError{statusUsage, errors.New(strings.ReplaceAll(errors.Join(unread...).Error(), "\n", "; "))}
	case j.invalid > 0 || j.impossible > 0:
		return &exitError{status: statusInvalid}
	default:
		return nil
	}
}
