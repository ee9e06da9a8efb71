package queue

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// The test binary is also the process that is killed.
const (
	childVariable = "HOOKPROOF_TEST_CHILD" // which of the children to be
	childDir      = "HOOKPROOF_TEST_DIR"
	childListen   = "HOOKPROOF_TEST_LISTEN"
)

const testToken = "s3cret-token"

func TestMain(m *testing.M) {
	switch child := os.Getenv(childVariable); child {
	case "":
		// Side by side, more than there are processors: the tests wait most of the time.
		if err := flag.Set("test.parallel", "10"); err != nil { // another default: the flags are not parsed yet
			panic(err)
		}
		goleak.VerifyTestMain(m)
	case "serve":
		exit(serveChild())
	case "work":
		exit(workChild())
	default:
		exit(fmt.Errorf("no such child: %s", child))
	}
}

func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// serveChild is a server that others connect to, until its input ends.
func serveChild() error {
	q, err := Embedded(context.Background(), EmbeddedOptions{Dir: os.Getenv(childDir), Listen: os.Getenv(childListen), Token: testToken})
	if err != nil {
		return err
	}
	fmt.Println(q.Addr())
	_, _ = io.Copy(io.Discard, os.Stdin)
	return q.Close()
}

// workChild accepts jobs and does them, and says so, until it is killed.
func workChild() error {
	ctx := context.Background()
	q, err := Embedded(ctx, EmbeddedOptions{Dir: os.Getenv(childDir)})
	if err != nil {
		return err
	}
	var mu sync.Mutex
	say := func(what, id string) {
		mu.Lock()
		defer mu.Unlock()
		fmt.Println(what, id)
	}
	go func() {
		_ = q.Work(ctx, "app.hook", 4, func(_ context.Context, j Job) error {
			say("done", j.ID)
			return nil
		})
	}()
	for n := 0; ; n++ {
		j := testJob(fmt.Sprintf("job%d", n))
		if n%3 == 0 {
			j.Due = time.Now().Add(time.Duration(n%200) * time.Millisecond)
		}
		if _, err := q.Enqueue(ctx, j); err != nil {
			return err
		}
		say("accepted", j.ID)
	}
}

// child is a process of the test binary.
type child struct {
	t     *testing.T
	cmd   *exec.Cmd
	lines *bufio.Scanner
}

func startChild(t *testing.T, which, dir, listen string) *child {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childVariable+"="+which, childDir+"="+dir, childListen+"="+listen)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	c := &child{t, cmd, bufio.NewScanner(out)}
	t.Cleanup(func() {
		in.Close()
		c.kill()
	})
	return c
}

// line is the next one that the child prints.
func (c *child) line() (string, bool) {
	if !c.lines.Scan() {
		return "", false
	}
	return strings.TrimSpace(c.lines.Text()), true
}

// kill is kill -9.
func (c *child) kill() {
	_ = c.cmd.Process.Kill()
	_ = c.cmd.Wait()
}

func testJob(id string) Job {
	now := time.Now()
	return Job{Lane: "app.hook", ID: id, Trigger: "message_sent", Attempt: 1, Accepted: now, Due: now, Body: []byte(`{"n":1}`)}
}

func testJobs(lane string, n int) []Job {
	jobs := make([]Job, n)
	for i := range jobs {
		jobs[i] = testJob(fmt.Sprintf("%s-%d", lane, i))
		jobs[i].Lane = lane
	}
	return jobs
}

// testQueue is an embedded one that ends with the test.
func testQueue(t *testing.T, o EmbeddedOptions) *Queue {
	t.Helper()
	q, err := Embedded(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := q.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return q
}

// inBackground runs f until the test or stop ends it; what f returns is not looked
// at but by stop.
func inBackground(t *testing.T, f func(context.Context) error) (stop func() error) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	var once sync.Once
	var result error
	ended := make(chan error, 1)
	go func() { ended <- f(ctx) }()
	stop = func() error {
		once.Do(func() {
			cancel()
			select {
			case result = <-ended:
			case <-time.After(20 * time.Second):
				t.Error("it does not end with its context")
			}
		})
		return result
	}
	t.Cleanup(func() { _ = stop() })
	return stop
}

// seen counts what was seen, and waits for it.
type seen struct {
	mu    sync.Mutex
	times map[string]int
}

func (s *seen) add(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.times == nil {
		s.times = make(map[string]int)
	}
	s.times[id]++
}

// count is how many were seen, once or more, and how often in all.
func (s *seen) count() (distinct, all int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, n := range s.times {
		all += n
	}
	return len(s.times), all
}

func (s *seen) await(t *testing.T, want int) {
	t.Helper()
	eventually(t, fmt.Sprintf("%d seen", want), func() bool {
		got, _ := s.count()
		return got >= want
	})
}

func eventually(t *testing.T, what string, f func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !f(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not within 30 s: %s", what)
		}
	}
}

// remember is a handler that does nothing else.
func (s *seen) remember(_ context.Context, j Job) error {
	s.add(j.ID)
	return nil
}
