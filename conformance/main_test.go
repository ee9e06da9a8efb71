package conformance_test

import (
	"flag"
	"os"
	"testing"
)

// TestMain lets more tests run side by side than there are processors: a run against a
// receiver on loopback waits most of the time.
func TestMain(m *testing.M) {
	if err := flag.Set("test.parallel", "10"); err != nil { // another default: the flags are not parsed yet
		panic(err)
	}
	os.Exit(m.Run())
}
