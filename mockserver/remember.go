package mockserver

import (
	"context"
	"errors"
	"sync"

	"hookproof/mockserver/queue"
)

// errCaughtUp ends the reading of a log at what was its end.
var errCaughtUp = errors.New("caught up")

// remember reads the logs into the history and follows them until ctx ends.
func (s *Server) remember(ctx context.Context) error {
	if err := s.rememberDead(ctx); err != nil {
		return err
	}
	end, err := s.q.Attempts().End(ctx)
	if err != nil {
		return err
	}
	var caughtUp sync.Once
	known := func() { caughtUp.Do(func() { close(s.ready) }) }
	if end == 0 {
		known()
	}
	return s.q.Attempts().Follow(ctx, 0, false, func(p queue.Position, e queue.Entry) error {
		s.hear(p, e.Summary, p > end)
		if p.Reaches(end) {
			known()
		}
		return nil
	})
}

// hear takes a note of the log of attempts; live says that it was not there
// when the server started.
func (s *Server) hear(p queue.Position, summary string, live bool) {
	n, err := decodeNote(summary)
	switch {
	case err != nil:
		s.log.Warn("an entry of the log of attempts is not understood", "error", err)
	case n.kind == noteReset:
		s.history.reset()
	case !s.store.void(n.accepted):
		s.history.learn(p, n)
		if live {
			s.count(&n)
		}
	}
}

func (s *Server) rememberDead(ctx context.Context) error {
	end, err := s.q.Dead().End(ctx)
	if err != nil || end == 0 {
		return err
	}
	err = s.q.Dead().Follow(ctx, 0, false, func(p queue.Position, e queue.Entry) error {
		if n, err := decodeNote(e.Summary); err == nil && !s.store.void(n.accepted) {
			s.history.learnDead(p, n)
		}
		if p.Reaches(end) {
			return errCaughtUp
		}
		return nil
	})
	if errors.Is(err, errCaughtUp) {
		return nil
	}
	return err
}
