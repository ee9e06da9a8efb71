package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"hookproof/fixtures"
	"hookproof/schemas"
)

// Bounds and defaults of generate.
const (
	maxGenerated     = 1_000_000_000
	defaultGenerated = 100
)

// generateFlags are the flags of generate as they were typed.
type generateFlags struct {
	world, record         bool
	scenario, output      string
	count                 int
	start                 string
	people                worldFlags
	app, region, webhook  string
	countGiven, seedGiven func() bool
}

func (p *program) generate() *cobra.Command {
	f := &generateFlags{}
	cmd := &cobra.Command{
		Use:   "generate [TRIGGER]",
		Short: "Write realistic events: of a world that lives, of a scenario or of a trigger",
		Long: `Write events as NDJSON, one a line, as CometChat would send them.

Without TRIGGER and --scenario they are those of a world that lives: people come online, write, get
and read messages, react, call, meet and manage groups, by a mix, and everything hangs together.
--scenario NAME, or a FILE of one's own, plays a story (hookproof scenarios lists them). With TRIGGER
every event is of that trigger.

The same seed and flags give the same bytes on every machine. With --record a line is a record such
as listen writes, with the time, which replay keeps to.`,
		Example: `  hookproof generate --count 1000 --seed 7 > events.ndjson
  hookproof generate --users 10000 --mix groups --count 1000000 --seed 7 | hookproof validate -
  hookproof generate --scenario retry-storm --record --output storm.ndjson
  hookproof generate call_ended --count 5`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usagef("%d arguments: want a trigger, or none", len(args))
			}
			return nil
		},
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return schemas.Names(), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			trigger := ""
			if len(args) > 0 {
				trigger = args[0]
			}
			return p.generateEvents(cmd.Context(), trigger, f)
		},
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.BoolVar(&f.world, "world", false, "events of a world that lives, which is the default")
	flags.StringVar(&f.scenario, "scenario", "", "events of the scenario of this `NAME`, or in this FILE")
	flags.IntVar(&f.count, "count", defaultGenerated, "write `N` events; of a scenario at most that many (default all of it)")
	f.people.add(cmd)
	flags.StringVar(&f.start, "start", "", "when the world begins, such as 2026-01-15T09:00:00Z, which is the default `TIME`")
	flags.StringVar(&f.app, "app", "", "app `ID` in the events (default \"hookproof\")")
	flags.StringVar(&f.region, "region", "", "`REGION` in the events (default \"us\")")
	flags.StringVar(&f.webhook, "webhook-id", "", "webhook `ID` in the events (default \"hookproof\")")
	flags.BoolVar(&f.record, "record", false, "write records with times, as listen does, for replay")
	flags.StringVar(&f.output, "output", "", "write to `FILE`, whole or not at all, instead of standard output")
	completeOrFile(cmd, "scenario", scenarioNames())
	f.countGiven = func() bool { return flags.Changed("count") }
	f.seedGiven = func() bool { return flags.Changed("seed") }
	return cmd
}

// generateEvents writes the events.
func (p *program) generateEvents(ctx context.Context, trigger string, f *generateFlags) error {
	source, err := f.source(trigger)
	if err != nil {
		return err
	}
	if !f.seedGiven() {
		say(p.stderr, "seed %d: --seed repeats these events\n", f.people.seed)
	}
	write := func(w io.Writer) error {
		out := bufio.NewWriterSize(w, 256<<10)
		if err := source(ctx, out); err != nil {
			return err
		}
		return out.Flush()
	}
	if f.output == "" {
		return write(p.stdout)
	}
	file, err := openNew(f.output)
	if err != nil {
		return usagef("--output %q: %w", f.output, err)
	}
	return file.stream(write)
}

