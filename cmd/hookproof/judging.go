package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"hookproof/fixtures"
	"hookproof/schemas"
)

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
	j.newStream()
	var err error
	if lines {
		err = j.lines(name, in)
	} else {
		err = j.whole(name, in, size)
	}
	if broken := j.flush(); broken != nil {
		return broken
	}
	if err != nil {
		return fmt.Errorf("%q: cannot be read: %w", name, cause(err))
	}
	return nil
}

// judging judges payloads and prints what it finds.
type judging struct {
	*validateFlags
	out               *bufio.Writer
	payloads, invalid int
	impossible        int               // things in a stream that cannot be
	broken            error             // why nothing can be printed any more
	auditor           *fixtures.Auditor // of the file at hand; nil if none is wanted

	mu       sync.Mutex // guards what follows
	compared *schemas.Comparison
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
	g := j.judge(name, 0, payload, j.compared)
	j.audit(g, payload)
	return j.print(g)
}

// judge judges a payload, or with --drift compares it.
func (j *judging) judge(name string, line int, payload []byte, c *schemas.Comparison) *judgement {
	if j.drift {
		c.Add(payload)
		return &judgement{File: name, Line: line, Valid: true}
	}
	trigger, err := j.trigger, error(nil)
	if trigger == "" {
		trigger, err = schemas.ValidateEventOf(j.generation, payload)
	} else {
		err = schemas.Validate(trigger, payload)
	}
	g := j.failed(name, line, err)
	g.Trigger, g.Valid = trigger, err == nil
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
	switch {
	case j.drift, j.quiet && g.Valid && len(g.Impossible) == 0:
	case j.json:
		j.broken = writeJSONLine(j.out, g)
	default:
		_, j.broken = fmt.Fprintln(j.out, g)
	}
	return j.broken
}

// flush prints what was said so far.
func (j *judging) flush() error {
	if j.broken == nil {
		j.broken = j.out.Flush()
	}
	return j.broken
}
