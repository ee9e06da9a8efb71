//go:build e2e && unix

package main

import (
	"context"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// e2eCluster: nothing is lost and everything is delivered although a node of the
// NATS cluster is away for a while, and then another.
func e2eCluster(t *testing.T, bin string) {
	const events = 5_000
	nodes := e2eNATS(t)
	s := e2eServes(t, bin, "--nats", nodes.url(), "--nats-replicas", "3", "--no-worker")
	for range 2 {
		p := e2eWorks(t, bin, nodes.url())
		t.Cleanup(func() { p.keepsCalm(t) })
	}
	sink := e2eSinks(t)
	s.webhook("hook", sink.url, true)

	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	accepted, fired := e2eFires(ctx, s, "hook", events)
	const step = events / 5
	accepted.reach(ctx, step, 2*step)
	nodes.stop(0)
	accepted.reach(ctx, 2*step, 3*step)
	nodes.start(t, 0)
	nodes.ready(t)
	accepted.reach(ctx, 3*step, 4*step)
	nodes.stop(1)
	accepted.reach(ctx, 4*step, events)
	nodes.start(t, 1)
	if err := fired(); err != nil {
		t.Fatal(err)
	}
	s.settled(90 * time.Second)
	accepted.arrived(t, sink)
	accepted.recorded(t, s)
	s.process.keepsCalm(t)
}

// natsCluster is three NATS servers with JetStream that know each other.
type natsCluster struct {
	options [3]server.Options
	nodes   [3]*server.Server
}

// e2eNATS starts them, until the test ends.
func e2eNATS(t *testing.T) *natsCluster {
	t.Helper()
	var c natsCluster
	dir := t.TempDir()
	var routes []*url.URL
	for i := range c.options {
		client, route := e2eFreePort(t), e2eFreePort(t)
		c.options[i] = server.Options{
			ServerName: fmt.Sprint("node", i), Host: "127.0.0.1", Port: client, NoSigs: true, NoLog: true,
			JetStream: true, StoreDir: filepath.Join(dir, fmt.Sprint(i)),
			Cluster: server.ClusterOpts{Name: "e2e", Host: "127.0.0.1", Port: route},
		}
		routes = append(routes, &url.URL{Scheme: "nats", Host: fmt.Sprint("127.0.0.1:", route)})
	}
	t.Cleanup(func() {
		for i := range c.nodes {
			c.stop(i)
		}
	})
	for i := range c.options {
		c.options[i].Routes = routes
		c.start(t, i)
	}
	c.ready(t)
	return &c
}

// url is that of all nodes.
func (c *natsCluster) url() string {
	var all []string
	for i := range c.options {
		all = append(all, fmt.Sprint("nats://127.0.0.1:", c.options[i].Port))
	}
	return strings.Join(all, ",")
}

func (c *natsCluster) start(t *testing.T, i int) {
	t.Helper()
	o := c.options[i].Clone() // a server changes its own
	node, err := server.NewServer(o)
	if err != nil {
		t.Fatal(err)
	}
	c.nodes[i] = node
	node.Start()
	if !node.ReadyForConnections(e2ePatience) {
		t.Fatalf("node %d of the NATS cluster does not start", i)
	}
}

func (c *natsCluster) stop(i int) {
	if c.nodes[i] != nil {
		c.nodes[i].Shutdown()
		c.nodes[i].WaitForShutdown()
		c.nodes[i] = nil
	}
}

// ready waits until all nodes are there and have what they keep.
func (c *natsCluster) ready(t *testing.T) {
	t.Helper()
	deadline := time.Now().Add(e2ePatience)
	for _, node := range c.nodes {
		for node.JetStreamIsClustered() && !node.JetStreamIsCurrent() || node.NumRoutes() == 0 {
			if time.Now().After(deadline) {
				t.Fatal("the NATS cluster does not come together")
			}
			time.Sleep(20 * time.Millisecond)
		}
	}
}
