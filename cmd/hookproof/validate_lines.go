package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"

	"hookproof/schemas"
)

// maxLine is more than a record of a payload of schemas.MaxPayload bytes
// takes, in which any byte may be written as an escape of six.
const maxLine = 8 * schemas.MaxPayload

// lines judges a payload or a record a line, holding one line at a time.
// Blank lines are nothing; an input of nothing else is invalid.
func (j *judging) lines(name string, in io.Reader) error {
	r := bufio.NewReaderSize(in, 64<<10)
	found := false
	var line []byte
	for n := 1; ; n++ {
		var err error
		line, err = readLine(r, line[:0])
		if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, errLongLine) {
			return err
		}
		if content := bytes.TrimSpace(line); len(content) > 0 {
			found = true
			g := j.failed(name, n, &schemas.SizeError{Size: -1, Max: schemas.MaxPayload})
			if !errors.Is(err, errLongLine) {
				g = j.judge(name, n, unwrap(content))
			}
			if err := j.print(g); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) {
			break
		}
	}
	if !found {
		return j.print(j.failed(name, 0, errors.New("there is no payload in it")))
	}
	return nil
}

var errLongLine = errors.New("line too long")

// readLine appends a line to buf, without its end. Of a line of more than
// maxLine bytes it reads all, keeps the beginning and returns errLongLine. The
// error is io.EOF with the last line.
func readLine(r *bufio.Reader, buf []byte) ([]byte, error) {
	long := false
	for {
		part, err := r.ReadSlice('\n')
		if room := maxLine - len(buf); len(part) > room {
			part, long = part[:room], true
		}
		buf = append(buf, part...)
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case long && (err == nil || errors.Is(err, io.EOF)):
			return buf, errLongLine // and io.EOF with the next, empty line
		default:
			return bytes.TrimSuffix(buf, []byte("\n")), err
		}
	}
}

// unwrap returns the payload of a record, or what is no record as it is.
func unwrap(line []byte) []byte {
	if !bytes.Contains(line, []byte(`"record"`)) {
		return line
	}
	var r record
	if json.Unmarshal(line, &r) == nil {
		if payload, ok := r.payload(); ok {
			return payload
		}
	}
	return line
}
