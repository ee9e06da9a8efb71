package queue

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// node is one server of a cluster.
type node struct {
	options server.Options
	server  *server.Server
}

func (n *node) start(t *testing.T) {
	t.Helper()
	o := n.options
	s, err := server.NewServer(&o)
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	n.server = s
}

func (n *node) stop() {
	n.server.Shutdown()
	n.server.WaitForShutdown()
}

// startCluster is three servers that know each other, and their URL.
func startCluster(t *testing.T) (nodes []*node, servers string) {
	t.Helper()
	var routes []*url.URL
	var ports []int
	for range 6 {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		ports = append(ports, l.Addr().(*net.TCPAddr).Port)
	}
	for _, port := range ports[3:] {
		routes = append(routes, &url.URL{Scheme: "nats", Host: fmt.Sprintf("127.0.0.1:%d", port)})
	}
	var all []string
	for i := range 3 {
		nodes = append(nodes, &node{options: server.Options{
			ServerName: fmt.Sprintf("n%d", i), Host: "127.0.0.1", Port: ports[i], NoSigs: true, NoLog: true,
			JetStream: true, StoreDir: t.TempDir(), Routes: routes,
			Cluster: server.ClusterOpts{Name: "test", Host: "127.0.0.1", Port: ports[3+i]},
		}})
		all = append(all, fmt.Sprintf("nats://127.0.0.1:%d", ports[i]))
	}
	return nodes, strings.Join(all, ",")
}

// connectEventually waits for a cluster to have chosen its leaders.
func connectEventually(t *testing.T, servers string) *Queue {
	t.Helper()
	var q *Queue
	eventually(t, "the cluster can be used", func() bool {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		var err error
		q, err = Connect(ctx, servers, ConnectOptions{Replicas: 3})
		return err == nil
	})
	return q
}

// One node of three is stopped, and comes back, in the middle of the work:
// nothing is lost, and all goes on.
func TestCluster(t *testing.T) {
	t.Parallel()
	nodes, servers := startCluster(t)
	for _, n := range nodes {
		n.start(t)
		t.Cleanup(n.stop)
	}
	q, other := connectEventually(t, servers), connectEventually(t, servers)
	t.Cleanup(func() { q.Close(); other.Close() })
	q.ackWait, other.ackWait = 3*time.Second, 3*time.Second

	countUp(t, q.Documents(), other.Documents())

	var done, followed seen
	for _, q := range []*Queue{q, other} {
		for _, lane := range []string{"app.a", "app.b"} {
			inBackground(t, func(ctx context.Context) error {
				return q.Work(ctx, lane, 4, func(ctx context.Context, j Job) error {
					if _, err := q.Attempts().Append(ctx, Entry{Summary: j.ID}); err != nil {
						return err
					}
					return done.remember(ctx, j)
				})
			})
		}
	}
	inBackground(t, func(ctx context.Context) error {
		return other.Attempts().Follow(ctx, 0, false, func(_ Position, e Entry) error { followed.add(e.Summary); return nil }, nil)
	})
	stopping := make(chan struct{})
	var accepting sync.WaitGroup
	accepted := make([]int, 2)
	for i, lane := range []string{"app.a", "app.b"} {
		accepting.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-stopping:
					return
				default:
				}
				jobs := testJobs(lane, 10)
				for i := range jobs {
					jobs[i].ID += fmt.Sprintf("-%d", n)
				}
				failed, err := q.Enqueue(t.Context(), jobs...)
				if err != nil {
					t.Logf("%d of 10 were not accepted: %v", len(failed), err)
				}
				accepted[i] += len(jobs) - len(failed)
			}
		})
	}
	done.await(t, 100)
	more := func() {
		before, _ := done.count()
		done.await(t, before+100)
	}
	info, err := q.jobs.Info(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range nodes {
		if n.options.ServerName == info.Cluster.Leader {
			n.stop()
			more()
			n.start(t)
			more()
		}
	}
	close(stopping)
	accepting.Wait()
	want := accepted[0] + accepted[1]
	done.await(t, want)
	followed.await(t, want)
	got, all := done.count()
	t.Logf("%d jobs were accepted, %d done %d times", want, got, all)
}
