//go:build e2e && unix

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"hookproof/mockserver"
)

// call makes a request of the control surface; in and out may be nil.
func (s *e2eServe) call(ctx context.Context, method, path string, in, out any) error {
	var body io.Reader
	if in != nil {
		text, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(ctx, method, s.addresses().Control+path, body)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+mockControl)
	req.Header.Set("Content-Type", "application/json")
	return s.do(req, out)
}

// do sends a request whose answer must be a success without secrets.
func (s *e2eServe) do(req *http.Request, out any) error {
	resp, err := s.http.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	e2eNoSecrets(s.t, req.Method+" "+req.URL.Path, string(text)+fmt.Sprint(resp.Header))
	if resp.StatusCode/100 != 2 {
		return fmt.Errorf("%s %s: %d %s", req.Method, req.URL.Path, resp.StatusCode, text)
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(text, out)
}

// must is call for what has to succeed.
func (s *e2eServe) must(method, path string, in, out any) {
	s.t.Helper()
	if err := s.call(s.t.Context(), method, path, in, out); err != nil {
		s.t.Fatal(err)
	}
}

// webhook makes a webhook for message_sent with the management API.
func (s *e2eServe) webhook(id, url string, retry bool) {
	s.t.Helper()
	s.manage("/apps/"+mockApp+"/webhooks", map[string]any{
		"id": id, "name": id, "webhookURL": url, "useBasicAuth": true, "username": mockUser, "password": mockPassword, "retryOnFailure": retry,
	})
	s.manage("/apps/"+mockApp+"/webhooks/"+id+"/triggers", map[string]any{"triggerIds": []string{"message_sent"}})
}

func (s *e2eServe) manage(path string, in any) {
	s.t.Helper()
	text, err := json.Marshal(in)
	if err != nil {
		s.t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, s.addresses().Management+path, bytes.NewReader(text))
	if err != nil {
		s.t.Fatal(err)
	}
	for name, value := range map[string]string{"key": mockKey, "secret": mockSecret, "X-Webhook-Version": "2", "Content-Type": "application/json"} {
		req.Header.Set(name, value)
	}
	if err := s.do(req, nil); err != nil {
		s.t.Fatal(err)
	}
}

// fire fires n events of message_sent whose text is tag.
func (s *e2eServe) fire(ctx context.Context, webhook, tag string, n int) (mockserver.Fired, error) {
	var fired mockserver.Fired
	err := s.call(ctx, http.MethodPost, "/v1/events", map[string]any{
		"trigger": "message_sent", "webhook": webhook, "count": n, "set": map[string]any{"data.message.data.text": tag},
	}, &fired)
	if err == nil && (fired.Deliveries != n || len(fired.IDs) != n || fired.Refused != 0) {
		err = fmt.Errorf("%d events fired: %+v", n, fired)
	}
	return fired, err
}

// deliveries lists all deliveries that match a query, page by page.
func (s *e2eServe) deliveries(query string) map[string]mockserver.Delivery {
	s.t.Helper()
	all := map[string]mockserver.Delivery{}
	for cursor := ""; ; {
		var page mockserver.Page
		s.must(http.MethodGet, "/v1/deliveries?limit=1000"+query+cursor, nil, &page)
		for _, d := range page.Deliveries {
			if _, twice := all[d.ID]; twice {
				s.t.Errorf("delivery %s is listed twice", d.ID)
			}
			all[d.ID] = d
		}
		if page.Cursor == "" {
			return all
		}
		cursor = "&cursor=" + page.Cursor
	}
}

// settled waits until nothing waits to be delivered.
func (s *e2eServe) settled(within time.Duration) {
	s.t.Helper()
	var stats mockserver.Stats
	for deadline := time.Now().Add(within); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		s.must(http.MethodGet, "/v1/stats", nil, &stats)
		if stats.Queued+stats.Retrying == 0 {
			return
		}
	}
	s.t.Fatalf("after %s: %+v, want nothing queued and nothing retrying", within, stats)
}
