package load

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"unicode"

	"hookproof/mockserver/traffic"
)

// MaxSize bounds a saved report in bytes: a week of points and every trigger are
// some megabytes.
const MaxSize = 32 << 20

// JSON writes the report as indented JSON. What it is compared with is not part of
// it. [Parse] reads it back.
func JSON(w io.Writer, r, _ *Report) error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false) // conditions stay readable; the file is no part of a page
	if err := enc.Encode(r); err != nil {
		return fmt.Errorf("write json report: %w", err)
	}
	return emit(w, "json", b.Bytes())
}

// Is reports whether a JSON document says that it is a saved report of traffic.
func Is(text []byte) bool {
	var head struct {
		Kind string `json:"kind"`
	}
	return json.Unmarshal(text, &head) == nil && head.Kind == Kind
}

// Parse reads a saved JSON report. An error says what is wrong with it.
func Parse(text []byte) (*Report, error) {
	if len(text) > MaxSize {
		return nil, fmt.Errorf("has more than %d bytes: no saved report of traffic is as large", MaxSize)
	}
	if !Is(text) {
		return nil, fmt.Errorf("is no saved report of traffic: want what --report json=FILE wrote, with \"kind\": %q", Kind)
	}
	var r Report
	if err := json.Unmarshal(text, &r); err != nil {
		return nil, fmt.Errorf("is no whole report of traffic: %w", err)
	}
	if r.Format != FormatVersion {
		return nil, fmt.Errorf("has format %d: this hookproof reads format %d", r.Format, FormatVersion)
	}
	if err := r.check(); err != nil {
		return nil, fmt.Errorf("is no whole report of traffic: %w", err)
	}
	return &r, nil
}

// name is the form of a trigger, a failure, a model or a worker.
var name = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.:-]{0,127}$`)

// check refuses what New would not have made, text that could act on its reader in
// particular.
func (r *Report) check() error {
	if r.Result == nil {
		return errors.New("result is missing")
	}
	switch r.Verdict {
	case Kept, Missed, Undecided:
	default:
		return errors.New("verdict: want kept, missed or undecided")
	}
	if r.Bottleneck != r.Result.Bottleneck() {
		return errors.New("bottleneck is not that of the result")
	}
	if !plain(r.Version, 100) || !plain(r.Result.Plan.URL, 4096) {
		return errors.New("hookproof and url: want one line of text each")
	}
	for _, c := range r.Conditions {
		if !plain(c.Text, 200) || !plain(c.Value, 200) {
			return errors.New("conditions: want a line of text for each")
		}
	}
	return checkResult(r.Result)
}

func checkResult(r *traffic.Result) error {
	if r.Plan.Duration <= 0 || r.Series.Interval <= 0 || r.Elapsed < 0 {
		return errors.New("plan.duration, series.interval and elapsed: want times")
	}
	if _, err := traffic.ParseModel(string(r.Plan.Model)); err != nil {
		return fmt.Errorf("plan.arrival: %w", err)
	}
	for _, s := range r.Statuses {
		if s.Status < 0 || s.Status > 999 || s.Latency == nil {
			return errors.New("statuses: want three digits and a histogram each")
		}
	}
	for _, f := range r.Failures {
		if !name.MatchString(string(f.Failure)) || f.Latency == nil {
			return errors.New("failures: want a name and a histogram each")
		}
	}
	for _, t := range r.Triggers {
		if t.Trigger != "" && !name.MatchString(t.Trigger) || t.Latency == nil {
			return errors.New("triggers: want a name and a histogram each")
		}
	}
	if r.Shared != nil {
		for _, w := range r.Shared.Workers {
			if !plain(w.Worker, 128) {
				return errors.New("shared.workers: want a line of text for each name")
			}
		}
	}
	return nil
}

// plain tells whether a text is short and can be shown as it is.
func plain(s string, most int) bool {
	if len(s) > most {
		return false
	}
	for _, r := range s {
		if !unicode.IsGraphic(r) || r == unicode.ReplacementChar {
			return false
		}
	}
	return true
}
