package mockserver

import (
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// defaultLimit is how many deliveries a page has if the caller does not say.
const defaultLimit = 100

func (c *control) listDeliveries(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	f, err := filterOf(q)
	if err != nil {
		return err
	}
	limit := defaultLimit
	if text := q.Get("limit"); text != "" {
		if limit, err = strconv.Atoi(text); err != nil {
			return err // the document lets integers through only
		}
	}
	page, err := c.Deliveries(r.Context(), f, limit, q.Get("cursor"))
	if err != nil {
		return err
	}
	return c.answer(w, http.StatusOK, page)
}

func (c *control) getDelivery(w http.ResponseWriter, r *http.Request) error {
	d, err := c.Delivery(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	return c.answer(w, http.StatusOK, d)
}

func (c *control) redeliver(w http.ResponseWriter, r *http.Request) error {
	d, err := c.Redeliver(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	return c.answer(w, http.StatusAccepted, d)
}

func (c *control) redeliverDead(w http.ResponseWriter, r *http.Request) error {
	var in struct{ App, Webhook, Trigger, Since, Until string }
	if err := decodeBody(r, &in); err != nil {
		return err
	}
	f := Filter{App: in.App, Webhook: in.Webhook, Trigger: in.Trigger, State: Dead}
	if err := between(&f, in.Since, in.Until); err != nil {
		return err
	}
	n, err := c.RedeliverDead(r.Context(), f)
	if err != nil {
		return err
	}
	return c.answer(w, http.StatusAccepted, map[string]int{"redelivered": n})
}

// filterOf is the filter that a query asks for.
func filterOf(q url.Values) (Filter, error) {
	f := Filter{App: q.Get("app"), Webhook: q.Get("webhook"), Trigger: q.Get("trigger"), State: State(q.Get("state"))}
	return f, between(&f, q.Get("since"), q.Get("until"))
}

// between sets the times of a filter; "" is none.
func between(f *Filter, since, until string) error {
	for _, t := range []struct {
		field, text string
		to          *time.Time
	}{{"since", since, &f.Since}, {"until", until, &f.Until}} {
		if t.text == "" {
			continue
		}
		var err error
		if *t.to, err = time.Parse(time.RFC3339, t.text); err != nil {
			return &RequestError{Field: t.field, Message: "want a time such as 2026-01-31T12:00:00Z"}
		}
	}
	if !f.Since.IsZero() && !f.Until.IsZero() && !f.Since.Before(f.Until) {
		return &RequestError{Field: "until", Message: "want a time later than since"}
	}
	return nil
}
