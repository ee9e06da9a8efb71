package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"math"
	"time"

	"hookproof/mockserver/delivery"
	"hookproof/mockserver/traffic"
)

// trafficLog writes a JSON object for each event to a file that is there when the run
// is over.
type trafficLog struct {
	out  *bufio.Writer
	enc  *json.Encoder
	err  error // the first
	gone chan error
	in   *io.PipeWriter
}

// loggedAttempt is a line of the log. Times are in milliseconds from the start.
type loggedAttempt struct {
	Due     float64          `json:"due"`
	Sent    float64          `json:"sent"`
	Done    float64          `json:"done"`
	Trigger string           `json:"trigger"`
	Status  int              `json:"status"` // 0 without an answer
	Failure delivery.Failure `json:"failure,omitempty"`
	Waited  bool             `json:"waited,omitempty"` // for a connection, or its turn
}

// newTrafficLog begins a log.
func newTrafficLog(to *newFile) *trafficLog {
	l := &trafficLog{}
	in, out := io.Pipe()
	l.in, l.gone = out, make(chan error, 1)
	go func() {
		err := to.stream(func(w io.Writer) error {
			_, err := io.Copy(w, in)
			return err
		})
		in.CloseWithError(errors.Join(err, io.ErrClosedPipe))
		l.gone <- err
	}()
	l.out = bufio.NewWriterSize(out, 64<<10)
	l.enc = json.NewEncoder(l.out)
	return l
}

// add writes attempts.
func (l *trafficLog) add(batch []traffic.Attempt) {
	ms := func(d time.Duration) float64 { return math.Round(float64(d)/1e3) / 1e3 }
	for i := range batch {
		a := &batch[i]
		if l.err == nil {
			l.err = l.enc.Encode(loggedAttempt{ms(a.Due), ms(a.Sent), ms(a.Done), a.Trigger, a.Status, a.Failure, a.Waited})
		}
	}
}

// end puts the log in its place.
func (l *trafficLog) end() error {
	if l.err == nil {
		l.err = l.out.Flush()
	}
	return l.close(l.err)
}

// drop leaves no log, unless it has ended.
func (l *trafficLog) drop() { _ = l.close(errInterrupted) }

// close ends the writing, with an error if the file is not to be there.
func (l *trafficLog) close(err error) error {
	if l.in == nil {
		return nil
	}
	_ = l.in.CloseWithError(err) // never fails
	l.in = nil
	return errors.Join(err, <-l.gone)
}
