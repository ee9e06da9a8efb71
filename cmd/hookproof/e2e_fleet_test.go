//go:build e2e && unix

package main

import (
	"encoding/json"
	"flag"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"hookproof/mockserver/traffic"
	"hookproof/reports/load"
)

var (
	fleetRate     = flag.Int("fleet-rate", 400, "events a second of TestE2EFleet")
	fleetDuration = flag.Duration("fleet-duration", 12*time.Second, "how long its run is")
)

// slowReceiver answers after a time that varies, and keeps a record of the times.
type slowReceiver struct {
	mu      sync.Mutex
	arrived int64
	took    *traffic.Histogram
}

func (s *slowReceiver) ServeHTTP(_ http.ResponseWriter, r *http.Request) {
	began := time.Now()
	_, _ = io.Copy(io.Discard, r.Body)
	time.Sleep(min(300*time.Millisecond, time.Duration(float64(20*time.Millisecond)*(1+rand.ExpFloat64()))))
	took := time.Since(began)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.arrived++
	s.took.Add(took)
}

// TestE2EFleet: three workers and a cluster of three NATS servers make a run, and one
// worker is killed in the middle of it. Every event that was due is accounted for, and
// what the workers measured is what the receiver measured; at p99 the run may say instead
// that the machine was too slow for its numbers to be the receiver's.
func TestE2EFleet(t *testing.T) {
	bin := e2eBuild(t)
	nodes := e2eNATS(t)
	nodes.ready(t)
	receiver := &slowReceiver{took: traffic.NewHistogram()}
	server := httptest.NewServer(receiver)
	t.Cleanup(server.Close)
	s := e2eServes(t, bin, "--nats", nodes.url(), "--nats-replicas", "3", "--no-worker")
	t.Cleanup(func() { s.process.keepsCalm(t) })
	workers := []*e2eProcess{
		e2eWorks(t, bin, nodes.url(), "--name", "one"), e2eWorks(t, bin, nodes.url(), "--name", "two"), e2eWorks(t, bin, nodes.url(), "--name", "three"),
	}
	time.AfterFunc(2*time.Second+*fleetDuration/3, workers[1].kill)

	file := filepath.Join(t.TempDir(), "run.json")
	run := e2eSpawn(t, []string{"HOOKPROOF_NATS=" + nodes.url()}, bin, "traffic", server.URL, "--rate", traffic.Rate(*fleetRate).String(),
		"--duration", fleetDuration.String(), "--connections", "1500", "--workers", "3", "--report", "json="+file)
	select {
	case <-run.ended:
	case <-time.After(*fleetDuration + 2*time.Minute):
		t.Fatal("the run does not end")
	}
	t.Logf("\n%s", run.stdout.String())
	report, err := readLoad("report", file)
	if err != nil {
		t.Fatal(err)
	}
	r := report.Result
	due := int64(float64(*fleetRate) * fleetDuration.Seconds())
	if r.Scheduled != due || r.Sent+r.Skipped+r.Unsent+r.Shared.Lost != due {
		t.Errorf("of %d due: %d sent, %d skipped, %d unsent, %d lost", due, r.Sent, r.Skipped, r.Unsent, r.Shared.Lost)
	}
	if r.Shared.Lost != 0 || r.Shared.Repeated == 0 || r.Shared.Late == 0 || len(r.Shared.Workers) != 3 {
		t.Errorf("after a worker was killed: %+v", r.Shared)
	}
	receiver.mu.Lock()
	defer receiver.mu.Unlock()
	// What the dead worker had sent of its parts was sent again.
	most := int64(r.Shared.Repeated) * (due/int64(r.Shared.Parts) + 1)
	if twice := receiver.arrived - r.Sent; twice < 0 || twice > most {
		t.Errorf("%d arrived, %d were sent, and of %d parts that were begun again at most %d", receiver.arrived, r.Sent, r.Shared.Repeated, most)
	}
	// The way there and back comes on top, and what else this machine does: with nothing
	// else on it, these are a millisecond apart.
	slow := r.Bottleneck() == traffic.SlowSender
	for _, q := range []float64{50, 75, 90, 99} {
		got, want := r.Service.Quantile(q), receiver.took.Quantile(q)
		t.Logf("p%g: %s, by the receiver's record %s", q, got, want)
		if got < want-want/100 {
			t.Errorf("p%g is %s, less than the %s of the receiver's record", q, got, want)
		}
		// What a slow machine adds, it adds at the end.
		if got > want+want/2+20*time.Millisecond && (q < 99 || !slow) {
			t.Errorf("p%g is %s, but %s by the receiver's record (the run says that this machine was too slow: %v)", q, got, want, slow)
		}
	}
	var saved load.Report
	text, err := json.Marshal(report)
	if err == nil {
		err = json.Unmarshal(text, &saved)
	}
	if err != nil || saved.Result.Latency.Quantile(99) != r.Latency.Quantile(99) {
		t.Errorf("a report that was saved differs: %v", err)
	}
}
