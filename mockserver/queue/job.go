package queue

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Job is one attempt that is to be made to deliver an event. The next attempt
// is another job.
type Job struct {
	Lane     string // the app and the webhook, each of letters, digits, "-" and "_", with a dot between
	ID       string // of the delivery, without spaces
	Trigger  string
	Attempt  int       // from 1
	Accepted time.Time // when the delivery began
	Due      time.Time // when to do it
	Body     []byte
}

// header carries what a message of a log is beside its data.
const header = "Hookproof"

var errMessage = errors.New("not one of our messages")

// encode appends all of a job but its lane: a line, then the body. Headers would
// be read by all that touch a message, at a third of what the queue costs.
func (j *Job) encode(b []byte) []byte {
	b = append(b, j.ID...)
	b = strconv.AppendInt(append(b, ' '), int64(j.Attempt), 10)
	b = strconv.AppendInt(append(b, ' '), j.Accepted.UnixNano(), 10)
	b = strconv.AppendInt(append(b, ' '), j.Due.UnixNano(), 10)
	// A trigger that was forced may hold anything.
	b = append(append(b, ' '), url.PathEscape(j.Trigger)...)
	return append(append(b, '\n'), j.Body...)
}

func decodeJob(data []byte) (Job, error) {
	line, body, ok := bytes.Cut(data, []byte("\n"))
	parts := strings.SplitN(string(line), " ", 5)
	if !ok || len(parts) != 5 {
		return Job{}, errMessage
	}
	attempt, err1 := strconv.Atoi(parts[1])
	accepted, err2 := strconv.ParseInt(parts[2], 10, 64)
	due, err3 := strconv.ParseInt(parts[3], 10, 64)
	trigger, err4 := url.PathUnescape(parts[4])
	if err := errors.Join(err1, err2, err3, err4); err != nil || parts[0] == "" || attempt < 1 {
		return Job{}, errMessage
	}
	return Job{
		ID: parts[0], Trigger: trigger, Attempt: attempt,
		Accepted: time.Unix(0, accepted), Due: time.Unix(0, due), Body: body,
	}, nil
}

// check tells what of a job cannot be kept.
func (j *Job) check(maxBytes int) error {
	switch {
	case checkLane(j.Lane) != nil:
		return checkLane(j.Lane)
	case j.ID == "" || len(j.ID) > 200 || strings.ContainsFunc(j.ID, func(r rune) bool { return r <= ' ' || r > '~' }):
		return fmt.Errorf("job %.200q: want an ID of 1 to 200 printable ASCII characters without spaces", j.ID)
	case j.Attempt < 1:
		return fmt.Errorf("job %s: want an attempt from 1, not %d", j.ID, j.Attempt)
	case len(j.Trigger) > 1000:
		return fmt.Errorf("job %s: want a trigger of at most 1000 bytes, not %d", j.ID, len(j.Trigger))
	case len(j.Body) > maxBytes:
		return fmt.Errorf("job %s of %d bytes: %w", j.ID, len(j.Body), ErrTooLarge)
	}
	return nil
}

// checkLane keeps lanes apart: they are part of a subject.
func checkLane(lane string) error {
	token := 0
	for i := range len(lane) {
		switch c := lane[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '-', c == '_':
			token++
		case c == '.' && token > 0 && i < len(lane)-1:
			token = 0
		default:
			token = -len(lane)
		}
	}
	if token <= 0 || len(lane) > 250 {
		return fmt.Errorf("lane %.250q: want letters, digits, \"-\" and \"_\", with dots between, at most 250", lane)
	}
	return nil
}

// Enqueue stores jobs and returns when all are stored. On an error some may be
// stored; those that are not, or of which it is not known, are listed, and the
// error is that of the first.
func (q *Queue) Enqueue(ctx context.Context, jobs ...Job) (failed []int, err error) {
	errs := make([]error, len(jobs))
	todo := make([]int, 0, len(jobs))
	for i := range jobs {
		if err := jobs[i].check(q.MaxMessage()); err != nil {
			errs[i] = err
			continue
		}
		todo = append(todo, i)
	}
	for try := 1; ; try++ {
		todo = q.enqueue(ctx, jobs, todo, errs)
		if len(todo) == 0 || try == tries {
			break
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
		}
	}
	for i := range jobs {
		if errs[i] != nil {
			failed = append(failed, i)
		}
	}
	if len(failed) > 0 {
		return failed, errs[failed[0]]
	}
	return nil, nil
}

// enqueue tries to store some jobs, notes how that ended, and returns those to
// try again: as happens when a cluster chooses another leader.
func (q *Queue) enqueue(ctx context.Context, jobs []Job, todo []int, errs []error) (again []int) {
	receipts := make([]*receipt, len(todo)) // nil: was not sent
	var data []byte
	settled := 0
	settle := func(until int) {
		for ; settled < until; settled++ {
			i, r := todo[settled], receipts[settled]
			if r == nil {
				continue
			}
			_, errs[i] = q.wait(ctx, r)
			if errs[i] != nil && retryable(ctx, errs[i]) {
				again = append(again, i)
			}
		}
	}
	for n, i := range todo {
		if errs[i] = ctx.Err(); errs[i] != nil {
			continue
		}
		r := q.tryTake()
		if r == nil {
			// Who waits must hold none, or callers would wait for each other.
			settle(n)
			if r, errs[i] = q.take(ctx); r == nil {
				continue
			}
		}
		j := &jobs[i]
		data = j.encode(data[:0])
		m := &nats.Msg{Subject: q.names.subject(q.names.jobs(), j.Lane), Data: data}
		if q.remote {
			m.Header = nats.Header{jetstream.MsgIDHeader: {j.msgID()}}
		}
		if errs[i] = q.send(r, m); errs[i] == nil {
			receipts[n] = r
		} else if retryable(ctx, errs[i]) {
			again = append(again, i)
		}
	}
	settle(len(todo))
	return again
}

// msgID has a job stored once even if it is sent again because its
// acknowledgement was lost.
func (j *Job) msgID() string {
	return j.ID + "." + strconv.Itoa(j.Attempt) + "." + strconv.FormatInt(j.Due.UnixNano(), 36)
}

// Depth is how many jobs are stored, in all lanes.
func (q *Queue) Depth(ctx context.Context) (uint64, error) {
	info, err := q.jobs.Info(ctx)
	if err != nil {
		return 0, fmt.Errorf("count jobs: %w", err)
	}
	return info.State.Msgs, nil
}

// Forget drops the jobs of a lane, and the lane itself: those who work on it
// get [ErrForgotten].
func (q *Queue) Forget(ctx context.Context, lane string) error {
	if err := checkLane(lane); err != nil {
		return err
	}
	if err := q.js.DeleteConsumer(ctx, q.names.jobs(), consumerName(lane)); err != nil && !errors.Is(err, jetstream.ErrConsumerNotFound) {
		return fmt.Errorf("lane %s: %w", lane, err)
	}
	if err := q.jobs.Purge(ctx, jetstream.WithPurgeSubject(q.names.subject(q.names.jobs(), lane))); err != nil {
		return fmt.Errorf("lane %s: %w", lane, err)
	}
	return nil
}

// Clear drops the jobs of all lanes, and all logs.
func (q *Queue) Clear(ctx context.Context) error {
	return errors.Join(q.jobs.Purge(ctx), q.attempts.stream.Purge(ctx), q.dead.stream.Purge(ctx))
}
