package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"runtime"
	"sync"

	"hookproof/schemas"
)

// maxLine is more than a record of a payload of schemas.MaxPayload bytes
// takes, in which any byte may be written as an escape of six.
const maxLine = 8 * schemas.MaxPayload

// Bounds of a batch of lines, which one of the cores judges while others judge others.
const (
	batchLines = 128
	batchBytes = 1 << 20
)

// lineBatch is some lines of a file.
type lineBatch struct {
	buf     []byte
	lines   []inputLine
	results []*judgement
	done    chan struct{} // closed when the results are there
}

// inputLine is a line that is not blank.
type inputLine struct {
	n        int // from 1
	from, to int // in the buffer of the batch
	long     bool
}

func (b *lineBatch) add(n int, content []byte, long bool) {
	from := len(b.buf)
	b.buf = append(b.buf, content...)
	b.lines = append(b.lines, inputLine{n, from, len(b.buf), long})
}

// full reports whether no more lines are to be added.
func (b *lineBatch) full() bool { return len(b.lines) == batchLines || len(b.buf) >= batchBytes }

// payload returns that of a line.
func (b *lineBatch) payload(l inputLine) []byte { return unwrap(b.buf[l.from:l.to]) }

// lines judges a payload or a record a line, on all cores, and prints what it finds in
// the order of the lines. Blank lines are nothing; an input of nothing else is invalid.
func (j *judging) lines(name string, in io.Reader) error {
	workers := runtime.GOMAXPROCS(0)
	todo, inOrder := make(chan *lineBatch), make(chan *lineBatch, 2*workers)
	stop := make(chan struct{})
	var readErr error
	var judges sync.WaitGroup
	for range workers {
		judges.Go(func() { j.judgeBatches(name, todo) })
	}
	go func() {
		defer close(inOrder)
		defer close(todo)
		readErr = batches(in, func(b *lineBatch) bool {
			select {
			case inOrder <- b:
			case <-stop:
				return false
			}
			select {
			case todo <- b:
				return true
			case <-stop:
				close(b.done) // nobody will judge it
				return false
			}
		})
	}()
	found := false
	for b := range inOrder {
		<-b.done
		var broken error
		for i, g := range b.results {
			found = true
			j.audit(g, b.payload(b.lines[i]))
			if broken = j.print(g); broken != nil {
				break
			}
		}
		if broken == nil {
			broken = j.flush()
		}
		if broken != nil {
			close(stop)
			return broken // at once: the input may say nothing for long
		}
	}
	judges.Wait()
	switch {
	case readErr != nil:
		return readErr
	case !found:
		return j.print(j.failed(name, 0, errors.New("there is no payload in it")))
	}
	return nil
}

// judgeBatches judges what is to be done.
func (j *judging) judgeBatches(name string, todo <-chan *lineBatch) {
	c := j.comparison()
	for b := range todo {
		b.results = make([]*judgement, len(b.lines))
		for i, l := range b.lines {
			if l.long {
				b.results[i] = j.failed(name, l.n, &schemas.SizeError{Size: -1, Max: schemas.MaxPayload})
				continue
			}
			b.results[i] = j.judge(name, l.n, b.payload(l), c)
		}
		close(b.done)
	}
	j.merge(c)
}

// batches reads an input in batches of lines, until there is no more or take wants no
// more. It holds one line at a time.
func batches(in io.Reader, take func(*lineBatch) bool) error {
	r := bufio.NewReaderSize(in, 256<<10)
	b := &lineBatch{done: make(chan struct{})}
	var line []byte
	for n := 1; ; n++ {
		var err error
		line, err = readLine(r, line[:0])
		if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, errLongLine) {
			return err
		}
		if content := bytes.TrimSpace(line); len(content) > 0 {
			long := errors.Is(err, errLongLine)
			if long {
				content = content[:1] // too long to be judged
			}
			b.add(n, content, long)
		}
		last := errors.Is(err, io.EOF)
		// What comes slowly, from a pipe, is judged as it comes.
		if len(b.lines) > 0 && (last || b.full() || r.Buffered() == 0) {
			if !take(b) {
				return nil
			}
			b = &lineBatch{done: make(chan struct{})}
		}
		if last {
			return nil
		}
	}
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
