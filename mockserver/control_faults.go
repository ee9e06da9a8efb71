package mockserver

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
)

func (c *control) getFaults(w http.ResponseWriter, _ *http.Request) error {
	return c.answer(w, http.StatusOK, c.Faults())
}

func (c *control) setFaults(w http.ResponseWriter, r *http.Request) error {
	var rules FaultRules
	if err := decodeBody(r, &rules); err != nil {
		return err
	}
	if err := rules.validate(); err != nil {
		return err
	}
	if err := c.SetFaults(r.Context(), rules); err != nil {
		return err
	}
	return c.answer(w, http.StatusOK, c.Faults())
}

func (c *control) clearFaults(w http.ResponseWriter, r *http.Request) error {
	if err := c.SetFaults(r.Context(), FaultRules{}); err != nil {
		return err
	}
	return c.answer(w, http.StatusOK, c.Faults())
}

// validate says which of the rules cannot be kept.
func (r *FaultRules) validate() error {
	if err := r.All.Validate(); err != nil {
		return &RequestError{Field: "all", Message: "all: " + err.Error()}
	}
	for _, name := range slices.Sorted(maps.Keys(r.Webhooks)) {
		app, webhook, ok := strings.Cut(name, "/")
		if !ok || app == "" || webhook == "" {
			return &RequestError{Field: "webhooks", Message: fmt.Sprintf("webhooks: %.100q is no app/webhook, such as app1/orders", name)}
		}
		if err := r.Webhooks[name].Validate(); err != nil {
			return &RequestError{Field: "webhooks", Message: fmt.Sprintf("webhooks: %s: %v", shown(name), err)}
		}
	}
	return nil
}
