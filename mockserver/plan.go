package mockserver

import (
	"bytes"
	"cmp"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"hookproof/fixtures"
	"hookproof/mockserver/queue"
	"hookproof/schemas"
)

// plan is what a Fire comes to.
type plan struct {
	app     App
	world   *world
	trigger string
	count   int
	set     []SetValue
	force   bool
	body    []byte // as given, nil if the world makes events
	targets []Webhook
	maxBody int
	// generation is that of the app's webhooks.
	generation schemas.Generation
}

// plan checks a Fire. Errors are *RequestError.
func (s *Server) plan(f Fire) (*plan, error) {
	app, err := s.appOf(f.App)
	if err != nil {
		return nil, err
	}
	c := s.store.read(app.ID)
	generation := cmp.Or(c.Generation, app.Generation).schemas()
	p := &plan{
		app: app, generation: generation, world: s.worlds.of(app, generation), trigger: schemas.Canonical(f.Trigger), count: max(f.Count, 1), set: f.Set, force: f.Force, body: f.Body,
		maxBody: min(schemas.MaxPayload, s.q.MaxMessage()-maxRecord),
	}
	if f.Count < 0 || f.Count > MaxFire {
		return nil, &RequestError{"count", fmt.Sprintf("want 1 to %d events", MaxFire)}
	}
	if p.body != nil {
		if err := p.checkBody(); err != nil {
			return nil, err
		}
	} else if err := p.checkTrigger(); err != nil {
		return nil, err
	}
	if len(p.trigger) > maxTrigger {
		return nil, &RequestError{"trigger", fmt.Sprintf("want a name of at most %d bytes", maxTrigger)}
	}
	if p.targets, err = s.targets(app.ID, f.Webhook, p.trigger, f.Force); err != nil {
		return nil, err
	}
	// One event shows whether the changes lead anywhere and keep the contract.
	switch {
	case p.body != nil:
		if p.body, err = p.changed(p.body); err != nil {
			return nil, err
		}
		p.set = nil
	case len(p.set) > 0:
		if _, err := p.event(); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// maxRecord is room for the record of an attempt beside its event.
const maxRecord = 64 << 10

// checkTrigger tells whether the world can make an event of the trigger.
func (p *plan) checkTrigger() error {
	t, known := schemas.Lookup(p.trigger)
	switch {
	case p.trigger == "":
		return &RequestError{"trigger", "want the name of a trigger, or a body that has one"}
	case !known:
		return &RequestError{"trigger", schemas.Validate(p.trigger, []byte("{}")).Error()}
	case t.Generation != p.generation:
		return &RequestError{"trigger", fmt.Sprintf("%s is of the %s generation, the app's webhooks are of the %s", t.Name, t.Generation, p.generation)}
	case !t.Shaped():
		return &RequestError{"trigger", fmt.Sprintf("no payload of %s is known: give a body", t.Name)}
	}
	return nil
}

// checkBody finds the body's trigger and judges the body, unless it is forced.
func (p *plan) checkBody() error {
	if len(p.body) > p.maxBody {
		return &RequestError{"body", fmt.Sprintf("want at most %d bytes", p.maxBody)}
	}
	named, err := schemas.ValidateEventOf(p.generation, p.body)
	if p.trigger == "" {
		p.trigger = named
	}
	switch {
	case p.force:
		return nil
	case err != nil && len(p.set) == 0:
		return &RequestError{"body", err.Error() + " (force fires it all the same)"}
	case p.trigger != named:
		return &RequestError{"trigger", "want that of the body, or leave it out"}
	}
	return nil
}

// maxShapes bounds how many events are made to find one that can be changed.
const maxShapes = 1000

// event makes one and changes it. Events of a trigger differ in shape, as a text
// and an image do: one that lacks what is to be changed is left for another.
func (p *plan) event() ([]byte, error) {
	for try := 1; ; try++ {
		event, err := p.world.next(p.trigger)
		if err != nil {
			return nil, err
		}
		event, err = p.edited(event)
		if _, lacks := errors.AsType[*fixtures.PathError](err); !lacks || try == maxShapes {
			return p.judged(event, err)
		}
	}
}

// changed changes a given event.
func (p *plan) changed(event []byte) ([]byte, error) { return p.judged(p.edited(event)) }

// edited applies the changes to an event.
func (p *plan) edited(event []byte) (_ []byte, err error) {
	for _, v := range p.set {
		if event, err = fixtures.Set(event, v.Path, v.Value); err != nil {
			return nil, err
		}
	}
	return event, nil
}

// judged judges what came of the changes.
func (p *plan) judged(event []byte, err error) ([]byte, error) {
	if err != nil {
		return nil, &RequestError{"set", err.Error()}
	}
	if len(event) > p.maxBody {
		return nil, &RequestError{"set", fmt.Sprintf("want an event of at most %d bytes", p.maxBody)}
	}
	if p.force || len(p.set) == 0 {
		return event, nil
	}
	if err := schemas.Validate(p.trigger, event); err != nil {
		return nil, &RequestError{"set", err.Error() + " (force fires it all the same)"}
	}
	return event, nil
}

// jobs makes n events, and of each a delivery to every target.
func (p *plan) jobs(n int) ([]queue.Job, error) {
	jobs := make([]queue.Job, 0, n*len(p.targets))
	for range n {
		event, marked := p.body, false
		if event == nil {
			var err error
			if event, err = p.event(); err != nil {
				return nil, err
			}
			marked = true
		}
		now := time.Now()
		for i := range p.targets {
			id := p.targets[i].ID
			jobs = append(jobs, queue.Job{
				Lane: lane(p.app.ID, id), ID: newID(), Trigger: p.trigger, Attempt: 1, Accepted: now, Due: now,
				Body: addressed(event, id, marked),
			})
		}
	}
	return jobs, nil
}

// newID is that of a delivery: 130 random bits.
func newID() string { return strings.ToLower(rand.Text()) }

// addressed returns an event with the id of the webhook that it is sent to.
// Those of the world have a mark in its place; in others it is set if there is
// one to set.
func addressed(event []byte, webhook string, marked bool) []byte {
	if marked {
		at := bytes.LastIndex(event, []byte(webhookMark))
		if at < 0 {
			return event // of a trigger that names no webhook
		}
		out := make([]byte, 0, len(event)+len(webhook))
		return append(append(append(out, event[:at]...), webhook...), event[at+len(webhookMark):]...)
	}
	quoted, _ := json.Marshal(webhook) // of a string, which never fails
	if set, err := fixtures.Set(event, "/webhook", quoted); err == nil {
		return set
	}
	return event
}

// targets are the webhooks that an event goes to.
func (s *Server) targets(app, only, trigger string, force bool) ([]Webhook, error) {
	c := s.store.read(app)
	if only != "" {
		w := c.webhook(only)
		switch {
		case w == nil:
			return nil, &RequestError{"webhook", fmt.Sprintf("app %s has no webhook %.60q", app, only)}
		case !w.Enabled:
			return nil, &RequestError{"webhook", fmt.Sprintf("webhook %s is not enabled", only)}
		case !w.wants(trigger) && !force:
			return nil, &RequestError{"webhook", fmt.Sprintf("webhook %s does not have the trigger %s (force fires it all the same)", only, trigger)}
		}
		return []Webhook{*w}, nil
	}
	var wanting, enabled []Webhook
	for _, w := range c.Webhooks {
		if w.wants(trigger) {
			wanting = append(wanting, w)
		}
		if w.Enabled {
			enabled = append(enabled, w)
		}
	}
	if len(wanting) == 0 && force {
		return enabled, nil
	}
	return wanting, nil
}

// appOf returns the app of that id, or the only one.
func (s *Server) appOf(id string) (App, error) {
	if id == "" && len(s.apps) == 1 {
		for _, a := range s.apps {
			return a, nil
		}
	}
	if a, ok := s.apps[id]; ok {
		return a, nil
	}
	if id == "" {
		return App{}, &RequestError{"app", "want the id of an app: there are several"}
	}
	return App{}, &RequestError{"app", fmt.Sprintf("no app %.60q", id)}
}
