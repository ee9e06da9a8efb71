package mockserver

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// AddWebhook gives an app one more webhook with its triggers, as the management
// API would, of the generation that the options name for the app. Errors say what
// is wrong with it, or are the store's.
func (s *Server) AddWebhook(ctx context.Context, app string, w Webhook) error {
	a, err := s.appOf(app)
	if err != nil {
		return err
	}
	if err := s.api.judge(a.Generation, &w); err != nil {
		return err
	}
	return s.store.change(ctx, a.ID, func(c *configuration) error {
		switch {
		case c.webhook(w.ID) != nil:
			return fmt.Errorf("webhook id %s: is taken", w.ID)
		case len(c.Webhooks) >= MaxWebhooks:
			return fmt.Errorf("app %s: has %d webhooks, which is the most", a.ID, MaxWebhooks)
		case !c.takes(a.Generation):
			return fmt.Errorf("app %s: has webhooks of the %s generation", a.ID, c.Generation.schemas())
		}
		c.add(a.Generation, w)
		return nil
	})
}

// takes tells whether webhooks of a generation can be added.
func (c *configuration) takes(g Generation) bool {
	return c.Generation == 0 || c.Generation.schemas() == g.schemas()
}

func (c *configuration) add(g Generation, w Webhook) {
	w.CreatedAt = time.Now().Unix()
	w.UpdatedAt = w.CreatedAt
	w.Triggers = slices.Compact(slices.Sorted(slices.Values(w.Triggers)))
	c.Generation, c.Webhooks = cmp.Or(g, Modern), append(c.Webhooks, w)
}

// judge says what the management API would not take of a webhook.
func (m *management) judge(g Generation, w *Webhook) error {
	body := map[string]any{"id": w.ID, "name": w.Name, "webhookURL": w.URL, "useBasicAuth": w.UseBasicAuth}
	for name, v := range map[string]string{"username": w.Username, "password": w.Password} {
		if v != "" {
			body[name] = v
		}
	}
	found := w.checkCredentials(m.urls.check(checkBody(m.contract.created, body), body))
	for _, field := range slices.Sorted(maps.Keys(found)) {
		return fmt.Errorf("%s %s", field, strings.Join(found[field], ", "))
	}
	for _, t := range w.Triggers {
		if _, ok := triggerOf(g, t); !ok {
			return fmt.Errorf("triggers: no trigger %.60q of the %s generation", t, g.schemas())
		}
	}
	return nil
}

// checkPresets judges the webhooks of the options.
func (s *Server) checkPresets() error {
	for _, id := range slices.Sorted(maps.Keys(s.apps)) {
		seen := map[string]bool{}
		for _, w := range s.apps[id].Webhooks {
			if err := s.api.judge(s.apps[id].Generation, &w); err != nil {
				return fmt.Errorf("app %s: webhook %.60q: %w", id, w.ID, err)
			}
			if seen[w.ID] {
				return fmt.Errorf("app %s: webhook %s: is listed twice", id, w.ID)
			}
			seen[w.ID] = true
		}
	}
	return nil
}

// errUnchanged ends a change that turned out to be none.
var errUnchanged = errors.New("nothing to change")

// preset brings the webhooks of the options into the store: those that are
// missing, or those and no others.
func (s *Server) preset(ctx context.Context, only bool) error {
	for _, app := range s.apps {
		err := s.store.change(ctx, app.ID, func(c *configuration) error {
			before := len(c.Webhooks)
			if only {
				*c = configuration{}
			}
			for _, w := range app.Webhooks {
				if c.takes(app.Generation) && c.webhook(w.ID) == nil && len(c.Webhooks) < MaxWebhooks {
					c.add(app.Generation, w)
				}
			}
			if len(c.Webhooks) == before && !only {
				return errUnchanged
			}
			return nil
		})
		if err != nil && !errors.Is(err, errUnchanged) {
			return fmt.Errorf("preset webhooks of app %s: %w", app.ID, err)
		}
	}
	return nil
}