// source is what writes the events to a buffer.
func (f *generateFlags) source(trigger string) (func(context.Context, *bufio.Writer) error, error) {
	given := 0
	for _, is := range []bool{trigger != "", f.scenario != "", f.world} {
		if is {
			given++
		}
	}
	switch {
	case given > 1:
		return nil, usagef("TRIGGER, --scenario and --world: want one of them")
	case f.count < 1 || f.count > maxGenerated:
		return nil, usagef("--count %d: want 1 to %d", f.count, maxGenerated)
	}
	o, err := f.people.options(f.seedGiven())
	if err != nil {
		return nil, err
	}
	if err := f.identify(&o); err != nil {
		return nil, err
	}
	switch {
	case f.scenario != "":
		return f.scenarioSource(o)
	case trigger != "":
		return f.triggerSource(trigger, o)
	}
	return func(ctx context.Context, out *bufio.Writer) error {
		w, emit := fixtures.NewWorld(o), f.emitter(out)
		var buf []byte
		for i := range f.count {
			if i&1023 == 0 && ctx.Err() != nil {
				return errCut
			}
			var trigger string
			var at time.Time
			buf, trigger, at = w.AppendNext(buf[:0])
			if err := emit(buf, trigger, at); err != nil {
				return err
			}
		}
		return nil
	}, nil
}

var errCut = fmt.Errorf("interrupted: not all events were written")

// identify sets what events say of their app, and when the world begins.
func (f *generateFlags) identify(o *fixtures.Options) error {
	ids := []struct {
		flag, value, usual string
		to                 *string
	}{{"app", f.app, "hookproof", &o.AppID}, {"region", f.region, "us", &o.Region}, {"webhook-id", f.webhook, "hookproof", &o.WebhookID}}
	for _, id := range ids {
		if err := checkID(id.flag, id.value); err != nil {
			return err
		}
		if *id.to = id.usual; id.value != "" {
			*id.to = id.value
		}
	}
	if f.start == "" {
		return nil
	}
	start, err := time.Parse(time.RFC3339, f.start)
	if err != nil || start.Year() < 2004 || start.Year() >= 2200 {
		return usagef("--start %.40q: want a time of 2004 to 2199 such as 2026-01-15T09:00:00Z", f.start)
	}
	o.Start = start
	return nil
}

func (f *generateFlags) scenarioSource(o fixtures.Options) (func(context.Context, *bufio.Writer) error, error) {
	if o.Generation == schemas.Legacy {
		return nil, usagef("--scenario: all that is told of scenarios is modern: leave out --generation legacy")
	}
	s, err := findScenario("--scenario", f.scenario)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, out *bufio.Writer) error {
		emit, n := f.emitter(out), 0
		for d := range s.Run(fixtures.NewWorld(o)) {
			if ctx.Err() != nil {
				return errCut
			}
			if n++; f.countGiven() && n > f.count {
				break
			}
			if err := emit(d.Body, d.Trigger, d.At); err != nil {
				return err
			}
		}
		return nil
	}, nil
}

func (f *generateFlags) triggerSource(trigger string, o fixtures.Options) (func(context.Context, *bufio.Writer) error, error) {
	if err := sendable(trigger); err != nil {
		return nil, err
	}
	trigger = schemas.Canonical(trigger)
	t, _ := schemas.Lookup(trigger)
	if f.people.generationGiven() && t.Generation != o.Generation {
		return nil, usagef("--generation %s: %s is of the generation %s", o.Generation, trigger, t.Generation)
	}
	o.Generation = t.Generation
	if _, err := fixtures.NewWorld(o).Do(trigger); err != nil {
		return nil, usagef("TRIGGER: %w", err)
	}
	return func(ctx context.Context, out *bufio.Writer) error {
		w, emit := fixtures.NewWorld(o), f.emitter(out)
		for range f.count {
			if ctx.Err() != nil {
				return errCut
			}
			e, err := w.Do(trigger)
			if err != nil { // the first was made
				return err
			}
			if err := emit(e.Body, e.Trigger, e.Time); err != nil {
				return err
			}
		}
		return nil
	}, nil
}

// emitter returns what writes an event, as it is or in a record.
func (f *generateFlags) emitter(out *bufio.Writer) func(body []byte, trigger string, at time.Time) error {
	if f.record {
		return func(body []byte, trigger string, at time.Time) error {
			return writeJSONLine(out, madeRecord(body, trigger, at))
		}
	}
	return func(body []byte, _ string, _ time.Time) error {
		_, err := out.Write(body)
		if err == nil {
			err = out.WriteByte('\n')
		}
		return err
	}
}
