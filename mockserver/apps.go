package mockserver

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// appID is what an app's id looks like here: it names documents and lanes.
var appID = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// Regions are those of the provider (documented).
func Regions() []string { return []string{"us", "eu", "in"} }

// takeApps checks the accounts' apps and what they are preset with.
func (s *Server) takeApps() error {
	for i, account := range s.o.Accounts {
		for j := range account.Apps {
			app := account.Apps[j]
			if !appID.MatchString(app.ID) {
				return fmt.Errorf("app %.70q: want an id of at most 64 letters, digits, - and _", app.ID)
			}
			if app.Region == "" {
				app.Region = Regions()[0]
			}
			if !slices.Contains(Regions(), app.Region) {
				return fmt.Errorf("app %s: region %.20q: want one of %v", app.ID, app.Region, Regions())
			}
			if len(app.Webhooks) > MaxWebhooks {
				return fmt.Errorf("app %s: %d webhooks: want at most %d", app.ID, len(app.Webhooks), MaxWebhooks)
			}
			if _, twice := s.apps[app.ID]; twice {
				return fmt.Errorf("app %s: is listed twice; an app belongs to one account", app.ID)
			}
			s.apps[app.ID] = app
			s.owners[app.ID] = i
		}
	}
	if len(s.apps) == 0 {
		return fmt.Errorf("accounts: want at least one, with at least one app")
	}
	return nil
}

// AppInfo is an app and what it has configured, without secrets.
type AppInfo struct {
	Account    string        `json:"account"` // its position in the configuration: its key is a secret
	App        string        `json:"app"`
	Region     string        `json:"region"`
	Generation Generation    `json:"generation"` // 0 while there are no webhooks
	Webhooks   []WebhookInfo `json:"webhooks"`
}

// WebhookInfo is a webhook without its credentials.
type WebhookInfo struct {
	ID             string   `json:"id"`
	Name           string   `json:"name"`
	URL            string   `json:"url"` // without what could be a secret in its query
	Enabled        bool     `json:"enabled"`
	RetryOnFailure bool     `json:"retryOnFailure"`
	Triggers       []string `json:"triggers"`
}

// Apps are all apps, sorted by id.
func (s *Server) Apps() []AppInfo {
	apps := make([]AppInfo, 0, len(s.apps))
	for id, app := range s.apps {
		c := s.store.read(id)
		info := AppInfo{Account: fmt.Sprint(s.owners[id] + 1), App: id, Region: app.Region, Generation: c.Generation, Webhooks: []WebhookInfo{}}
		for _, w := range c.Webhooks {
			info.Webhooks = append(info.Webhooks, WebhookInfo{
				ID: w.ID, Name: w.Name, URL: withoutQuery(w.URL), Enabled: w.Enabled, RetryOnFailure: w.RetryOnFailure,
				Triggers: append([]string{}, w.Triggers...),
			})
		}
		apps = append(apps, info)
	}
	slices.SortFunc(apps, func(a, b AppInfo) int { return strings.Compare(a.App, b.App) })
	return apps
}

// withoutQuery returns a URL with the values of its query hidden.
func withoutQuery(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.RawQuery == "" {
		return address
	}
	u.RawQuery = "…"
	return u.String()
}
