//go:build e2e && unix

package main

import "testing"

// TestE2EMock proves the mock CometChat as its users run it: the built command,
// real processes, sockets and signals. What measures time runs while the machine
// has little else to do; what needs all of it comes after.
func TestE2EMock(t *testing.T) {
	bin := e2eBuild(t)
	for _, group := range []struct {
		name  string
		tests map[string]func(*testing.T, string)
	}{
		{"Quiet", map[string]func(*testing.T, string){
			"Client":     e2eClient,
			"Concurrent": e2eConcurrent,
			"TLS":        e2eTLS,
			"Timing":     e2eTiming,
			"TimeScale":  e2eTimeScale,
			"Graceful":   e2eGraceful,
		}},
		{"Load", map[string]func(*testing.T, string){
			"Crash":   e2eCrash,
			"Cluster": e2eCluster,
		}},
	} {
		t.Run(group.name, func(t *testing.T) {
			for name, test := range group.tests {
				t.Run(name, func(t *testing.T) {
					t.Parallel()
					test(t, bin)
				})
			}
		})
	}
}
