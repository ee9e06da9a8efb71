package conformance

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// maxCanaryHits bounds what a canary remembers.
const maxCanaryHits = 1000

// canary is a server that answers 401 to everything, as media URLs may (documented),
// and notes what was fetched.
type canary struct {
	base   string // the URL under which the receiver reaches it, with a slash at its end
	server *http.Server

	mu   sync.Mutex
	hits []string // paths
}

func (c *canary) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	if len(c.hits) < maxCanaryHits {
		c.hits = append(c.hits, r.URL.Path)
	}
	c.mu.Unlock()
	http.Error(w, "unauthorized", http.StatusUnauthorized)
}

// fetched tells how often what has a mark in its path was fetched.
func (c *canary) fetched(mark string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := 0
	for _, path := range c.hits {
		if strings.Contains(path, mark) {
			n++
		}
	}
	return n
}

// watch waits for the canary to be fetched under a mark, not for long: what is fetched
// after an event was acknowledged may still be on its way.
func (c *canary) watch(ctx context.Context, mark string) int {
	for deadline := time.Now().Add(canaryPatience); c.fetched(mark) == 0 && time.Now().Before(deadline); {
		if !pause(ctx, canaryPatience/20) {
			break
		}
	}
	return c.fetched(mark)
}

const canaryPatience = 200 * time.Millisecond

// startCanary returns the run's canary, which it starts at the first call, or says why
// there can be none: a receiver is never made to fetch from an address that is
// internal to its own network.
func (s *session) startCanary(ctx context.Context) (*canary, string, error) {
	if s.canary != nil {
		return s.canary, "", nil
	}
	address := s.opts.CanaryAddr
	if address == "" {
		address = "127.0.0.1:0"
	}
	if why := s.noCanary(ctx); why != "" {
		return nil, why, nil
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, "", fmt.Errorf("the canary cannot listen: %w", err)
	}
	c := &canary{base: s.opts.Canary}
	if c.base == "" {
		c.base = "http://" + listener.Addr().String()
	}
	c.base = strings.TrimSuffix(c.base, "/") + "/"
	c.server = &http.Server{Handler: c, ReadHeaderTimeout: answerLimit, ReadTimeout: answerLimit, WriteTimeout: answerLimit, MaxHeaderBytes: 16 << 10}
	c.server.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	go func() { _ = c.server.Serve(listener) }() // until close
	s.canary = c
	return c, "", nil
}

// noCanary says why the receiver cannot be sent to a canary, "" if it can.
func (s *session) noCanary(ctx context.Context) string {
	if s.opts.Canary == "" {
		if len(s.net.addrs) > 0 && s.net.loopback() {
			return ""
		}
		return "the receiver is not on this machine, so it needs a canary that it can reach: a public URL (--canary)"
	}
	if s.mode == Dev {
		return ""
	}
	u, err := url.Parse(s.opts.Canary)
	if err != nil {
		return "the canary's URL cannot be parsed"
	}
	n := resolve(ctx, u.Hostname(), port(u), &s.opts)
	for _, a := range n.addrs {
		if !public(a) {
			return "the canary's address is not public, and mode certify sends no receiver to an internal one"
		}
	}
	if n.err != nil {
		return "the canary's host name does not resolve"
	}
	return ""
}

// loopback tells whether all addresses are those of this machine alone.
func (n *network) loopback() bool {
	for _, a := range n.addrs {
		if !a.IsLoopback() {
			return false
		}
	}
	return true
}

// close ends what the run has started.
func (s *session) close() {
	if s.canary != nil {
		_ = s.canary.server.Close() // nothing of it is of use any more
	}
}
