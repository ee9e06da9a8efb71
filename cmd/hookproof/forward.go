package main

import (
	"cmp"
	"context"
	"net/http"
	"sync"
	"sync/atomic"

	"golang.org/x/sync/semaphore"

	"hookproof/mockserver/delivery"
)

// forwarders is how many events are forwarded at a time.
const forwarders = 8

// forwarder delivers events to another receiver, each in one attempt.
type forwarder struct {
	endpoint  delivery.Endpoint
	transport interface {
		http.RoundTripper
		CloseIdleConnections()
	}
	room *semaphore.Weighted // where an event's room is given back
	warn func(format string, args ...any)

	queue        chan *arrival // as long as the ledger's, so never full
	ctx          context.Context
	cancel       context.CancelFunc
	done         sync.WaitGroup
	sent, failed atomic.Int64
}

func newForwarder(e delivery.Endpoint, warn func(string, ...any)) (*forwarder, error) {
	f := &forwarder{
		endpoint:  e,
		transport: delivery.NewTransport(delivery.TransportOptions{MaxConns: forwarders}),
		warn:      warn,
		queue:     make(chan *arrival, maxPending/overhead),
	}
	f.ctx, f.cancel = context.WithCancel(context.Background())
	if _, err := e.NewRequest(f.ctx, nil); err != nil {
		return nil, err
	}
	return f, nil
}

// start begins to forward what is queued, giving back its room.
func (f *forwarder) start(room *semaphore.Weighted) {
	f.room = room
	sender := &delivery.Sender{Transport: f.transport}
	for range forwarders {
		f.done.Go(func() {
			for a := range f.queue {
				f.send(sender, a)
				f.room.Release(a.weight)
			}
		})
	}
}

func (f *forwarder) send(s *delivery.Sender, a *arrival) {
	e := f.endpoint
	e.ContentType = cmp.Or(a.header.Get("Content-Type"), delivery.DocumentedContentType)
	req, err := e.NewRequest(f.ctx, a.body)
	if err != nil { // tried before
		f.failed.Add(1)
		return
	}
	attempt := s.Send(req, a.body)
	switch {
	case attempt.Delivered():
		f.sent.Add(1)
		return
	case attempt.Failure != "":
		f.warn("an event was not forwarded: no answer: %s", attempt.Failure)
	default:
		f.warn("an event was not forwarded: answered %d %s", attempt.Status, http.StatusText(attempt.Status))
	}
	f.failed.Add(1)
}

// close waits until all is forwarded; when ctx ends, the rest fails.
func (f *forwarder) close(ctx context.Context) {
	close(f.queue)
	stop := context.AfterFunc(ctx, f.cancel)
	f.done.Wait()
	f.transport.CloseIdleConnections()
	stop()
	f.cancel()
}
