package queue

import (
	"context"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

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
