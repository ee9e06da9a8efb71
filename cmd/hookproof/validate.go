package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"hookproof/schemas"
)

// validateFlags are the flags of validate as they were typed.
type validateFlags struct {
	trigger             string
	generation          schemas.Generation
	drift, json, ndjson bool
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
cannot be read.`,
		Example: `  hookproof validate payload.json
  hookproof validate --drift events.ndjson
  hookproof validate --generation legacy after_message.json
  jq -c '.[]' payloads.json | hookproof validate -`,
		Args: atLeastOne("file"),
		RunE: func(cmd *cobra.Command, args []string) error {
			f.generation = schemas.Generation(generation.value)
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
	flags.BoolVar(&f.drift, "drift", false, "list the members that the contract does not declare")
	flags.BoolVar(&f.json, "json", false, "print a JSON object a payload")
	flags.BoolVar(&f.ndjson, "ndjson", false, "read a payload a line from every file; =false reads one payload from each")
	generation = addChoice(cmd, "generation", "the generation of webhooks that the payloads are of", plain(schemas.Generations()))
	f.ndjsonGiven = func() bool { return flags.Changed("ndjson") }
	complete(cmd, "trigger", schemas.Names())
	return cmd
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
	j := &judging{validateFlags: f, out: p.stdout}
	var unread []error
	for _, name := range names {
		if err := p.judgeFile(j, name); err != nil {
			if j.broken != nil {
				return j.broken
			}
			unread = append(unread, err)
		}
	}
	noun := "payloads"
	if j.payloads == 1 {
		noun = "payload"
	}
	say(p.stderr, "%d %s, %d invalid\n", j.payloads, noun, j.invalid)
	switch {
	case unread != nil:
		return &exitError{statusUsage, errors.New(strings.ReplaceAll(errors.Join(unread...).Error(), "\n", "; "))}
	case j.invalid > 0:
		return &exitError{status: statusInvalid}
	default:
		return nil
	}
}

func (p *program) judgeFile(j *judging, name string) error {
	in, size := p.stdin, int64(-1)
	if name != "-" {
		file, err := os.Open(name)
		if err != nil {
			return fmt.Errorf("%q: cannot be read: %w", name, cause(err))
		}
		defer file.Close()
		info, err := file.Stat()
		if err != nil {
			return fmt.Errorf("%q: cannot be read: %w", name, cause(err))
		}
		if info.Mode().IsRegular() {
			size = info.Size()
		}
		in = file
	}
	lines := name == "-" || strings.EqualFold(filepath.Ext(name), ".ndjson")
	if j.ndjsonGiven() {
		lines = j.ndjson
	}
	var err error
	if lines {
		err = j.lines(name, in)
	} else {
		err = j.whole(name, in, size)
	}
	if err != nil {
		return fmt.Errorf("%q: cannot be read: %w", name, cause(err))
	}
	return nil
}

// judging judges payloads and prints what it finds.
type judging struct {
	*validateFlags
	out               io.Writer
	payloads, invalid int
	broken            error // why nothing can be printed any more
}

// whole judges a file that is one payload. size is -1 if it is not known.
func (j *judging) whole(name string, in io.Reader, size int64) error {
	if size > schemas.MaxPayload {
		return j.print(j.failed(name, 0, &schemas.SizeError{Size: size, Max: schemas.MaxPayload}))
	}
	payload, err := io.ReadAll(io.LimitReader(in, schemas.MaxPayload+1))
	if err != nil {
		return err
	}
	if len(payload) > schemas.MaxPayload {
		return j.print(j.failed(name, 0, &schemas.SizeError{Size: -1, Max: schemas.MaxPayload}))
	}
	return j.print(j.judge(name, 0, payload))
}

func (j *judging) judge(name string, line int, payload []byte) *judgement {
	trigger, err := j.trigger, error(nil)
	if trigger == "" {
		trigger, err = schemas.ValidateEventOf(j.generation, payload)
	} else {
		err = schemas.Validate(trigger, payload)
	}
	g := j.failed(name, line, err)
	g.Trigger, g.Valid = trigger, err == nil
	if j.drift && g.Problem == "" && trigger != "" {
		// The payload has just been read and the trigger found, so this cannot fail.
		g.Unknown, _ = schemas.Drift(trigger, payload)
	}
	return g
}

func (j *judging) failed(name string, line int, err error) *judgement {
	g := &judgement{File: name, Line: line}
	if e, ok := errors.AsType[*schemas.ValidationError](err); ok {
		g.Violations, g.Omitted = e.Violations, e.Omitted
	} else if err != nil {
		g.Problem = err.Error()
	}
	return g
}

func (j *judging) print(g *judgement) error {
	j.payloads++
	if !g.Valid {
		j.invalid++
	}
	if j.json {
		j.broken = writeJSONLine(j.out, g)
	} else {
		_, j.broken = fmt.Fprintln(j.out, g)
	}
	return j.broken
}
