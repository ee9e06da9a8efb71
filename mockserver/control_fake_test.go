package mockserver

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"

	"hookproof/fixtures"
	"hookproof/mockserver/delivery"
	"hookproof/schemas"
)

// fake is a server in memory. It makes no attempts by itself: tests say how one
// ends. It is safe for concurrent use.
type fake struct {
	mu         sync.Mutex
	apps       []AppInfo
	deliveries []*DeliveryDetail // the oldest first
	log        []Attempt         // position 1 is the first
	changed    chan struct{}     // closed when the log grows
	faults     FaultRules
	stats      Stats
	failure    error // of every call that can fail
	now        time.Time
}

func newFake() *fake {
	return &fake{
		changed: make(chan struct{}),
		now:     time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC),
		apps: []AppInfo{{Account: "acme", App: "app1", Region: "eu", Generation: Modern, Webhooks: []WebhookInfo{
			{ID: "orders", Name: "Orders", URL: "https://hooks.example/orders", Enabled: true, RetryOnFailure: true, Triggers: []string{"message_edited", "message_sent"}},
			{ID: "audit", Name: "Audit", URL: "https://hooks.example/audit", Enabled: true, Triggers: []string{"message_sent", "user_blocked"}},
			{ID: "off", Name: "Off", URL: "https://hooks.example/off", Triggers: []string{"message_sent"}},
		}}},
	}
}

func (s *fake) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failure = err
}

func (s *fake) Play(_ context.Context, p Play) (Played, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failure != nil {
		return Played{}, s.failure
	}
	return Played{Seed: max(p.Seed, 1), Events: p.Scenario.Events(), Seconds: p.Speed}, nil
}

func (s *fake) Fire(_ context.Context, f Fire) (Fired, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failure != nil {
		return Fired{}, s.failure
	}
	if f.App != "" && f.App != "app1" {
		return Fired{}, &RequestError{Field: "app", Message: fmt.Sprintf("no app %.50q: want app1", f.App)}
	}
	body := f.Body
	if body != nil {
		var event struct{ Trigger string }
		if err := json.Unmarshal(body, &event); err != nil && !f.Force {
			return Fired{}, &RequestError{Field: "body", Message: "no event"}
		}
		f.Trigger = event.Trigger
	}
	if !schemas.Exists(f.Trigger) && !f.Force {
		return Fired{}, &RequestError{Field: "trigger", Message: fmt.Sprintf("no trigger %.50q", f.Trigger)}
	}
	if body == nil {
		body, _ = fixtures.Example(f.Trigger)
	}
	for _, v := range f.Set {
		var err error
		if body, err = fixtures.Set(body, v.Path, v.Value); err != nil {
			return Fired{}, &RequestError{Field: "set", Message: err.Error()}
		}
	}
	fired := Fired{Events: max(f.Count, 1), IDs: []string{}}
	for range fired.Events {
		for _, w := range s.apps[0].Webhooks {
			if !w.Enabled || f.Webhook != "" && f.Webhook != w.ID || !f.Force && !slices.Contains(w.Triggers, f.Trigger) {
				continue
			}
			id := fmt.Sprintf("d%06d", len(s.deliveries)+1)
			s.now = s.now.Add(time.Second)
			s.deliveries = append(s.deliveries, &DeliveryDetail{Body: string(body), Delivery: Delivery{
				ID: id, App: "app1", Webhook: w.ID, Trigger: f.Trigger, State: Queued, Accepted: s.now, Updated: s.now,
			}})
			fired.Deliveries++
			if len(fired.IDs) < MaxIDs {
				fired.IDs = append(fired.IDs, id)
			}
		}
	}
	return fired, nil
}

// attempt records the next attempt of a delivery: an answer of that status or,
// if it is 0, a timeout. One that fails is retried up to twice.
func (s *fake) attempt(id string, status int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.deliveries, func(d *DeliveryDetail) bool { return d.ID == id })
	d := s.deliveries[i]
	d.Attempts++
	a := Attempt{
		Delivery: id, App: d.App, Webhook: d.Webhook, Trigger: d.Trigger, Number: d.Attempts, Worker: "fake",
		Start: s.now.Add(2 * time.Millisecond), Due: s.now,
		Request: Request{
			Method: "POST", URL: "https://hooks.example/" + d.Webhook, Size: len(d.Body),
			Header: map[string][]string{"Authorization": {"[redacted]"}, "Content-Type": {"Application/json"}},
		},
		Timing: AttemptTiming{DNS: 1.5, Connect: 4, TLS: 9, FirstByte: 20 + float64(i%40), LastByte: 24 + float64(i%40), Total: 40 + float64(i%40), Late: 2},
	}
	if status != 0 {
		a.Answer = &Answer{Status: status, Proto: "HTTP/1.1", Header: map[string][]string{"Content-Type": {"text/plain"}}, Text: "<b>thanks</b>", Size: 13}
		d.Last = strconv.Itoa(status)
	} else {
		a.Failure, a.Reason, d.Last = delivery.FailTimeout, "no complete answer within 2 s", "timeout"
		a.Timing.Total, a.Timing.FirstByte, a.Timing.LastByte = 2003, 0, 0
	}
	d.Next = time.Time{}
	switch {
	case status/100 == 2:
		d.State = Delivered
		s.stats.Delivered++
	case d.Attempts < 3:
		d.State, d.Next = Retrying, s.now.Add(10*time.Second)
		a.Why, s.stats.Failed = "retryOnFailure is on", s.stats.Failed+1
	default:
		d.State, a.Why, s.stats.Failed = Dead, "the last of 3 attempts", s.stats.Failed+1
	}
	if s.faults.All.Any() {
		a.Faults = []delivery.FaultKind{"delay"}
	}
	a.State, a.Next, d.Updated = d.State, d.Next, s.now
	d.Log, s.log = append(d.Log, a), append(s.log, a)
	close(s.changed)
	s.changed = make(chan struct{})
}

