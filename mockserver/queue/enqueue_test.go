package queue

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
)

func depth(t *testing.T, q *Queue) int {
	t.Helper()
	n, err := q.Depth(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return int(n)
}

func TestEnqueueTellsWhatFailed(t *testing.T) {
	t.Parallel()
	q := testQueue(t, EmbeddedOptions{bounds: bounds{lane: 10}})
	large := testJob("large")
	large.Lane, large.Body = "app.other", make([]byte, q.MaxMessage()+1)
	fits := large
	fits.ID, fits.Body = "fits", large.Body[1:]
	jobs := slices.Concat(testJobs("app.hook", 12), []Job{large, fits, {Lane: "app.other"}})
	failed, err := q.Enqueue(t.Context(), jobs...)
	if !errors.Is(err, ErrFull) || !slices.Equal(failed, []int{10, 11, 12, 14}) {
		t.Errorf("Enqueue: failed %v: %v, want [10 11 12 14]: %v", failed, err, ErrFull)
	}
	if failed, err := q.Enqueue(t.Context(), large); !errors.Is(err, ErrTooLarge) || len(failed) != 1 {
		t.Errorf("Enqueue: failed %v: %v, want [0]: %v", failed, err, ErrTooLarge)
	}
	if got := depth(t, q); got != 11 {
		t.Errorf("%d jobs are stored, want 11", got)
	}
	// A full lane is no matter of the others, and has room again when jobs are done.
	enqueue(t, q, testJobs("app.more", 3)...)
	var done seen
	inBackground(t, func(ctx context.Context) error { return q.Work(ctx, "app.hook", 2, done.remember) })
	done.await(t, 10)
	eventually(t, "there is room", func() bool { return depth(t, q) == 4 })
	enqueue(t, q, testJobs("app.hook", 10)...)
}

func TestEnqueueRefusesWhatItCannotKeep(t *testing.T) {
	t.Parallel()
	q := testQueue(t, EmbeddedOptions{})
	for name, change := range map[string]func(*Job){
		"no lane":        func(j *Job) { j.Lane = "" },
		"all lanes":      func(j *Job) { j.Lane = "app.>" },
		"no ID":          func(j *Job) { j.ID = "" },
		"ID of two":      func(j *Job) { j.ID = "a b" },
		"ID of lines":    func(j *Job) { j.ID = "a\nb" },
		"no attempt":     func(j *Job) { j.Attempt = 0 },
		"endless of all": func(j *Job) { j.Trigger = string(make([]byte, 2000)) },
	} {
		j := testJob("a")
		change(&j)
		if failed, err := q.Enqueue(t.Context(), j); err == nil || len(failed) != 1 {
			t.Errorf("%s: failed %v: %v", name, failed, err)
		}
	}
	if got := depth(t, q); got != 0 {
		t.Errorf("%d jobs are stored, want none", got)
	}
}

func TestEnqueueIsBoundedByBytes(t *testing.T) {
	t.Parallel()
	q := testQueue(t, EmbeddedOptions{bounds: bounds{bytes: 100_000}})
	jobs := testJobs("app.hook", 20)
	for i := range jobs {
		jobs[i].Body = make([]byte, 10_000)
	}
	failed, err := q.Enqueue(t.Context(), jobs...)
	if got := depth(t, q); !errors.Is(err, ErrFull) || got == 0 || got+len(failed) != len(jobs) {
		t.Errorf("Enqueue: failed %v: %v; stored %d", failed, err, got)
	}
}

func TestEnqueueEndsWithItsContext(t *testing.T) {
	t.Parallel()
	q := testQueue(t, EmbeddedOptions{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	failed, err := q.Enqueue(ctx, testJobs("app.hook", 3)...)
	if !errors.Is(err, context.Canceled) || len(failed) != 3 || depth(t, q) != 0 {
		t.Errorf("Enqueue: failed %v: %v; stored %d", failed, err, depth(t, q))
	}
	// In the middle: what is not listed is stored.
	jobs := testJobs("app.hook", 6000)
	ctx, cancel = context.WithCancel(t.Context())
	go func() {
		for {
			if n, err := q.Depth(t.Context()); err != nil || n > 300 {
				cancel()
				return
			}
		}
	}()
	failed, err = q.Enqueue(ctx, jobs...)
	if got := depth(t, q); !errors.Is(err, context.Canceled) || got < len(jobs)-len(failed) {
		t.Errorf("Enqueue: %d failed: %v; stored %d of %d", len(failed), err, got, len(jobs))
	}
	if len(q.free) != outstanding {
		t.Errorf("%d receipts are free, want all %d", len(q.free), outstanding)
	}
	enqueue(t, q, testJob("after"))
}

// Many large batches share what may be under way, and none waits for ever.
func TestEnqueueOfManyBatches(t *testing.T) {
	t.Parallel()
	q := testQueue(t, EmbeddedOptions{})
	var all sync.WaitGroup
	const batches, each = 5, 1500
	for b := range batches {
		all.Go(func() {
			if failed, err := q.Enqueue(t.Context(), testJobs(fmt.Sprintf("app.hook%d", b), each)...); err != nil {
				t.Errorf("Enqueue: %d failed: %v", len(failed), err)
			}
		})
	}
	all.Wait()
	if got := depth(t, q); got != batches*each {
		t.Errorf("%d jobs are stored, want %d", got, batches*each)
	}
}
