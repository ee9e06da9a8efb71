package queue

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func enqueue(t *testing.T, q *Queue, jobs ...Job) {
	t.Helper()
	if failed, err := q.Enqueue(t.Context(), jobs...); err != nil || failed != nil {
		t.Fatalf("Enqueue: failed %v: %v", failed, err)
	}
}

func TestJobsComeAsTheyWere(t *testing.T) {
	t.Parallel()
	q := testQueue(t, EmbeddedOptions{})
	want := Job{
		Lane: "app-1.hook_2", ID: "d1", Trigger: "any thing\n%20é", Attempt: 3,
		Accepted: time.Unix(1, 5), Due: time.Unix(2, 7), Body: []byte("line\nand \x00 more"),
	}
	enqueue(t, q, want)
	got := make(chan Job, 1)
	inBackground(t, func(ctx context.Context) error {
		return q.Work(ctx, want.Lane, 1, func(_ context.Context, j Job) error { got <- j; return nil })
	})
	if got := <-got; fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestWorkers(t *testing.T) {
	t.Parallel()
	q := testQueue(t, EmbeddedOptions{})
	const n = 500
	var done seen
	var busy, most atomic.Int64
	handle := func(ctx context.Context, j Job) error {
		now := busy.Add(1)
		defer busy.Add(-1)
		for old := most.Load(); now > old && !most.CompareAndSwap(old, now); old = most.Load() {
		}
		return done.remember(ctx, j)
	}
	for range 2 {
		inBackground(t, func(ctx context.Context) error { return q.Work(ctx, "app.hook", 3, handle) })
	}
	enqueue(t, q, testJobs("app.hook", n)...)
	done.await(t, n)
	eventually(t, "all acknowledged", func() bool { return depth(t, q) == 0 })
	if _, all := done.count(); all != n {
		t.Errorf("%d jobs were done %d times", n, all)
	}
	if got := most.Load(); got > 6 {
		t.Errorf("%d jobs at a time, want at most 6", got)
	}
}

func TestFailedJobIsDoneAgain(t *testing.T) {
	t.Parallel()
	q := testQueue(t, EmbeddedOptions{})
	times := make(chan time.Time, 10)
	inBackground(t, func(ctx context.Context) error {
		return q.Work(ctx, "app.hook", 1, func(context.Context, Job) error {
			if times <- time.Now(); len(times) == 1 {
				return errors.New("not now")
			}
			return nil
		})
	})
	enqueue(t, q, testJob("a"))
	eventually(t, "done", func() bool { return depth(t, q) == 0 })
	if len(times) != 2 {
		t.Fatalf("done %d times, want 2", len(times))
	}
	if gap := -(<-times).Sub(<-times); gap < again-10*time.Millisecond {
		t.Errorf("done again after %v, want %v", gap, again)
	}
}

// Jobs that are not due must not keep others from being done, and are done on
// time whatever else waits.
func TestJobsAreDoneWhenDue(t *testing.T) {
	q := testQueue(t, EmbeddedOptions{})
	var mu sync.Mutex
	late := map[string]time.Duration{}
	inBackground(t, func(ctx context.Context) error {
		return q.Work(ctx, "app.hook", 8, func(_ context.Context, j Job) error {
			mu.Lock()
			defer mu.Unlock()
			late[j.ID] = time.Since(j.Due)
			return nil
		})
	})
	waiting := testJobs("app.hook", 5000)
	for i := range waiting {
		waiting[i].Due = time.Now().Add(time.Hour)
	}
	enqueue(t, q, waiting...)
	eventually(t, "they are held", func() bool { return q.held.Load() == int64(len(waiting)*len(waiting[0].Body)) })
	var jobs []Job
	for i := range 20 {
		j := testJob(fmt.Sprintf("due%d", i))
		j.Due = time.Now().Add(time.Duration(20-i) * 50 * time.Millisecond)
		jobs = append(jobs, j)
	}
	enqueue(t, q, jobs...)
	eventually(t, "all that are due are done", func() bool {
		mu.Lock()
		defer mu.Unlock()
		return len(late) == len(jobs)
	})
	for id, l := range late {
		// On an idle machine it is a millisecond; waiting for the server is seconds.
		if l < 0 || l > 500*time.Millisecond {
			t.Errorf("%s was done %v after it was due", id, l)
		}
	}
}

// A handler may take longer than the server waits for word of a job.
func TestSlowHandlerIsNotDisturbed(t *testing.T) {
	t.Parallel()
	q := testQueue(t, EmbeddedOptions{bounds: bounds{ackWait: 3 * time.Second}})
	var done seen
	inBackground(t, func(ctx context.Context) error {
		return q.Work(ctx, "app.hook", 2, func(_ context.Context, j Job) error {
			done.add(j.ID)
			time.Sleep(3500 * time.Millisecond)
			return nil
		})
	})
	const n = 4
	enqueue(t, q, testJobs("app.hook", n)...)
	eventually(t, "all done", func() bool { return depth(t, q) == 0 })
	if _, all := done.count(); all != n {
		t.Errorf("%d jobs were done %d times", n, all)
	}
}

func TestDeadLaneDelaysNoOther(t *testing.T) {
	t.Parallel()
	q := testQueue(t, EmbeddedOptions{})
	release := make(chan struct{})
	inBackground(t, func(ctx context.Context) error {
		return q.Work(ctx, "app.dead", 4, func(context.Context, Job) error { <-release; return nil })
	})
	defer close(release)
	enqueue(t, q, testJobs("app.dead", 3000)...)
	var done seen
	inBackground(t, func(ctx context.Context) error { return q.Work(ctx, "app.live", 4, done.remember) })
	enqueue(t, q, testJobs("app.live", 200)...)
	done.await(t, 200)
}

// A worker that ends gives back what it has not begun, at once, and ends what
// it has begun.
func TestEndedWorkerGivesBack(t *testing.T) {
	t.Parallel()
	q := testQueue(t, EmbeddedOptions{})
	soon := testJob("held")
	soon.Due = time.Now().Add(2 * time.Second)
	enqueue(t, q, append(testJobs("app.hook", 50), soon)...)
	var done seen
	begun, release := make(chan struct{}, 100), make(chan struct{})
	stop := inBackground(t, func(ctx context.Context) error {
		return q.Work(ctx, "app.hook", 2, func(ctx context.Context, j Job) error {
			begun <- struct{}{}
			<-release
			done.add(j.ID)
			return ctx.Err()
		})
	})
	<-begun
	<-begun
	ended := make(chan error)
	go func() { ended <- stop() }()
	// The other gets all but the two that are under way.
	start := time.Now()
	inBackground(t, func(ctx context.Context) error { return q.Work(ctx, "app.hook", 2, done.remember) })
	done.await(t, 49)
	if took := time.Since(start); took > ackWait/2 {
		t.Errorf("what the worker had came after %v", took)
	}
	close(release)
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("Work: %v, want that its context ended", err)
	}
	done.await(t, 51)
	if _, all := done.count(); all != 51 {
		t.Errorf("51 jobs were done %d times", all)
	}
}