func (s *fake) Deliveries(_ context.Context, f Filter, limit int, cursor string) (Page, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failure != nil {
		return Page{}, s.failure
	}
	skip := 0
	if cursor != "" {
		var err error
		if skip, err = strconv.Atoi(cursor); err != nil || skip < 0 {
			return Page{}, &RequestError{Field: "cursor", Message: "not one of ours: want that of the page before"}
		}
	}
	page := Page{Deliveries: []Delivery{}}
	seen := 0
	for _, d := range slices.Backward(s.deliveries) {
		if !wanted(f, d) {
			continue
		}
		if seen++; seen <= skip {
			continue
		}
		if len(page.Deliveries) == limit {
			page.Cursor = strconv.Itoa(skip + limit)
			break
		}
		page.Deliveries = append(page.Deliveries, d.Delivery)
	}
	return page, nil
}

func wanted(f Filter, d *DeliveryDetail) bool {
	return f.matches(&Attempt{App: d.App, Webhook: d.Webhook, Trigger: d.Trigger, State: d.State}) &&
		!d.Accepted.Before(f.Since) && (f.Until.IsZero() || d.Accepted.Before(f.Until))
}

func (s *fake) find(id string) (*DeliveryDetail, error) {
	if s.failure != nil {
		return nil, s.failure
	}
	for _, d := range s.deliveries {
		if d.ID == id {
			return d, nil
		}
	}
	return nil, fmt.Errorf("delivery: %w", ErrNotFound)
}

func (s *fake) Delivery(_ context.Context, id string) (DeliveryDetail, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d, err := s.find(id)
	if err != nil {
		return DeliveryDetail{}, err
	}
	out := *d
	out.Log = append([]Attempt{}, d.Log...)
	return out, nil
}

func (s *fake) Redeliver(_ context.Context, id string) (Delivery, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d, err := s.find(id)
	if err != nil {
		return Delivery{}, err
	}
	d.State, d.Next = Queued, time.Time{}
	return d.Delivery, nil
}

func (s *fake) RedeliverDead(_ context.Context, f Filter) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, d := range s.deliveries {
		if wanted(f, d) && d.State == Dead {
			d.State = Queued
			n++
		}
	}
	return n, s.failure
}

func (s *fake) Attempts(ctx context.Context, after int64, f func(int64, Attempt) error) error {
	s.mu.Lock()
	err := s.failure
	if after == 0 || after > int64(len(s.log)) {
		after = int64(len(s.log))
	}
	s.mu.Unlock()
	if err != nil {
		return err
	}
	next := max(after, 0)
	for {
		s.mu.Lock()
		news, changed := s.log[min(next, int64(len(s.log))):], s.changed
		s.mu.Unlock()
		for _, a := range news {
			next++
			if err := f(next, a); err != nil {
				return err
			}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-changed:
		}
	}
}

func (s *fake) Faults() FaultRules {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.faults
}

func (s *fake) SetFaults(_ context.Context, r FaultRules) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failure != nil {
		return s.failure
	}
	if err := r.All.Validate(); err != nil {
		return &RequestError{"all", err.Error()}
	}
	s.faults = r
	return nil
}

func (s *fake) Reset(context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failure != nil {
		return s.failure
	}
	s.deliveries, s.log, s.faults = nil, nil, FaultRules{}
	return nil
}

func (s *fake) Ready(context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.failure
}

func (s *fake) Stats(context.Context) (Stats, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	stats := s.stats
	stats.Workers = 1
	for _, d := range s.deliveries {
		switch d.State {
		case Queued:
			stats.Queued++
		case Retrying:
			stats.Retrying++
		case Dead:
			stats.Dead++
		}
	}
	return stats, s.failure
}

func (s *fake) Apps() []AppInfo { return s.apps }

// snapshot is all that calls can change.
func (s *fake) snapshot() []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	for _, v := range []any{s.deliveries, s.log, s.faults} {
		if err := enc.Encode(v); err != nil {
			panic(err) // a bug of the fake
		}
	}
	return out.Bytes()
}
