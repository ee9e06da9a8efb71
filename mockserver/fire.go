package mockserver

import (
	"context"
	"errors"
	"slices"
	"time"

	"hookproof/mockserver/queue"
)

// fireBatch is how many events are made and enqueued at a time.
const fireBatch = 250

// Fire makes events and accepts their deliveries: when it returns, each will be
// attempted, whatever happens to this process. An error is a *RequestError,
// when nothing was accepted, or one of the queue, when what Fired counts was.
func (s *Server) Fire(ctx context.Context, f Fire) (Fired, error) {
	fired := Fired{IDs: []string{}}
	p, err := s.plan(f)
	if err != nil {
		return fired, err
	}
	for left := p.count; left > 0; left -= fireBatch {
		if err := ctx.Err(); err != nil {
			return fired, err
		}
		batch := min(left, fireBatch)
		jobs, err := p.jobs(batch)
		if err != nil {
			return fired, err
		}
		if err := s.accept(ctx, jobs, &fired); err != nil {
			return fired, err
		}
		fired.Events += batch
	}
	return fired, nil
}

// accept stores jobs as new deliveries, or as deliveries that begin anew.
func (s *Server) accept(ctx context.Context, jobs []queue.Job, fired *Fired) error {
	if len(jobs) == 0 {
		return nil
	}
	failed, stored := s.q.Enqueue(ctx, jobs...)
	full := errors.Is(stored, queue.ErrFull)
	notes := make([]note, 0, len(jobs))
	entries := make([]queue.Entry, 0, len(jobs))
	for i := range jobs {
		j := &jobs[i]
		n := targetOf(j.Lane).note(noteAccepted, j)
		n.state, n.attempt, n.at = Queued, 0, j.Accepted
		_, lost := slices.BinarySearch(failed, i)
		switch {
		case !lost:
			fired.Deliveries++
		case full:
			var err error
			if n, err = s.refuse(ctx, j); err != nil {
				return err
			}
			fired.Refused++
		default:
			continue
		}
		if len(fired.IDs) < MaxIDs {
			fired.IDs = append(fired.IDs, j.ID)
		}
		notes = append(notes, n)
		entries = append(entries, queue.Entry{Summary: n.encode()})
	}
	if full {
		stored = nil // each has its delivery, if only as a dead letter
	}
	// The jobs are stored: if this fails, the deliveries are made all the same,
	// and are known from their first attempt on.
	if _, err := s.q.Attempts().AppendAll(ctx, entries); err != nil {
		s.log.Warn("deliveries are accepted but not listed yet", "error", err)
		return stored
	}
	for _, n := range notes {
		s.history.expect(n)
	}
	return stored
}

// refuse makes a dead letter of a delivery for which there is no room.
func (s *Server) refuse(ctx context.Context, j *queue.Job) (note, error) {
	n := targetOf(j.Lane).note(noteDead, j)
	n.state, n.attempt, n.last, n.at = Dead, 0, "full", time.Now()
	p, err := s.q.Dead().Append(ctx, queue.Entry{Summary: n.encode(), Data: entryData(nil, j.Body)})
	n.dead = p
	return n, err
}
