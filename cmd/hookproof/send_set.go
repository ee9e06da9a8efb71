package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"strconv"
	"strings"

	"hookproof/fixtures"
)

// setting is a change of an event: the value at a path becomes another.
type setting struct {
	path  string
	value []byte // JSON
}

// settings is a flag that can be repeated, PATH=VALUE.
type settings []setting

func (l *settings) String() string { return "" }
func (l *settings) Type() string   { return "PATH=VALUE" }

func (l *settings) Set(s string) error {
	path, text, found := strings.Cut(s, "=")
	if !found || path == "" {
		return errors.New("want PATH=VALUE such as data.message.data.text=hello")
	}
	value := []byte(text)
	if !json.Valid(value) {
		var b bytes.Buffer
		if err := writeJSONLine(&b, text); err != nil {
			return err
		}
		value = bytes.TrimSpace(b.Bytes())
	}
	*l = append(*l, setting{path, value})
	return nil
}

// apply makes the changes, in their order.
func (l settings) apply(event []byte) ([]byte, error) {
	for _, s := range l {
		var err error
		if event, err = fixtures.Set(event, s.path, s.value); err != nil {
			return nil, err
		}
	}
	return event, nil
}

// settingError says in one line what is wrong with a --set, nil if nothing is.
func settingError(err error) error {
	if err == nil {
		return nil
	}
	if e, ok := errors.AsType[*fixtures.PathError](err); ok {
		return usagef("--set %w%s", err, didYouMean(e.Missing, e.Names))
	}
	return usagef("--set %w", err)
}

// timeScale is a flag that takes a number above 0 and at most 1; 0 is not given.
type timeScale float64

func (t *timeScale) String() string { return "" }
func (t *timeScale) Type() string   { return "NUMBER" }

func (t *timeScale) Set(s string) error {
	v, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsNaN(v) || v <= 0 || v > 1 {
		return errors.New("want a number above 0 and at most 1, such as 0.01")
	}
	*t = timeScale(v)
	return nil
}