func TestForget(t *testing.T) {
	t.Parallel()
	q := testQueue(t, EmbeddedOptions{})
	ended := make(chan error, 1)
	later := testJob("later")
	later.Due = time.Now().Add(time.Hour)
	enqueue(t, q, later, func() Job { j := testJob("other"); j.Lane = "app.other"; return j }())
	go func() {
		ended <- q.Work(t.Context(), "app.hook", 4, func(context.Context, Job) error { return nil })
	}()
	eventually(t, "the lane is worked on", func() bool {
		return q.held.Load() > 0
	})
	if err := q.Forget(t.Context(), "app.hook"); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; !errors.Is(err, ErrForgotten) {
		t.Errorf("Work: %v, want %v", err, ErrForgotten)
	}
	if got, err := q.Depth(t.Context()); err != nil || got != 1 {
		t.Errorf("Depth: %d, %v, want the job of the other lane", got, err)
	}
	if got := q.held.Load(); got != 0 {
		t.Errorf("%d bytes are held by nobody", got)
	}
	if err := q.Forget(t.Context(), "app.hook"); err != nil {
		t.Errorf("Forget again: %v", err)
	}
	var done seen
	inBackground(t, func(ctx context.Context) error { return q.Work(ctx, "app.hook", 4, done.remember) })
	enqueue(t, q, testJob("new"))
	done.await(t, 1)
}

// The server may lose a lane without a word to those who work on it.
func TestLostLaneIsMadeAnew(t *testing.T) {
	t.Parallel()
	q := testQueue(t, EmbeddedOptions{})
	var done seen
	ctx := t.Context()
	w := newWorker(ctx, q, "app.hook", 4, done.remember)
	inBackground(t, w.run) // no consumer is there
	enqueue(t, q, testJob("a"))
	done.await(t, 1)
}

func TestWorkRefuses(t *testing.T) {
	t.Parallel()
	q := testQueue(t, EmbeddedOptions{})
	for _, lane := range []string{"", ".", "a.", ".a", "a..b", "a.*", "a.>", "a b", "a\r\nPUB x", "ä"} {
		if err := q.Work(t.Context(), lane, 1, nil); err == nil {
			t.Errorf("Work(%q): no error", lane)
		}
		if err := q.Forget(t.Context(), lane); err == nil {
			t.Errorf("Forget(%q): no error", lane)
		}
	}
	if err := q.Work(t.Context(), "app.hook", 0, nil); err == nil {
		t.Error("Work without concurrency: no error")
	}
}

// The jobs of a queue that is closed are not lost, and those who wait for it end.
func TestCloseEndsWork(t *testing.T) {
	t.Parallel()
	q, err := Embedded(t.Context(), EmbeddedOptions{})
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error)
	var done seen
	for _, f := range []func(context.Context) error{
		func(ctx context.Context) error { return q.Work(ctx, "app.hook", 4, done.remember) },
		func(ctx context.Context) error { return q.Attempts().Follow(ctx, 0, true, nil, nil) },
		func(ctx context.Context) error {
			return q.Documents().Watch(ctx, nil, func() { done.add("synced") })
		},
	} {
		go func() { ended <- f(t.Context()) }()
	}
	enqueue(t, q, testJob("a"))
	done.await(t, 2)
	if err := q.Close(); err != nil {
		t.Error(err)
	}
	for range 3 {
		if err := <-ended; err == nil {
			t.Error("Work, Follow or Watch: no error")
		}
	}
	if failed, err := q.Enqueue(t.Context(), testJob("b")); err == nil || len(failed) != 1 {
		t.Errorf("Enqueue: failed %v: %v", failed, err)
	}
	if _, err := q.Attempts().Append(t.Context(), Entry{}); err == nil {
		t.Error("Append: no error")
	}
}
