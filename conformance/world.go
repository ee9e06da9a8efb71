package conformance

import (
	"time"

	"hookproof/fixtures"
)

// marker is in everything that the run sends.
func (s *session) marker() string { return "hpt-" + s.run }

// storyOffset keeps the message ids of a run's two worlds apart.
const storyOffset = 50_000

// newWorld makes a world whose events a run sends. Everything in it carries the
// marker, and its clock starts far enough in the past that no event is in the future.
func newWorld(o *Options, seed uint64, start time.Time, marker string, firstID int64) *fixtures.World {
	return fixtures.NewWorld(fixtures.Options{
		Generation: o.generation(), Seed: seed, AppID: o.AppID, Region: o.Region, WebhookID: o.WebhookID,
		UIDPrefix: "hpt-", Marker: marker, FirstID: firstID,
		Start: start.Add(-worldAhead), Hurry: true, Documented: true, PlainText: true,
	})
}

// storyWorld is a world of its own for the events of all triggers, so that how
// many they are follows from the seed alone.
func storyWorld(o *Options, start time.Time, marker string, firstID int64) *fixtures.World {
	return newWorld(o, o.Seed+1, start, marker, firstID)
}

func (s *session) firstID() int64 {
	var run int64
	for _, c := range s.run {
		run = run*10 + int64(c-'0')
	}
	return run * 100_000
}
