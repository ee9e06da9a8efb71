package schemas

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// edit inserts a text into a file.
type edit struct {
	at   int
	text string
}

// apply makes edits, which are at different places.
func apply(old []byte, edits []edit) []byte {
	slices.SortFunc(edits, func(a, b edit) int { return cmp.Compare(a.at, b.at) })
	var out bytes.Buffer
	done := 0
	for _, e := range edits {
		out.Write(old[done:e.at])
		out.WriteString(e.text)
		done = e.at
	}
	out.Write(old[done:])
	return out.Bytes()
}

// lastIn returns a file and where in it the last member or item of the object or
// array at home ends.
func lastIn(h home) (text []byte, end int, err error) {
	if text, err = files.ReadFile(h.file); err != nil {
		return nil, 0, err
	}
	from, to, err := span(text, tokens(h.pointer))
	if err != nil {
		return nil, 0, fmt.Errorf("%s#%s: %w", h.file, h.pointer, err)
	}
	end = from + len(bytes.TrimRight(text[from:to-1], " \t\r\n"))
	if end == from+1 {
		return nil, 0, fmt.Errorf("%s#%s: is empty", h.file, h.pointer)
	}
	return text, end, nil
}

// separator returns what stands between the last member, which ends at end, and what
// is before it: a line break with its indent, or a space.
func separator(text []byte, end int) string {
	line := text[bytes.LastIndexByte(text[:end], '\n')+1 : end]
	indent := line[:len(line)-len(bytes.TrimLeft(line, " "))]
	if rest := bytes.TrimLeft(text[end:], " \r"); len(rest) > 0 && rest[0] == '\n' {
		return "\n" + string(indent) // also of one that spans lines, for it ends at its own indent
	}
	return " "
}

// span returns where the value at a pointer begins and ends in a JSON text.
func span(text []byte, way []string) (from, to int, err error) {
	dec := json.NewDecoder(bytes.NewReader(text))
	for {
		if len(way) == 0 {
			from = int(dec.InputOffset())
			from += bytes.IndexFunc(text[from:], func(r rune) bool { return !strings.ContainsRune(" \t\r\n:,", r) })
			var raw json.RawMessage
			if err := dec.Decode(&raw); err != nil {
				return 0, 0, err
			}
			return from, int(dec.InputOffset()), nil
		}
		open, err := dec.Token()
		if err != nil {
			return 0, 0, err
		}
		found := false
		for i := 0; dec.More() && !found; i++ {
			name := strconv.Itoa(i)
			if open == json.Delim('{') {
				t, err := dec.Token()
				if err != nil {
					return 0, 0, err
				}
				name, _ = t.(string)
			}
			if name == way[0] {
				found = true
				break
			}
			var skip json.RawMessage
			if err := dec.Decode(&skip); err != nil {
				return 0, 0, err
			}
		}
		if !found {
			return 0, 0, fmt.Errorf("no member %q", way[0])
		}
		way = way[1:]
	}
}
