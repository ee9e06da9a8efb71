package queue

import (
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
	ID       string // of the delivery
	Trigger  string
	Attempt  int       // from 1
	Accepted time.Time // when the delivery began
	Due      time.Time // when to do it
	Body     []byte
}

// header carries what a message is beside its data.
const header = "Hookproof"

var errHeader = errors.New("not one of our messages")

// encode writes all of a job but its lane and body on one line.
func (j *Job) encode() string {
	b := make([]byte, 0, 128)
	b = append(append(b, j.ID...), ' ')
	// A trigger that was forced may hold anything, or nothing; it is not at the
	// end, where a space before nothing would be lost.
	b = append(b, url.PathEscape(j.Trigger)...)
	b = strconv.AppendInt(append(b, ' '), int64(j.Attempt), 10)
	b = strconv.AppendInt(append(b, ' '), j.Accepted.UnixNano(), 10)
	b = strconv.AppendInt(append(b, ' '), j.Due.UnixNano(), 10)
	return string(b)
}

func decodeJob(line string) (Job, error) {
	parts := strings.SplitN(line, " ", 6)
	if len(parts) != 5 {
		return Job{}, errHeader
	}
	attempt, err1 := strconv.Atoi(parts[2])
	accepted, err2 := strconv.ParseInt(parts[3], 10, 64)
	due, err3 := strconv.ParseInt(parts[4], 10, 64)
	trigger, err4 := url.PathUnescape(parts[1])
	if err := errors.Join(err1, err2, err3, err4); err != nil || parts[0] == "" || attempt < 1 {
		return Job{}, errHeader
	}
	return Job{
		ID: parts[0], Trigger: trigger, Attempt: attempt,
		Accepted: time.Unix(0, accepted), Due: time.Unix(0, due),
	}, nil
}

// Enqueue stores jobs and returns when all are stored. On an error some may be
// stored, of which those that failed are listed. A job that is enqueued twice
// within seconds, with the same ID and Attempt, is stored once.
func (q *Queue) Enqueue(ctx context.Context, jobs ...Job) (failed []int, err error) {
	futures := make([]pending, 0, len(jobs))
	var errs []error
	done := 0
	settle := func(until int) {
		for ; done < until; done++ {
			_, err := futures[done].wait(ctx)
			if err != nil && retryable(ctx, err) {
				err = q.enqueueAgain(ctx, &jobs[done])
			}
			if err != nil {
				failed, errs = append(failed, done), append(errs, err)
			}
		}
	}
	for i := range jobs {
		// What is under way is bounded: a large batch must not wait for itself.
		if i-done >= outstanding/2 {
			settle(i - outstanding/4)
		}
		p, err := q.begin(ctx, q.jobMessage(&jobs[i]), jetstream.WithMsgID(jobs[i].msgID()))
		if err != nil {
			settle(i)
			for ; i < len(jobs); i++ {
				failed = append(failed, i)
			}
			return failed, err
		}
		futures = append(futures, p)
	}
	settle(len(jobs))
	if len(errs) > 0 {
		return failed, errs[0]
	}
	return nil, nil
}

// enqueueAgain is for jobs whose acknowledgement did not come, as happens when
// a cluster chooses another leader.
func (q *Queue) enqueueAgain(ctx context.Context, j *Job) error {
	var err error
	for range 3 {
		if _, err = q.publish(ctx, q.jobMessage(j), jetstream.WithMsgID(j.msgID())); err == nil || !retryable(ctx, err) {
			return err
		}
		select {
		case <-time.After(100 * time.Millisecond):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return err
}

func retryable(ctx context.Context, err error) bool {
	return ctx.Err() == nil && !errors.Is(err, ErrFull) && !errors.Is(err, ErrTooLarge)
}

func (j *Job) msgID() string {
	return j.ID + "." + strconv.Itoa(j.Attempt) + "." + strconv.FormatInt(j.Due.UnixNano(), 36)
}

func (q *Queue) jobMessage(j *Job) *nats.Msg {
	return &nats.Msg{
		Subject: q.names.subject(q.names.jobs(), j.Lane),
		Header:  nats.Header{header: {j.encode()}},
		Data:    j.Body,
	}
}

// Depth is how many jobs are stored, in all lanes.
func (q *Queue) Depth(ctx context.Context) (uint64, error) {
	info, err := q.jobs.Info(ctx)
	if err != nil {
		return 0, fmt.Errorf("count jobs: %w", err)
	}
	return info.State.Msgs, nil
}

// Forget drops the jobs of a lane, and the lane itself.
func (q *Queue) Forget(ctx context.Context, lane string) error {
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
