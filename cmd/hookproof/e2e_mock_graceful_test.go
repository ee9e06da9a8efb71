//go:build e2e && unix

package main

import (
	"context"
	"net/http"
	"testing"
	"time"
)

// slowly answers after a second and more, which the provider just waits for.
func slowly(w http.ResponseWriter, r *http.Request) {
	select {
	case <-time.After(1200 * time.Millisecond):
	case <-r.Context().Done():
	}
}

// e2eGraceful: asked to end while attempts are under way, server and worker end
// soon, and nothing is lost.
func e2eGraceful(t *testing.T, bin string) {
	const (
		events = 400
		soon   = 5 * time.Second
	)
	for _, tt := range []struct {
		name   string
		args   []string
		worker bool // there is one besides
		server bool // the server is asked to end
		once   bool // whoever keeps what becomes of the jobs outlives those who do them
	}{
		{name: "Server", server: true, once: true},
		{name: "Worker", args: []string{"--no-worker"}, worker: true, once: true},
		{name: "Both", worker: true, server: true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			args := append([]string{"--data", t.TempDir(), "--nats-listen", "127.0.0.1:0", "--nats-token", mockToken}, tt.args...)
			s := e2eServes(t, bin, args...)
			var worker *e2eProcess
			if tt.worker {
				worker = e2eWorks(t, bin, s.addresses().NATS)
			}
			sink := e2eSinks(t)
			sink.answers(slowly)
			s.webhook("hook", sink.url, true)
			ctx, cancel := context.WithTimeout(t.Context(), e2ePatience)
			defer cancel()
			accepted, fired := e2eFires(ctx, s, "hook", events)
			if err := fired(); err != nil {
				t.Fatal(err)
			}
			sink.reached(t, events/4, e2ePatience)

			var asked []*e2eProcess
			if tt.worker {
				asked = append(asked, worker)
			}
			if tt.server {
				asked = append(asked, s.process)
			}
			for _, p := range asked {
				p.terminate(t)
			}
			for _, p := range asked {
				p.ends(t, soon)
			}
			sink.answers(func(http.ResponseWriter, *http.Request) {})
			if tt.server {
				s.start()
			} else {
				e2eWorks(t, bin, s.addresses().NATS)
			}
			began := time.Now()
			s.settled(e2ePatience)
			if took := time.Since(began); tt.once && took > 20*time.Second {
				t.Errorf("the rest took %s, though nobody died with it: want it given back at once", took.Round(time.Second))
			}
			for _, path := range []string{"/", "/v1/apps", "/v1/triggers", "/v1/faults", "/v1/ready", "/v1/openapi.json", "/metrics"} {
				s.must(http.MethodGet, path, nil, nil) // call looks for secrets
			}
			accepted.arrived(t, sink)
			accepted.recorded(t, s)
			if _, again := sink.counts(); tt.once && again > 0 {
				t.Errorf("%d attempts were made again, though nothing was cut off", again)
			}
		})
	}
}
