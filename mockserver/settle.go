package mockserver

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"strconv"
	"time"

	"hookproof/mockserver/delivery"
	"hookproof/mockserver/queue"
)

// attempt makes one.
func (w *Worker) attempt(ctx context.Context, hook *Webhook, j *queue.Job) *delivery.Attempt {
	sender := w.sender
	if f := w.store.faultsOf(targetOf(j.Lane)); f.Any() {
		// The key makes a seed's faults the same in every process.
		ctx = delivery.WithKey(ctx, j.ID+"."+strconv.Itoa(j.Attempt))
		sender.Transport = w.transports.with(f)
	}
	req, err := endpoint(hook, w.o).NewRequest(ctx, j.Body)
	if err != nil { // of a URL that was accepted once
		return &delivery.Attempt{Start: time.Now(), Failure: delivery.FailOther, Err: err}
	}
	a := sender.Send(req, j.Body)
	return &a
}

// settle decides what follows an attempt, records both and sees that it
// follows. An error leaves the job to be done again.
func (w *Worker) settle(ctx context.Context, of target, hook *Webhook, j *queue.Job, m *delivery.Attempt) error {
	end := m.Start.Add(m.Held + m.Timing.Total)
	n := of.note(noteAttempt, j)
	n.worker = w.o.Name
	n.at, n.ms, n.last = end, milliseconds(m.Timing.Total), cmp.Or(string(m.Failure), strconv.Itoa(m.Status))
	policy := delivery.Policy{Retry: hook.RetryOnFailure, TimeScale: w.o.TimeScale}
	wait, again := policy.Next(j.Attempt, m)
	var why string
	switch {
	case m.Delivered():
		n.state = Delivered
	case again:
		n.state, n.next = Retrying, end.Add(wait)
		why = fmt.Sprintf("attempt %d of %d failed, and the webhook has retryOnFailure", j.Attempt, delivery.MaxAttempts)
		next := *j
		next.Attempt, next.Due = j.Attempt+1, n.next
		if _, err := w.q.Enqueue(ctx, next); err != nil {
			if !errors.Is(err, queue.ErrFull) {
				return err
			}
			n.state, n.next, why = Dead, time.Time{}, "too many deliveries wait for this webhook"
		}
	default:
		n.state = Dead
		why = "the webhook has no retryOnFailure"
		if hook.RetryOnFailure {
			why = fmt.Sprintf("attempt %d was the last", j.Attempt)
		}
	}
	if n.state == Dead {
		d := n
		d.kind = noteDead
		position, err := w.q.Dead().Append(ctx, queue.Entry{Summary: d.encode(), Data: entryData(nil, j.Body)})
		if err != nil {
			return err
		}
		n.dead = position
	}
	_, err := w.q.Attempts().Append(ctx, queue.Entry{Summary: n.encode(), Data: entryData(w.record(hook, j, m, &n, why), j.Body)})
	return err
}

// entryData is what the log keeps beside a note: the record of an attempt, if
// it is about one, and on the next line the event as it was sent.
func entryData(record *Attempt, body []byte) []byte {
	if record == nil {
		return append([]byte{'\n'}, body...)
	}
	data := append(appendRecord(make([]byte, 0, recordSize+len(body)), record), '\n')
	return append(data, body...)
}

// recordSize is room for a usual record, in bytes.
const recordSize = 1 << 10

// fromData is the opposite of entryData.
func fromData(data []byte) (record, body []byte) {
	record, body, _ = bytes.Cut(data, []byte{'\n'})
	return record, body
}

func milliseconds(d time.Duration) float64 { return math.Round(float64(d)/1e3) / 1e3 }
