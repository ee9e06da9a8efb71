package schemas_test

import "testing"

// notForRace leaves a slow test that has no goroutines out of runs with -short, which are
// those of the race detector: it would be ten times slower there and could find nothing.
func notForRace(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("with -short, for it has no goroutines")
	}
}
