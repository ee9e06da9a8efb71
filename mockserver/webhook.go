package mockserver

import (
	"context"
	"slices"

	"hookproof/schemas"
)

// Bounds of webhooks (documented).
const (
	// MaxWebhooks is how many webhooks an app has at most.
	MaxWebhooks = 25
)

// Generation is a generation of webhooks. An app has webhooks of one only
// (observed).
type Generation int

// The generations. The management API selects Modern by the header
// X-Webhook-Version: 2 and Legacy by leaving it out (documented).
const (
	Legacy Generation = 1
	Modern Generation = 2
)

// schemas is the generation as the contract names it; 0 is Modern.
func (g Generation) schemas() schemas.Generation {
	if g == Legacy {
		return schemas.Legacy
	}
	return schemas.Modern
}

// Triggers are the names of the generation's triggers whose payload is known.
func (g Generation) Triggers() []string {
	var names []string
	for t := range schemas.Triggers() {
		if t.Generation == g.schemas() && t.Shaped() {
			names = append(names, t.Name)
		}
	}
	return names
}

// Webhook is where and when events of an app are delivered.
type Webhook struct {
	ID             string   `json:"id"`
	Name           string   `json:"name"`
	URL            string   `json:"webhookURL"`
	UseBasicAuth   bool     `json:"useBasicAuth"`
	Username       string   `json:"username,omitempty"`
	Password       string   `json:"password,omitempty"`
	Enabled        bool     `json:"enabled"`
	RetryOnFailure bool     `json:"retryOnFailure"`
	CreatedAt      int64    `json:"createdAt"` // Unix seconds
	UpdatedAt      int64    `json:"updatedAt"` // Unix seconds
	Triggers       []string `json:"triggers"`  // sorted, each once
}

// wants tells whether the webhook is sent events of a trigger, which may be
// among its triggers under another name.
func (w *Webhook) wants(trigger string) bool {
	return w.Enabled && slices.ContainsFunc(w.Triggers, func(t string) bool { return schemas.Canonical(t) == trigger })
}

// configuration is what one app has configured: one document of the store.
type configuration struct {
	Generation Generation `json:"generation"` // 0 while there are no webhooks
	Webhooks   []Webhook  `json:"webhooks"`   // in the order of their creation
}

// webhook returns the webhook of that id, nil if there is none.
func (c *configuration) webhook(id string) *Webhook {
	i := slices.IndexFunc(c.Webhooks, func(w Webhook) bool { return w.ID == id })
	if i < 0 {
		return nil
	}
	return &c.Webhooks[i]
}

// configurations keeps what the apps have configured, for every node of a
// cluster. It is safe for concurrent use.
type configurations interface {
	// read returns what the app has now, as far as this node knows; what this
	// node has changed it knows at once. The caller changes nothing in it. An app
	// without webhooks has the zero value.
	read(appID string) configuration
	// revision grows with each change that this node learns of. What is read after
	// it was asked for is of that revision or a later one.
	revision(appID string) uint64
	// change lets f change a copy of its own of what the app has and stores the
	// outcome, unless f fails: then nothing changes, and the error is f's. When
	// another node was faster, f is called again with what that one made of it.
	// Other errors are about the store.
	change(ctx context.Context, appID string, f func(*configuration) error) error
}
