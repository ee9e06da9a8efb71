package main

import (
	"bytes"
	"encoding/json"
	"errors"

	"hookproof/schemas"
)

// replayLine reads a line of a recording: a record, or an event as it is. A blank
// line is nothing.
func replayLine(line []byte) (e toReplay, ok bool, err error) {
	content := bytes.TrimSpace(line)
	if len(content) == 0 {
		return e, false, nil
	}
	if bytes.Contains(content, []byte(`"record"`)) {
		var r record
		if json.Unmarshal(content, &r) == nil {
			if payload, is := r.payload(); is {
				e = toReplay{at: r.Time, body: payload, trigger: r.Trigger}
				if types := r.Headers["Content-Type"]; len(types) == 1 && printable(types[0]) == types[0] {
					e.contentType = types[0]
				}
				content = nil
			}
		}
	}
	if content != nil {
		if content[0] != '{' {
			return e, false, errors.New("is no JSON object: want a record of listen, or an event")
		}
		// As it stands, but for the line's own end.
		e.body = bytes.TrimSuffix(line, []byte("\r"))
	}
	if len(e.body) > schemas.MaxPayload {
		return e, false, &schemas.SizeError{Size: int64(len(e.body)), Max: schemas.MaxPayload}
	}
	if e.trigger == "" {
		var event struct {
			Trigger string `json:"trigger"`
		}
		_ = json.Unmarshal(e.body, &event) // whatever it is, it is sent as it came
		e.trigger = event.Trigger
	}
	return e, true, nil
}
