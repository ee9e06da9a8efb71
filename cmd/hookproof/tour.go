package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"golang.org/x/sync/errgroup"

	"hookproof/mockserver"
	"hookproof/mockserver/queue"
)

const (
	tourApp     = "demo"
	tourWebhook = "reference-receiver"
	// tourScale makes the retries after 10 and 30 s come after 100 and 300 ms.
	tourScale = 0.01
	// tourPatience is how long all deliveries may take.
	tourPatience = 30 * time.Second
)

// tour is a walk through the mock server, over HTTP as its users go.
type tour struct {
	p                   *program
	management, control string
	account             mockserver.Account
	client              *http.Client
}

// tour starts a mock server, creates a webhook for a receiver, fires every
// trigger and shows what became of the events.
func (p *program) tour(ctx context.Context, r *reference) error {
	q, err := queue.Embedded(ctx, queue.EmbeddedOptions{})
	if err != nil {
		return err
	}
	transport := &http.Transport{} // asks no proxy
	defer transport.CloseIdleConnections()
	t := &tour{p: p, client: &http.Client{Transport: transport}, account: mockserver.Account{Key: "demo-key", Secret: "demo-secret", Apps: []mockserver.App{{ID: tourApp}}}}
	s, err := mockserver.New(q, mockserver.Options{
		Accounts: []mockserver.Account{t.account}, AllowPrivate: true,
		Worker: mockserver.WorkerOptions{TimeScale: tourScale, RootCAs: r.roots},
	})
	if err != nil {
		return errors.Join(err, q.Close())
	}
	g, running := errgroup.WithContext(ctx)
	running, stop := context.WithCancel(running)
	defer stop()
	for address, handler := range map[*string]http.Handler{&t.management: s.Management(), &t.control: s.Control()} {
		ln, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
		if err != nil {
			return errors.Join(fmt.Errorf("listen on the loopback interface: %w", rootCause(err)), q.Close())
		}
		*address = localURL(ln.Addr(), false, "")
		g.Go(func() error { return serve(running, newServer(handler, 0, io.Discard), ln, nil) })
	}
	g.Go(func() error { return s.Run(running) })
	g.Go(func() error {
		defer stop()
		if err := s.Ready(running); err != nil {
			return err
		}
		return t.walk(running, r)
	})
	return errors.Join(g.Wait(), q.Close())
}

func (t *tour) walk(ctx context.Context, r *reference) error {
	t.say("a mock CometChat: management API at %s, control surface and dashboard at %s", t.management, t.control)
	webhooks := "/apps/" + tourApp + "/webhooks"
	err := t.manage(ctx, webhooks, map[string]any{
		"id": tourWebhook, "name": "Reference receiver", "webhookURL": r.url,
		"useBasicAuth": true, "username": r.username, "password": r.password, "retryOnFailure": true,
	})
	if err != nil {
		return err
	}
	t.say("POST %s: webhook %s for %s, with Basic auth and retries", webhooks, tourWebhook, r.url)
	triggers := mockserver.Modern.Triggers()
	if err := t.manage(ctx, webhooks+"/"+tourWebhook+"/triggers", map[string]any{"triggerIds": triggers}); err != nil {
		return err
	}
	t.say("POST %s/%s/triggers: all %d triggers", webhooks, tourWebhook, len(triggers))
	for _, name := range triggers {
		if err := t.call(ctx, http.MethodPost, t.control+"/v1/events", nil, map[string]any{"trigger": name}, nil); err != nil {
			return err
		}
	}
	t.say("POST /v1/events: one event of each")
	return t.show(ctx, len(triggers))
}

// show waits until all deliveries have ended, and prints them.
func (t *tour) show(ctx context.Context, n int) error {
	ctx, cancel := context.WithTimeout(ctx, tourPatience)
	defer cancel()
	var page mockserver.Page
	ended := 0
	for ended < n {
		if !wait(ctx, 20*time.Millisecond) {
			return fmt.Errorf("%d of %d deliveries ended in %s", ended, n, tourPatience)
		}
		if err := t.call(ctx, http.MethodGet, t.control+"/v1/deliveries?limit=1000", nil, nil, &page); err != nil {
			return err
		}
		ended = 0
		for _, d := range page.Deliveries {
			if d.State == mockserver.Delivered || d.State == mockserver.Dead {
				ended++
			}
		}
	}
	t.say("GET /v1/deliveries:")
	for i := range page.Deliveries {
		d := &page.Deliveries[len(page.Deliveries)-1-i] // the oldest first
		t.say("  %-32s %-9s %s", d.Trigger, d.State, d.Last)
		if d.Attempts > 1 {
			if err := t.retried(ctx, d.ID); err != nil {
				return err
			}
		}
		if d.State != mockserver.Delivered {
			return fmt.Errorf("delivery of %s: %s: %s", d.Trigger, d.State, d.Last)
		}
	}
	return nil
}

// retried prints the attempts of a delivery.
func (t *tour) retried(ctx context.Context, id string) error {
	var d mockserver.DeliveryDetail
	if err := t.call(ctx, http.MethodGet, t.control+"/v1/deliveries/"+id, nil, nil, &d); err != nil {
		return err
	}
	for _, a := range d.Log {
		outcome := a.Reason
		if a.Answer != nil {
			outcome = fmt.Sprintf("%d %s", a.Answer.Status, http.StatusText(a.Answer.Status))
		}
		line := fmt.Sprintf("    attempt %d: %s, %.1f ms", a.Number, outcome, a.Timing.Total)
		if !a.Next.IsZero() {
			end := a.Start.Add(time.Duration(a.Timing.Total * float64(time.Millisecond)))
			wait := a.Next.Sub(end).Round(time.Millisecond)
			line += fmt.Sprintf("; the next after %s, a hundredth of CometChat's %s", wait, wait*100)
		}
		t.say("%s", line)
	}
	return nil
}

func (t *tour) say(format string, args ...any) { say(t.p.stderr, format+"\n", args...) }

// manage posts to the management API.
func (t *tour) manage(ctx context.Context, path string, body any) error {
	return t.call(ctx, http.MethodPost, t.management+path, http.Header{
		"Key": {t.account.Key}, "Secret": {t.account.Secret}, "X-Webhook-Version": {"2"},
	}, body, nil)
}

// call makes a request and reads its answer into a value, if there is one.
func (t *tour) call(ctx context.Context, method, url string, header http.Header, body, into any) error {
	var sent io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return err
		}
		sent = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(ctx, method, url, sent)
	if err != nil {
		return err
	}
	for name, values := range header {
		req.Header[name] = values
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := t.client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, 8<<20))
	if err != nil {
		return err
	}
	if resp.StatusCode > 299 {
		return fmt.Errorf("%s %s: %s: %.300s", method, req.URL.Path, resp.Status, answer)
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(answer, into)
}
