package mockserver

import (
	"fmt"
	"sync"
	"time"

	"hookproof/fixtures"
	"hookproof/schemas"
)

// webhookMark stands for the webhook's id in the events of a world, which do
// not know yet where they are sent.
const webhookMark = "hookproof--webhook--id"

// worlds are those of the apps, each made when it is first wanted.
type worlds struct {
	seed       uint64
	documented bool

	mu    sync.Mutex
	byApp map[worldKey]*world
}

// worldKey is an app and the generation of what it is sent: an app may change
// that when it has no webhooks.
type worldKey struct {
	app        string
	generation schemas.Generation
}

// world is an app's, for several goroutines.
type world struct {
	mu sync.Mutex
	w  *fixtures.World
}

func newWorlds(seed uint64, documented bool) *worlds {
	return &worlds{seed: seed, documented: documented, byApp: map[worldKey]*world{}}
}

func (w *worlds) of(app App, g schemas.Generation) *world {
	key := worldKey{app.ID, g}
	w.mu.Lock()
	defer w.mu.Unlock()
	one, ok := w.byApp[key]
	if !ok {
		now := time.Now()
		one = &world{w: fixtures.NewWorld(fixtures.Options{
			Seed: w.seed, AppID: app.ID, Region: app.Region, WebhookID: webhookMark,
			// Receivers tell messages by their ids: those of another node, or of this one
			// before it was started again, must not come back. None is as fast as one a
			// microsecond.
			FirstID: now.UnixMicro(), Start: now.Add(-time.Hour), Documented: w.documented, Hurry: true, Generation: g,
		})}
		w.byApp[key] = one
	}
	return one
}

// recently is how long ago what an event presupposes happened, unless events are
// fired faster than people can act: then its time is ahead of the clock.
const recently = 10 * time.Second

// anew forgets all worlds, so that the next events begin with new people.
func (w *worlds) anew() {
	w.mu.Lock()
	defer w.mu.Unlock()
	clear(w.byApp)
}

// next makes an event.
func (w *world) next(trigger string) ([]byte, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.w.AdvanceTo(time.Now().Add(-recently))
	e, err := w.w.Do(trigger)
	if err != nil {
		return nil, fmt.Errorf("make an event: %w", err)
	}
	return e.Body, nil
}
