package mockserver

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"hookproof/mockserver/queue"
)

// MaxPage bounds a page of deliveries.
const MaxPage = 1000

// Deliveries returns a page of the deliveries that match, the newest first;
// cursor is "" or that of the page before.
func (s *Server) Deliveries(_ context.Context, f Filter, limit int, cursor string) (Page, error) {
	if limit < 1 || limit > MaxPage {
		return Page{}, &RequestError{"limit", fmt.Sprintf("want 1 to %d", MaxPage)}
	}
	if f.State != "" && !slices.Contains(States(), f.State) {
		return Page{}, &RequestError{"state", fmt.Sprintf("want one of %v", States())}
	}
	found, more := s.history.page(&f, limit, cursor)
	page := Page{Deliveries: found}
	if found == nil {
		page.Deliveries = []Delivery{}
	}
	if more {
		page.Cursor = found[len(found)-1].ID
	}
	return page, nil
}

// States are all states of a delivery.
func States() []State { return []State{Queued, Retrying, Delivered, Dead, Discarded} }

// Delivery returns a delivery with its attempts, or ErrNotFound.
func (s *Server) Delivery(ctx context.Context, id string) (DeliveryDetail, error) {
	r, ok := s.history.get(id)
	if !ok {
		return DeliveryDetail{}, ErrNotFound
	}
	d := DeliveryDetail{Delivery: r.Delivery, Log: []Attempt{}}
	for _, p := range r.attempts {
		e, err := s.q.Attempts().Read(ctx, p)
		if errors.Is(err, queue.ErrGone) {
			continue
		}
		if err != nil {
			return DeliveryDetail{}, err
		}
		record, body := fromData(e.Data)
		d.Body = string(body)
		if len(record) == 0 {
			continue // discarded
		}
		a, err := attemptOf(record)
		if err != nil {
			s.log.Warn("a record of an attempt is not understood", "error", err)
			continue
		}
		d.Log = append(d.Log, a)
	}
	if d.Body == "" && r.dead != 0 {
		body, err := s.deadBody(ctx, r.dead)
		if err != nil && !errors.Is(err, queue.ErrGone) {
			return DeliveryDetail{}, err
		}
		d.Body = string(body)
	}
	return d, nil
}

func (s *Server) deadBody(ctx context.Context, p queue.Position) ([]byte, error) {
	e, err := s.q.Dead().Read(ctx, p)
	if err != nil {
		return nil, err
	}
	_, body := fromData(e.Data)
	return body, nil
}

// body is the event of a delivery, or queue.ErrGone.
func (s *Server) body(ctx context.Context, r *record) ([]byte, error) {
	if r.dead != 0 {
		if body, err := s.deadBody(ctx, r.dead); !errors.Is(err, queue.ErrGone) {
			return body, err
		}
	}
	if len(r.attempts) == 0 {
		return nil, queue.ErrGone
	}
	e, err := s.q.Attempts().Read(ctx, r.attempts[len(r.attempts)-1])
	if err != nil {
		return nil, err
	}
	_, body := fromData(e.Data)
	return body, nil
}

// Redeliver lets a delivery begin anew, with the same event: one that ended,
// however it did. It returns ErrNotFound, or a *RequestError if it has not ended
// or the event is no longer kept.
func (s *Server) Redeliver(ctx context.Context, id string) (Delivery, error) {
	r, ok := s.history.get(id)
	if !ok {
		return Delivery{}, ErrNotFound
	}
	if r.State == Queued || r.State == Retrying {
		return Delivery{}, &RequestError{"id", fmt.Sprintf("the delivery is %s: want one that has ended", r.State)}
	}
	if !s.store.has(target{r.App, r.Webhook}) {
		return Delivery{}, &RequestError{"id", fmt.Sprintf("its webhook %s is deleted", r.Webhook)}
	}
	n, err := s.redeliver(ctx, []record{r})
	if err != nil {
		return Delivery{}, err
	}
	if n == 0 {
		return Delivery{}, &RequestError{"id", "its event is no longer kept"}
	}
	r, _ = s.history.get(id)
	return r.Delivery, nil
}

// RedeliverDead lets every dead delivery that matches begin anew and returns
// how many did: those whose event is kept and whose webhook is there.
func (s *Server) RedeliverDead(ctx context.Context, f Filter) (int, error) {
	f.State = Dead
	total := 0
	for batch := range slices.Chunk(s.history.matching(&f), fireBatch) {
		n, err := s.redeliver(ctx, batch)
		total += n
		if err != nil {
			return total, err
		}
	}
	return total, nil
}

// redeliver lets deliveries of any apps begin anew.
func (s *Server) redeliver(ctx context.Context, records []record) (int, error) {
	now := time.Now()
	var jobs []queue.Job
	var revived []queue.Entry
	for i := range records {
		r := &records[i]
		if !s.store.has(target{r.App, r.Webhook}) {
			continue
		}
		body, err := s.body(ctx, r)
		if errors.Is(err, queue.ErrGone) {
			continue
		}
		if err != nil {
			return 0, err
		}
		j := queue.Job{Lane: lane(r.App, r.Webhook), ID: r.ID, Trigger: r.Trigger, Attempt: 1, Accepted: now, Due: now, Body: body}
		jobs = append(jobs, j)
		if r.dead != 0 {
			n := targetOf(j.Lane).note(noteAccepted, &j)
			n.state, n.attempt, n.at = Queued, 0, now
			revived = append(revived, queue.Entry{Summary: n.encode()})
		}
	}
	var fired Fired
	if err := s.accept(ctx, jobs, &fired); err != nil {
		return fired.Deliveries, err
	}
	s.metrics.redelivered(fired.Deliveries)
	// So that a server which reads the log of the dead later knows.
	_, err := s.q.Dead().AppendAll(ctx, revived)
	return fired.Deliveries, err
}
