package mockserver_test

import (
	"testing"

	"go.uber.org/goleak"
)

// TestMain fails if anything is left running when the tests are over.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m)
}
