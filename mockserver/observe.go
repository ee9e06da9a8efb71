package mockserver

import (
	"context"
	"time"

	"hookproof/mockserver/delivery"
	"hookproof/mockserver/queue"
)

// Attempts calls f for each attempt as it is recorded, with its position in the
// log, until ctx ends or f fails. It begins behind the position after: 0 is
// behind the newest, -1 before the oldest that is kept.
func (s *Server) Attempts(ctx context.Context, after int64, f func(position int64, a Attempt) error) error {
	from := queue.Position(max(after, 0))
	if after == 0 {
		end, err := s.q.Attempts().End(ctx)
		if err != nil {
			return err
		}
		from = end
	}
	return s.q.Attempts().Follow(ctx, from, true, func(p queue.Position, e queue.Entry) error {
		n, err := decodeNote(e.Summary)
		if p <= from || err != nil || n.kind != noteAttempt || s.store.void(n.accepted) {
			return nil
		}
		record, _ := fromData(e.Data)
		a, err := attemptOf(record)
		if err != nil {
			s.log.Warn("a record of an attempt is not understood", "error", err)
			return nil
		}
		return f(int64(p), a)
	}, nil)
}

// Faults are those that are on now.
func (s *Server) Faults() FaultRules { return s.store.faultRules() }

// SetFaults puts others in their place, for all workers. Errors are
// *RequestError and those of the queue.
func (s *Server) SetFaults(ctx context.Context, r FaultRules) error {
	if err := r.validate(); err != nil {
		return err
	}
	return s.store.setFaultRules(ctx, r)
}

// Stats counts deliveries.
type Stats struct {
	Queued    int    `json:"queued"`
	Retrying  int    `json:"retrying"`
	Dead      int    `json:"dead"`
	Delivered uint64 `json:"delivered"` // since the server's start
	Failed    uint64 `json:"failed"`    // attempts that failed since the server's start
	Workers   int    `json:"workers"`   // that made attempts in the last minute
}

// Stats counts what this node remembers.
func (s *Server) Stats(context.Context) (Stats, error) {
	h := s.history
	return Stats{
		Queued: h.count(Queued), Retrying: h.count(Retrying), Dead: h.count(Dead),
		Delivered: s.delivered.Load(), Failed: s.failed.Load(), Workers: s.seen.count(time.Minute),
	}, nil
}

// count takes a note of the log into the metrics.
func (s *Server) count(n *note) {
	switch n.kind {
	case noteAttempt:
		s.seen.note(n.worker)
		failure, status := delivery.Failure(n.last), 0
		if code, ok := statusOf(n.last); ok {
			failure, status = "", code
		}
		s.metrics.attempted(status, failure, time.Duration(n.ms*float64(time.Millisecond)))
		if n.state == Delivered {
			s.delivered.Add(1)
		} else {
			s.failed.Add(1)
		}
	case noteAccepted:
		return
	}
	s.metrics.finished(n.state)
}
