package mockserver

import (
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// of returns the webhooks of a generation, which are all of an app's or none.
func (c *configuration) of(g Generation) []Webhook {
	if c.Generation != g {
		return nil
	}
	return c.Webhooks
}

// find returns the call's webhook. One of the other generation is not found.
func (c *call) find(conf *configuration) (*Webhook, error) {
	if conf.Generation == c.generation {
		if w := conf.webhook(c.webhookID); w != nil {
			return w, nil
		}
	}
	return nil, webhookNotFound(c.webhookID)
}

func (m *management) createWebhook(c *call) (*success, error) {
	now := m.now().Unix()
	created := Webhook{Enabled: true, CreatedAt: now, UpdatedAt: now, Triggers: []string{}}
	created.ID, _ = c.body["id"].(string)
	created.apply(c.body)
	found := m.urls.check(c.problems, c.body)
	if found = created.checkCredentials(found); len(found) > 0 {
		return nil, invalid(found)
	}
	err := m.change(c, func(conf *configuration) error {
		switch {
		case len(conf.Webhooks) > 0 && conf.Generation != c.generation:
			return otherGeneration(conf.Generation)
		case conf.webhook(created.ID) != nil:
			return &apiError{
				http.StatusBadRequest, "ERR_WEBHOOK_ID_ALREADY_EXISTS",
				fmt.Sprintf("The webhook id %s is taken.", created.ID), problems{"id": {"is taken"}},
			}
		case len(conf.Webhooks) >= MaxWebhooks:
			return &apiError{
				http.StatusBadRequest, "ERR_PLAN_QUOTA_RESTRICTION",
				fmt.Sprintf("An app has at most %d webhooks.", MaxWebhooks), nil,
			}
		}
		conf.Generation = c.generation
		conf.Webhooks = append(conf.Webhooks, created)
		return nil
	})
	return &success{Data: created.told()}, err
}

func otherGeneration(has Generation) *apiError {
	words := "1 (or none)"
	if has == Modern {
		words = "2"
	}
	return badRequest(fmt.Sprintf("The app has webhooks of X-Webhook-Version %s, and all of an app's webhooks are of one version: "+
		"send that version, or delete these webhooks first.", words), nil)
}

func (m *management) listWebhooks(c *call) (*success, error) {
	conf := m.store.read(c.appID)
	key := strings.ToLower(parameter(c.query, "searchKey"))
	var matching []*Webhook
	for i, w := range conf.of(c.generation) {
		if strings.Contains(strings.ToLower(w.Name), key) {
			matching = append(matching, &conf.Webhooks[i])
		}
	}
	perPage, page := 100, 1 // as the document has them
	if s := parameter(c.query, "perPage"); s != "" {
		perPage = wholeNumber(s)
	}
	if s := parameter(c.query, "page"); s != "" {
		page = wholeNumber(s)
	}
	from := min(min(page-1, MaxWebhooks)*perPage, len(matching)) // no list has more pages
	data := []toldWebhook{}
	for _, w := range matching[from:min(from+perPage, len(matching))] {
		data = append(data, w.told())
	}
	return &success{data, newMeta(len(matching), len(data), perPage, page)}, nil
}

func (m *management) getWebhook(c *call) (*success, error) {
	conf := m.store.read(c.appID)
	w, err := c.find(&conf)
	if err != nil {
		return nil, err
	}
	return &success{Data: w.told()}, nil
}

func (m *management) updateWebhook(c *call) (*success, error) {
	if found := m.urls.check(c.problems, c.body); len(found) > 0 {
		return nil, invalid(found)
	}
	var updated Webhook
	err := m.change(c, func(conf *configuration) error {
		w, err := c.find(conf)
		if err != nil {
			return err
		}
		before := *w
		w.apply(c.body)
		if found := w.checkCredentials(nil); len(found) > 0 {
			return invalid(found)
		}
		if !reflect.DeepEqual(*w, before) {
			w.UpdatedAt = m.now().Unix()
		}
		updated = *w
		return nil
	})
	return &success{Data: updated.told()}, err
}

func (m *management) deleteWebhook(c *call) (*success, error) {
	err := m.change(c, func(conf *configuration) error {
		if _, err := c.find(conf); err != nil {
			return err
		}
		conf.Webhooks = slices.DeleteFunc(conf.Webhooks, func(w Webhook) bool { return w.ID == c.webhookID })
		if len(conf.Webhooks) == 0 {
			conf.Generation = 0
		}
		return nil
	})
	return &success{Data: result{true, fmt.Sprintf("The webhook %s has been deleted.", c.webhookID)}}, err
}

// apply takes over the settings that a body names.
func (w *Webhook) apply(body map[string]any) {
	setMember(body, "name", &w.Name)
	setMember(body, "webhookURL", &w.URL)
	setMember(body, "useBasicAuth", &w.UseBasicAuth)
	setMember(body, "username", &w.Username)
	setMember(body, "password", &w.Password)
	setMember(body, "enabled", &w.Enabled)
	setMember(body, "retryOnFailure", &w.RetryOnFailure)
}

func setMember[T any](body map[string]any, name string, to *T) {
	if v, ok := body[name].(T); ok {
		*to = v
	}
}

// checkCredentials returns what has been found and which credentials are missing
// that the webhook needs.
func (w *Webhook) checkCredentials(found problems) problems {
	if !w.UseBasicAuth {
		return found
	}
	const missing = "is required with useBasicAuth"
	if w.Username == "" && found["username"] == nil {
		found = found.add("username", missing)
	}
	if w.Password == "" && found["password"] == nil {
		found = found.add("password", missing)
	}
	return found
}

// parameter returns what has been judged of a parameter of the query: the first
// value that is not empty.
func parameter(query url.Values, name string) string {
	for _, v := range query[name] {
		if v != "" {
			return v
		}
	}
	return ""
}

// wholeNumber is a whole number that has been judged.
func wholeNumber(s string) int {
	n, _ := strconv.Atoi(s)
	return n
}
