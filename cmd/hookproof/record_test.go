package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"testing"
)

func FuzzRecordKeepsEveryByte(f *testing.F) {
	f.Add([]byte(`{"trigger":"message_sent"}`))
	f.Add([]byte("\xff\x00\u2028\"\\"))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, body []byte) {
		a := &arrival{status: 200, body: body, header: http.Header{"Authorization": {"Basic xyz"}, "X-A": {"b"}}}
		var line bytes.Buffer
		if err := writeJSONLine(&line, newRecord(a, judge(a))); err != nil {
			t.Fatal(err)
		}
		if bytes.Count(line.Bytes(), []byte("\n")) != 1 || bytes.Contains(line.Bytes(), []byte("Basic xyz")) {
			t.Fatalf("not one line without credentials: %q", line.Bytes())
		}
		if got := unwrap(bytes.TrimSpace(line.Bytes())); !bytes.Equal(got, body) {
			t.Fatalf("%q came back as %q", body, got)
		}
		var r record
		if err := json.Unmarshal(line.Bytes(), &r); err != nil || r.Headers.Get("X-A") != "b" {
			t.Fatalf("record %+v, error %v", r, err)
		}
	})
}

func FuzzValidateLines(f *testing.F) {
	f.Add([]byte("{}\n\n{\"record\":1,\"body\":\"{}\"}\nx"))
	f.Add(bytes.Repeat([]byte("a"), 100))
	f.Fuzz(func(t *testing.T, text []byte) {
		var out bytes.Buffer
		j := &judging{validateFlags: &validateFlags{auditMode: "lenient"}, out: bufio.NewWriter(&out)}
		j.newStream()
		if err := errors.Join(j.lines("f", bytes.NewReader(text)), j.flush()); err != nil {
			t.Fatal(err)
		}
		want := 0
		for line := range bytes.SplitSeq(text, []byte("\n")) {
			if len(bytes.TrimSpace(line)) > 0 {
				want++
			}
		}
		if got := bytes.Count(out.Bytes(), []byte("\n")); got != max(want, 1) || j.payloads != got {
			t.Fatalf("%d lines of output and %d payloads, want %d: %q", got, j.payloads, max(want, 1), out.Bytes())
		}
	})
}

func TestValidateLinesHoldsNoLongLine(t *testing.T) {
	long := bytes.Repeat([]byte("a"), maxLine+1)
	for name, text := range map[string][]byte{
		"last":  long,
		"ended": append(bytes.Clone(long), '\n'),
		"first": append(bytes.Clone(long), "\n{}"...),
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			j := &judging{validateFlags: &validateFlags{}, out: bufio.NewWriter(&out)}
			// In pieces, as a pipe gives them.
			if err := errors.Join(j.lines("f", io.MultiReader(bytes.NewReader(text[:10]), bytes.NewReader(text[10:]))), j.flush()); err != nil {
				t.Fatal(err)
			}
			if !bytes.HasPrefix(out.Bytes(), []byte("f:1: invalid: payload is larger than")) || out.Len() > 500 {
				t.Errorf("got %d bytes: %.200q", out.Len(), out.Bytes())
			}
		})
	}
}
