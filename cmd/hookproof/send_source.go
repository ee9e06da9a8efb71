package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"math/rand/v2"
	"os"
	"strings"
	"time"

	"hookproof/fixtures"
	"hookproof/schemas"
)

// eventSource gives the bodies to send, the same each time that it is asked.
type eventSource struct {
	trigger string
	count   int
	body    []byte           // what to send, instead of events of a world
	world   fixtures.Options // made of seed
	seed    uint64
	set     settings
	force   bool // whatever the contract says
}

// bodies yields count bodies, or as the last an error that is the user's.
func (s *eventSource) bodies() iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		next := func() ([]byte, error) {
			body, err := s.set.apply(s.body)
			return body, settingError(err)
		}
		if s.body == nil {
			w := fixtures.NewWorld(s.world)
			next = func() ([]byte, error) { return s.draw(w) }
		}
		for range s.count {
			body, err := next()
			if !yield(body, err) || err != nil {
				return
			}
		}
	}
}

// maxDraws is how many events are made at most to find one that has what is to
// be set. The rarest kinds of message are one in twenty.
const maxDraws = 200

// draw makes events until one has all that is to be set: not every message has
// a text.
func (s *eventSource) draw(w *fixtures.World) ([]byte, error) {
	var nearest error
	deepest := -1
	for range maxDraws {
		event, err := w.Do(s.trigger)
		if err != nil { // the contract may know a trigger that no world makes
			return nil, usagef("%s: no event of it can be made up: give one as --body FILE", abridged(s.trigger))
		}
		body, err := s.set.apply(event.Body)
		if err == nil {
			return body, nil
		}
		e, ok := errors.AsType[*fixtures.PathError](err)
		if !ok {
			return nil, settingError(err)
		}
		if len(e.Found) > deepest {
			nearest, deepest = err, len(e.Found)
		}
	}
	return nil, settingError(nearest)
}

// check finds out before anything is sent whether all of it can be: all bodies
// if they are changed, else the first, which the others are like.
func (s *eventSource) check(ctx context.Context, warn func(string, ...any)) error {
	const many = 5000 // take more than a second
	if len(s.set) > 0 && s.body == nil && s.count > many {
		warn("making %d events to see whether each can be changed; none is sent yet", s.count)
	}
	for body, err := range s.bodies() {
		switch {
		case err != nil:
			return err
		case ctx.Err() != nil:
			return errInterrupted
		case len(body) > schemas.MaxPayload:
			return usagef("%w", &schemas.SizeError{Size: int64(len(body)), Max: schemas.MaxPayload})
		case !s.force:
			if err := schemas.Validate(s.trigger, body); err != nil {
				return usagef("%s; --force sends it all the same", allViolations(err))
			}
		}
		if len(s.set) == 0 || s.body != nil {
			break
		}
	}
	return nil
}

// allViolations is an error of package schemas with more than the few
// violations that its own text names.
func allViolations(err error) string {
	e, ok := errors.AsType[*schemas.ValidationError](err)
	if !ok {
		return err.Error()
	}
	const most = 20
	var said []string
	for _, v := range e.Violations[:min(len(e.Violations), most)] {
		said = append(said, v.String())
	}
	if more := len(e.Violations) - len(said) + e.Omitted; more > 0 {
		said = append(said, fmt.Sprintf("and %d more", more))
	}
	return fmt.Sprintf("the event does not match the contract of %s: %s", e.Trigger, strings.Join(said, "; "))
}

// readBody reads the file, or standard input, that is to be sent.
func (p *program) readBody(name string) ([]byte, error) {
	in := p.stdin
	if name != "-" {
		file, err := os.Open(name)
		if err != nil {
			return nil, usagef("--body %q: cannot be read: %w", name, cause(err))
		}
		defer file.Close()
		in = file
	}
	body, err := io.ReadAll(io.LimitReader(in, schemas.MaxPayload+1))
	switch {
	case err != nil:
		return nil, usagef("--body %q: cannot be read: %w", name, cause(err))
	case len(body) > schemas.MaxPayload:
		return nil, usagef("--body %q: %w", name, &schemas.SizeError{Size: -1, Max: schemas.MaxPayload})
	case len(body) == 0:
		return nil, usagef("--body %q: is empty: want one JSON object", name)
	}
	return body, nil
}

// printBodies prints what would be sent.
func printBodies(ctx context.Context, w io.Writer, s *eventSource) error {
	for body, err := range s.bodies() {
		switch {
		case err != nil:
			return err
		case ctx.Err() != nil:
			return errInterrupted
		}
		if _, err := fmt.Fprintf(w, "%s\n", bytes.TrimSuffix(body, []byte("\n"))); err != nil {
			return err
		}
	}
	return nil
}

var errInterrupted = errors.New("interrupted: nothing was sent")

// A seed holds the second at which its world starts above seedBits bits of
// chance, so that it alone gives every byte again. Seeds in which that is no
// time, such as people make up, start at the world's own default.
const seedBits = 22

// longestAction is more than any event takes in a world that hurries; the
// longest, a transcript of a meeting, is 74 s.
const longestAction = 75 * time.Second

// freshSeed starts a world so far back that none of its events is in the future.
func freshSeed(now time.Time, events int) uint64 {
	start := now.Add(-time.Duration(events) * longestAction)
	return uint64(start.Unix())<<seedBits | rand.Uint64N(1<<seedBits)
}

// worldOf makes the options of a seed's world. Its ids differ from those of
// other seeds, for a receiver takes an id that it knows for a repetition.
func worldOf(seed uint64, o fixtures.Options) fixtures.Options {
	const worlds, ids = 1_000_000_000, 10 * maxSendCount // below 1<<53, for receivers that read ids as floats
	o.Seed, o.Hurry, o.UIDPrefix = seed, true, "hpt-"
	o.FirstID = (1 + rand.New(rand.NewPCG(seed, 0)).Int64N(worlds)) * ids
	if start := time.Unix(int64(seed>>seedBits), 0); start.Year() >= 2004 && start.Year() < 2200 {
		o.Start = start
	}
	return o
}
