package mockserver

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"strconv"
)

// maxStreams bounds the streams that are open.
const maxStreams = 64

// positioned is an attempt at its position in the log.
type positioned struct {
	position int64
	attempt  Attempt
}

func (c *control) streamAttempts(w http.ResponseWriter, r *http.Request) error {
	if err := c.gate.admitReader(r); err != nil {
		return err
	}
	q := r.URL.Query()
	f, err := filterOf(q)
	if err != nil {
		return err
	}
	// The document lets integers through only; "" is 0.
	after, _ := strconv.ParseInt(cmp.Or(r.Header.Get("Last-Event-ID"), q.Get("after")), 10, 64)
	rate, _ := strconv.Atoi(q.Get("rate"))
	select {
	case c.streams <- struct{}{}:
		defer func() { <-c.streams }()
	default:
		w.Header().Set("Retry-After", "5")
		return &problem{status: http.StatusServiceUnavailable, message: fmt.Sprintf("%d streams are open, which is as many as there may be: close one", maxStreams)}
	}
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	defer context.AfterFunc(c.ctx, cancel)()

	// Few are held: the log waits for a slow reader, which holds up nobody else.
	events := make(chan positioned, 16)
	var failure error
	go func() {
		defer close(events)
		failure = c.Attempts(ctx, after, func(position int64, a Attempt) error {
			if !f.matches(&a) {
				return nil
			}
			select {
			case events <- positioned{position, a}:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		})
	}()
	s := &stream{w: w, control: http.NewResponseController(w), patience: c.patience, rate: rate}
	err = s.follow(ctx, events)
	given := ctx.Err() != nil
	cancel()
	for range events { // waits until the log has let go
		continue
	}
	switch {
	case err != nil:
		c.log.Debug("reader of a stream is gone or slow", "error", err)
	case !given && failure != nil:
		c.log.Error("stream of attempts", "error", failure)
	}
	return nil
}

// matches tells whether a filter lets an attempt through, whose state is that of
// its delivery afterwards.
func (f *Filter) matches(a *Attempt) bool {
	return (f.App == "" || f.App == a.App) && (f.Webhook == "" || f.Webhook == a.Webhook) &&
		(f.Trigger == "" || f.Trigger == a.Trigger) && (f.State == "" || f.State == a.State)
}
