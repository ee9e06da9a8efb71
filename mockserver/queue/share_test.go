package queue

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func now(context.Context, Task) time.Time { return time.Time{} }

// TestSharedTasksAreDoneOnce by whoever is there, and their results arrive.
func TestSharedTasksAreDoneOnce(t *testing.T) {
	t.Parallel()
	q := testQueue(t, EmbeddedOptions{})
	r, err := q.OpenRun("run-1", []byte("about it"))
	if err != nil {
		t.Fatal(err)
	}
	const n = 40
	var mu sync.Mutex
	by := map[string]int{}
	for _, name := range []string{"a", "b"} {
		inBackground(t, func(ctx context.Context) error {
			return q.Share(ctx, Sharer{Name: name, Ready: now, Do: func(_ context.Context, task Task) ([]byte, error) {
				mu.Lock()
				by[name]++
				mu.Unlock()
				time.Sleep(10 * time.Millisecond)
				return append([]byte("done "), task.Data...), nil
			}})
		})
	}
	eventually(t, "both are there", func() bool {
		all, err := q.Sharing(t.Context())
		slices.Sort(all)
		return err == nil && slices.Equal(all, []string{"a", "b"})
	})
	var tasks [][]byte
	for i := range n {
		tasks = append(tasks, fmt.Append(nil, i))
	}
	if err := r.Add(t.Context(), tasks...); err != nil {
		t.Fatal(err)
	}
	got := map[string]int{}
	if err := r.Results(t.Context(), func(result []byte) bool { got[string(result)]++; return len(got) < n }); err != nil {
		t.Fatal(err)
	}
	for i := range n {
		if got[fmt.Sprint("done ", i)] != 1 {
			t.Errorf("task %d has %d results", i, got[fmt.Sprint("done ", i)])
		}
	}
	if err := r.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	mu.Lock()
	defer mu.Unlock()
	if by["a"]+by["b"] != n {
		t.Errorf("done by %v, want %d", by, n)
	}
}

// TestHeldTasksHoldNoOther: who waits for the time of a task leaves the rest to others.
func TestHeldTasksHoldNoOther(t *testing.T) {
	t.Parallel()
	q := testQueue(t, EmbeddedOptions{})
	r, err := q.OpenRun("run-2", []byte("about it"))
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Add(t.Context(), []byte("0"), []byte("1"), []byte("2")); err != nil {
		t.Fatal(err)
	}
	start := time.Now().Add(700 * time.Millisecond)
	var begun, wrong atomic.Int64
	for range 3 {
		var mine atomic.Int64
		inBackground(t, func(ctx context.Context) error {
			return q.Share(ctx, Sharer{Name: "x", Ready: func(context.Context, Task) time.Time { return start }, Do: func(context.Context, Task) ([]byte, error) {
				if mine.Add(1) > 1 || time.Now().Before(start) {
					wrong.Add(1)
				}
				begun.Add(1)
				return nil, nil
			}})
		})
	}
	eventually(t, "all are begun", func() bool { return begun.Load() == 3 })
	if wrong.Load() > 0 {
		t.Errorf("%d were begun too early, or by one who held another", wrong.Load())
	}
}

// TestStoppedRunsEnd: what is under way learns of it, and what waits is dropped.
func TestStoppedRunsEnd(t *testing.T) {
	t.Parallel()
	q := testQueue(t, EmbeddedOptions{})
	r, err := q.OpenRun("run-3", []byte("about it"))
	if err != nil {
		t.Fatal(err)
	}
	var begun, ended atomic.Int64
	inBackground(t, func(ctx context.Context) error {
		return q.Share(ctx, Sharer{Name: "x", Ready: func(_ context.Context, task Task) time.Time {
			if string(task.Data) == "1" {
				return time.Now().Add(time.Hour)
			}
			return time.Time{}
		}, Do: func(ctx context.Context, _ Task) ([]byte, error) {
			begun.Add(1)
			<-ctx.Done()
			ended.Add(1)
			return []byte("stopped"), nil
		}})
	})
	if err := r.Add(t.Context(), []byte("0"), []byte("1"), []byte("2")); err != nil {
		t.Fatal(err)
	}
	eventually(t, "one is begun", func() bool { return begun.Load() == 1 })
	if err := r.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := r.Results(t.Context(), func(result []byte) bool { return !bytes.Equal(result, []byte("stopped")) }); err != nil {
		t.Fatal(err)
	}
	time.Sleep(50 * time.Millisecond)
	if begun.Load() != 1 || ended.Load() != 1 {
		t.Errorf("%d were begun and %d ended, want one each", begun.Load(), ended.Load())
	}
}

// TestTasksOfTheDeadAreDoneByOthers, who know that they are not the first.
func TestTasksOfTheDeadAreDoneByOthers(t *testing.T) {
	t.Parallel()
	q := testQueue(t, EmbeddedOptions{})
	r, err := q.OpenRun("run-4", []byte("about it"))
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Add(t.Context(), []byte("0")); err != nil {
		t.Fatal(err)
	}
	var tries atomic.Int64
	var again atomic.Bool
	inBackground(t, func(ctx context.Context) error {
		return q.Share(ctx, Sharer{Name: "x", Ready: now, Do: func(_ context.Context, task Task) ([]byte, error) {
			if tries.Add(1) == 1 {
				return nil, fmt.Errorf("this one gives up")
			}
			again.Store(task.Again)
			return []byte("done"), nil
		}})
	})
	if err := r.Results(t.Context(), func([]byte) bool { return false }); err != nil {
		t.Fatal(err)
	}
	if tries.Load() != 2 || !again.Load() {
		t.Errorf("%d tries, again %v", tries.Load(), again.Load())
	}
}

func TestClockOffset(t *testing.T) {
	t.Parallel()
	q := testQueue(t, EmbeddedOptions{})
	if _, err := q.ClockOffset(t.Context(), "nobody"); err == nil {
		t.Error("the clock of a run that nobody opened is known")
	}
	if _, err := q.OpenRun("no.run", []byte("about it")); err == nil {
		t.Error("no.run is an id")
	}
	if _, err := q.OpenRun("run-5", []byte("about it")); err != nil {
		t.Fatal(err)
	}
	if about, err := q.Spec(t.Context(), "run-5"); err != nil || string(about) != "about it" {
		t.Errorf("the run is about %q: %v", about, err)
	}
	if d, err := q.ClockOffset(t.Context(), "run-5"); err != nil || d.Abs() > 100*time.Millisecond {
		t.Errorf("the same clock is off by %s: %v", d, err)
	}
}
