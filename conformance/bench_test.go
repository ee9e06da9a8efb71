package conformance_test

import (
	"testing"

	"hookproof/conformance"
)

// BenchmarkRun is a whole run of profile core against the model receiver over
// plain http on loopback, receiver included.
func BenchmarkRun(b *testing.B) {
	s := newStage(b, fault{})
	s.options.Profile = conformance.Core
	b.ReportAllocs()
	for b.Loop() {
		if r := s.run(b); r.Verdict != conformance.Conforms {
			b.Fatalf("Verdict = %q", r.Verdict)
		}
	}
}
