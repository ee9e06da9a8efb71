package mockserver

import (
	"context"
	"errors"

	"hookproof/mockserver/queue"
)

// remember reads the logs into the history and follows that of attempts until
// ctx ends.
func (s *Server) remember(ctx context.Context) error {
	if err := s.rememberDead(ctx); err != nil {
		return err
	}
	live := false // what comes now was not there when the server started
	return s.q.Attempts().Follow(ctx, 0, false, func(p queue.Position, e queue.Entry) error {
		s.hear(p, e.Summary, live)
		return nil
	}, func() {
		live = true
		close(s.ready)
	})
}

// hear takes a note of the log of attempts.
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

// rememberDead reads what the log of the dead has now: what is written to it
// later the log of attempts tells too.
func (s *Server) rememberDead(ctx context.Context) error {
	reading, enough := context.WithCancel(ctx)
	defer enough()
	err := s.q.Dead().Follow(reading, 0, false, func(p queue.Position, e queue.Entry) error {
		if n, err := decodeNote(e.Summary); err == nil && !s.store.void(n.accepted) {
			s.history.learnDead(p, n)
		}
		return nil
	}, enough)
	if ctx.Err() == nil && errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}
