package queue

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"
)

// Whatever was accepted is done, although the process that accepted and did it
// was killed.
func TestKilledProcess(t *testing.T) {
	dir := t.TempDir()
	c := startChild(t, "work", dir, "")
	accepted, done := map[string]bool{}, map[string]bool{}
	for len(done) < 300 {
		line, ok := c.line()
		if !ok {
			t.Fatal("the child ended")
		}
		what, id, _ := strings.Cut(line, " ")
		if what == "accepted" {
			accepted[id] = true
		} else {
			done[id] = true
		}
	}
	c.kill()
	// What it said before it was killed counts too.
	for line, ok := c.line(); ok; line, ok = c.line() {
		if id, is := strings.CutPrefix(line, "accepted "); is {
			accepted[id] = true
		} else if id, is := strings.CutPrefix(line, "done "); is {
			done[id] = true
		}
	}
	q := testQueue(t, EmbeddedOptions{Dir: dir})
	start := time.Now()
	var rest seen
	inBackground(t, func(ctx context.Context) error { return q.Work(ctx, "app.hook", 4, rest.remember) })
	eventually(t, "all is done", func() bool { return depth(t, q) == 0 })
	if took := time.Since(start); took > ackWait/2 {
		t.Errorf("what was under way was done again after %v", took)
	}
	for id := range accepted {
		if rest.times[id] == 0 && !done[id] {
			t.Errorf("%s was accepted and is lost", id)
		}
	}
}

// A server that is killed and comes back at the same address is waited for by
// all who use it.
func TestKilledServer(t *testing.T) {
	t.Parallel()
	dir, listen := t.TempDir(), closedPort(t)
	start := func() *child {
		c := startChild(t, "serve", dir, listen)
		if line, ok := c.line(); !ok || line != listen {
			t.Fatalf("the server says %q, want %q", line, listen)
		}
		return c
	}
	c := start()
	q, err := Connect(t.Context(), "nats://"+testToken+"@"+listen, ConnectOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { q.Close() })

	var done, followed seen
	var docs watched
	lanes := []string{"app.a", "app.b", "app.c"}
	for _, lane := range lanes {
		inBackground(t, func(ctx context.Context) error { return q.Work(ctx, lane, 4, done.remember) })
	}
	l := q.Attempts()
	inBackground(t, func(ctx context.Context) error {
		return l.Follow(ctx, 0, true, func(_ Position, e Entry) error { followed.add(e.Summary); return nil })
	})
	inBackground(t, docs.watch(q.Documents()))
	want := 0
	round := func(n int) {
		for _, lane := range lanes {
			jobs := testJobs(lane, 50)
			for i := range jobs {
				jobs[i].ID += fmt.Sprintf("-%d", n)
				jobs[i].Due = time.Now().Add(time.Duration(i%2) * 300 * time.Millisecond)
			}
			enqueue(t, q, jobs...)
			want += len(jobs)
		}
		if _, err := l.Append(t.Context(), Entry{Summary: fmt.Sprint(n)}); err != nil {
			t.Errorf("Append: %v", err)
		}
		put(t, q.Documents(), "round", fmt.Sprint(n))
	}
	for n := 1; n <= 3; n++ {
		round(n)
		if n == 3 {
			break
		}
		c.kill()
		// What is accepted while it is away is stored when it is back.
		enqueued := make(chan error, 1)
		away := testJob(fmt.Sprintf("away%d", n))
		away.Lane = lanes[0]
		go func() { _, err := q.Enqueue(t.Context(), away); enqueued <- err }()
		want++
		time.Sleep(300 * time.Millisecond)
		c = start()
		if err := <-enqueued; err != nil {
			t.Errorf("Enqueue: %v", err)
		}
	}
	done.await(t, want)
	followed.await(t, 3)
	if _, all := followed.count(); all != 3 {
		t.Errorf("3 entries were followed %d times", all)
	}
	eventually(t, "the last document", docs.is(1, map[string]string{"round": "3"}))
	// Those who wait for a server that does not come back end when they are told to.
	c.kill()
}

// Nothing that is asked of a server that is away hangs.
func TestServerAway(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	c := startChild(t, "serve", dir, "127.0.0.1:0")
	listen, _ := c.line()
	q, err := Connect(t.Context(), "nats://"+testToken+"@"+listen, ConnectOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer q.Close()
	c.kill()
	eventually(t, "it is noticed", func() bool { return q.Ready(t.Context()) != nil })
	calls := map[string]func(context.Context) error{
		"Enqueue": func(ctx context.Context) error { _, err := q.Enqueue(ctx, testJobs("app.hook", 100)...); return err },
		"Append":  func(ctx context.Context) error { _, err := q.Dead().Append(ctx, Entry{}); return err },
		"Work":    func(ctx context.Context) error { return q.Work(ctx, "app.hook", 1, nil) },
		"Follow":  func(ctx context.Context) error { return q.Dead().Follow(ctx, 0, true, nil) },
		"Watch":   func(ctx context.Context) error { return q.Documents().Watch(ctx, nil, nil) },
		"Forget":  func(ctx context.Context) error { return q.Forget(ctx, "app.hook") },
		"Clear":   q.Clear,
		"Update": func(ctx context.Context) error {
			_, err := q.Documents().Update(ctx, "a", func([]byte) ([]byte, error) { return []byte("x"), nil })
			return err
		},
	}
	for name, call := range calls {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
			defer cancel()
			start := time.Now()
			if err := call(ctx); err == nil {
				t.Error("no error")
			}
			if took := time.Since(start); took > 3*time.Second {
				t.Errorf("it took %v", took)
			}
		})
	}
}
