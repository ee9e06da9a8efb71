package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"hookproof/fixtures"
	"hookproof/schemas"
)

// replayFlags are the flags of replay as they were typed.
type replayFlags struct {
	sendFlags
	speed       speed
	rate        rate
	connections int
}

func (p *program) replay() *cobra.Command {
	f := &replayFlags{}
	cmd := &cobra.Command{
		Use:   "replay FILE|- URL",
		Short: "Send a recording again, byte for byte, in its own time",
		Long: `Send the events of a recording of listen, or of a file with one event a line, to the receiver at URL,
byte for byte, and print a line an event as it is answered.

Records have times: events are sent at the distances at which they came, or --speed times as fast.
Events without times are sent as fast as they are answered, or at --rate. Of one conversation, group
or user, an event is sent when the one before it was answered; others go on meanwhile.

Of a record's headers the content type is sent, no other: not its credentials. An event is attempted
once. The status is 1 if one was not delivered: no answer within 2s, or none of 2xx.`,
		Example: `  hookproof replay events.ndjson http://127.0.0.1:8080/ --speed 10x
  hookproof generate --record --count 1000 | hookproof replay - http://127.0.0.1:8080/ --rate 200/s
  HOOKPROOF_AUTH=vendor:secret hookproof replay events.ndjson https://example.com/webhook --speed max`,
		Args: exactly(2, "a file and a URL"),
	}
	f.auth = addCredentials(cmd, "auth", "HOOKPROOF_AUTH", "Basic auth of the webhook")
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.Var(&f.speed, "speed", "how fast time passes: `FACTOR` such as 2x or 0.5x, or max for as fast as events are answered (default 1x)")
	flags.Var(&f.rate, "rate", "send at an even `RATE` such as 50/s instead, whatever the times")
	flags.IntVar(&f.connections, "connections", 32, "at most `N` events under way at once")
	f.profile = addChoice(cmd, "profile", "content type of events without one of their own, as observed in live deliveries or as documented", []string{"live", "documented"})
	flags.StringVar(&f.caFile, "ca-file", "", "trust the certificates of this PEM `FILE` instead of the system's")
	flags.BoolVar(&f.allowHTTP, "allow-http", false, "send credentials over http to a public address, where anyone on the way can read them")
	flags.BoolVar(&f.json, "json", false, "print a JSON object an event")
	flags.BoolVar(&f.dryRun, "dry-run", false, "send nothing: print when each event would be sent")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return p.replayFile(cmd.Context(), args[0], args[1], f)
	}
	return cmd
}

// maxConnections bounds the events of a replay that are under way.
const maxConnections = 1024

func (p *program) replayFile(ctx context.Context, name, url string, f *replayFlags) error {
	for _, arg := range []string{url, name} { // the two may have changed places
		if err := withoutCredentials("URL", arg, f.auth); err != nil {
			return err
		}
	}
	switch {
	case f.connections < 1 || f.connections > maxConnections:
		return usagef("--connections %d: want 1 to %d", f.connections, maxConnections)
	case f.rate > 0 && f.speed != 0:
		return usagef("--rate and --speed: want one of them")
	}
	s, err := f.sending(p, url)
	if err != nil {
		return err
	}
	defer s.close()
	in := p.stdin
	if name != "-" {
		file, err := os.Open(name)
		if err != nil {
			return usagef("FILE %q: cannot be read: %w", name, cause(err))
		}
		defer file.Close()
		in = file
	}
	r := &replaying{
		s: s, speed: float64(f.speed), rate: float64(f.rate), connections: f.connections, conversations: &fixtures.Conversations{},
		dryRun: f.dryRun, json: f.json, out: p.stdout,
	}
	return r.run(ctx, readRecording(name, in))
}

// toReplay is an event that is to be sent again.
type toReplay struct {
	line        int       // of the recording, from 1
	at          time.Time // when it came; zero is not known
	body        []byte
	trigger     string
	contentType string // "" is the profile's
}

// readRecording yields the events of a file, a line each, as records or as they are.
// An error is the last, and the user's.
func readRecording(name string, in io.Reader) iter.Seq2[toReplay, error] {
	return func(yield func(toReplay, error) bool) {
		r := bufio.NewReaderSize(in, 64<<10)
		found := false
		for n := 1; ; n++ {
			line, err := readLine(r, nil)
			last := errors.Is(err, io.EOF)
			if err != nil && !last {
				if errors.Is(err, errLongLine) {
					err = &schemas.SizeError{Size: -1, Max: schemas.MaxPayload}
				}
				yield(toReplay{}, usagef("FILE %q: line %d: %w", name, n, cause(err)))
				return
			}
			e, ok, err := replayLine(line)
			if err != nil {
				yield(toReplay{}, usagef("FILE %q: line %d: %w", name, n, err))
				return
			}
			if ok {
				found = true
				e.line = n
				if !yield(e, nil) {
					return
				}
			}
			if last {
				break
			}
		}
		if !found {
			yield(toReplay{}, usagef("FILE %q: holds no event: want a recording of listen, or one event a line", name))
		}
	}
}

// speed is how many times as fast as it was: 0 is not given, less than 0 max.
type speed float64

func (s *speed) Type() string { return "FACTOR" }
func (s *speed) String() string {
	switch {
	case *s == 0:
		return ""
	case *s < 0:
		return "max"
	}
	return strconv.FormatFloat(float64(*s), 'g', -1, 64) + "x"
}

func (s *speed) Set(text string) error {
	if text == "max" {
		*s = -1
		return nil
	}
	number, ok := strings.CutSuffix(text, "x")
	n, err := strconv.ParseFloat(number, 64)
	if !ok || err != nil || !(n >= 0.001 && n <= 1e6) {
		return errors.New("want a factor from 0.001x to 1000000x, such as 2x or 0.5x, or max")
	}
	*s = speed(n)
	return nil
}

// rate is how many a second; 0 is not given.
type rate float64

func (r *rate) Type() string { return "RATE" }
func (r *rate) String() string {
	if *r == 0 {
		return ""
	}
	return fmt.Sprintf("%g/s", float64(*r))
}

func (r *rate) Set(text string) error {
	number, unit, _ := strings.Cut(text, "/")
	n, err := strconv.ParseFloat(number, 64)
	switch unit {
	case "s":
	case "m":
		n /= 60
	default:
		err = errors.New("no unit")
	}
	if err != nil || !(n >= 0.001 && n <= 100_000) {
		return errors.New("want a number of events a second or minute, such as 50/s or 90/m, at most 100000/s")
	}
	*r = rate(n)
	return nil
}
