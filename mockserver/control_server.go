package mockserver

import (
	"context"
	"net/http"
	"strings"
	"time"
)

// probePatience bounds what a probe or a scrape waits for the store.
const probePatience = 2 * time.Second

// ok is the answer of what has nothing else to say.
func ok() any { return map[string]string{"status": "ok"} }

func (c *control) health(w http.ResponseWriter, _ *http.Request) error {
	return c.answer(w, http.StatusOK, ok())
}

func (c *control) ready(w http.ResponseWriter, r *http.Request) error {
	ctx, cancel := context.WithTimeout(r.Context(), probePatience)
	defer cancel()
	if err := c.Ready(ctx); err != nil {
		c.log.Warn("not ready", "error", err)
		return &problem{status: http.StatusServiceUnavailable, message: "not ready: " + oneLine(err.Error())}
	}
	return c.answer(w, http.StatusOK, ok())
}

func (c *control) reset(w http.ResponseWriter, r *http.Request) error {
	if err := c.Reset(r.Context()); err != nil {
		return err
	}
	return c.answer(w, http.StatusOK, ok())
}

func (c *control) listApps(w http.ResponseWriter, _ *http.Request) error {
	return c.answer(w, http.StatusOK, map[string][]AppInfo{"apps": c.Apps()})
}

func (c *control) getStats(w http.ResponseWriter, r *http.Request) error {
	stats, err := c.Stats(r.Context())
	if err != nil {
		return err
	}
	return c.answer(w, http.StatusOK, stats)
}

func (c *control) getMetrics(w http.ResponseWriter, r *http.Request) error {
	c.exposed.ServeHTTP(w, r)
	return nil
}

// oneLine is a text on one line.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
