//go:build e2e && unix

package main

import "testing"

// TestE2EMock proves the mock CometChat as its users run it: the built command,
// real processes, sockets and signals. What measures time runs while the machine
// has little else to do; what needs all of it comes after.
func TestE2EMock(t *testing.T) {
	bin := e2eBuild(t)
	type test struct {
		name string
		run  func(*testing.T, string)
	}
	for _, group := range []struct {
		name  string
		tests []test
	}{
		{"Quiet", []test{
			{"Timing", e2eTiming},
			{"TimeScale", e2eTimeScale},
			{"Client", e2eClient},
			{"Concurrent", e2eConcurrent},
			{"TLS", e2eTLS},
			{"Graceful", e2eGraceful},
		}},
		{"Load", []test{
			{"Crash", e2eCrash},
			{"Cluster", e2eCluster},
		}},
	} {
		t.Run(group.name, func(t *testing.T) {
			for _, one := range group.tests {
				t.Run(one.name, func(t *testing.T) {
					t.Parallel()
					one.run(t, bin)
				})
			}
		})
	}
}
