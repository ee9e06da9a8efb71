package queue

import (
	"context"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"
)

const (
	// pullBeat is how often the server says that a request waits for jobs, and
	// pullTimeout after how long without a word it is asked again.
	pullBeat    = 2 * time.Second
	pullTimeout = 2*pullBeat + pullBeat/2
	// pullExpiry is how long a request waits for jobs.
	pullExpiry = 30 * time.Second
	// pullPause is after how long it is asked again when it refused.
	pullPause = 250 * time.Millisecond
	// maxRefusals is how often it may do so before the lane is made anew.
	maxRefusals = 8
)

// pull is how a worker gets its jobs: it asks for as many as it can use soon.
// jetstream.Consumer.Messages does the same but keeps what it has got where it
// can be neither told to be in work nor given back.
type pull struct {
	subject, inbox string
	asked          int       // for so many that are not here yet
	heard          time.Time // when the server said something
	after          time.Time // when to ask again
	refusals       int       // since a job or heartbeat came
	opening        bool      // the lane is being made anew
	forgotten      chan struct{}
	closed         chan struct{} // nothing comes any more
}

func (w *worker) subscribe() (*nats.Subscription, error) {
	w.pull.subject = "$JS.API.CONSUMER.MSG.NEXT." + w.q.names.jobs() + "." + consumerName(w.lane)
	w.pull.inbox = w.q.conn.NewInbox()
	sub, err := w.q.conn.Subscribe(w.pull.inbox, w.receive)
	if err != nil {
		return nil, err
	}
	sub.SetClosedHandler(func(string) { close(w.pull.closed) })
	// What arrives is bounded by what is asked for.
	return sub, sub.SetPendingLimits(-1, -1)
}

// ask keeps jobs coming: twice as many as can be under way.
func (w *worker) ask() {
	here := w.pull.asked + len(w.ready)
	if w.ended || here > w.limit {
		return
	}
	now := time.Now()
	if now.Before(w.pull.after) {
		return // the loop will
	}
	n := 2*w.limit - here
	b := strconv.AppendInt([]byte(`{"batch":`), int64(n), 10)
	b = strconv.AppendInt(append(b, `,"expires":`...), int64(pullExpiry), 10)
	b = strconv.AppendInt(append(b, `,"idle_heartbeat":`...), int64(pullBeat), 10)
	if err := w.q.conn.PublishRequest(w.pull.subject, w.pull.inbox, append(b, '}')); err != nil {
		w.pull.after = now.Add(pullPause)
		return
	}
	w.pull.asked += n
	w.pull.heard = now
}

// askAnew forgets what was asked for and asks again.
func (w *worker) askAnew() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.pull.asked, w.pull.after = 0, time.Time{}
	w.ask()
}

// watch asks again when the server refused or is silent, and makes the lane anew
// if that does not end. It returns when to do so next.
func (w *worker) watch(ctx context.Context, now time.Time) time.Duration {
	p := &w.pull
	if p.asked > 0 && now.Sub(p.heard) > pullTimeout {
		w.refused("it does not answer")
	}
	if p.refusals >= maxRefusals && !p.opening {
		p.opening = true
		w.jobs.Go(func() { w.reopen(ctx) })
	}
	w.ask()
	if wait := p.after.Sub(now); wait > 0 {
		return min(wait, pullBeat)
	}
	return pullBeat
}

// reopen makes the lane's consumer again if the server has lost it.
func (w *worker) reopen(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, ackTimeout)
	defer cancel()
	err := w.q.openLane(ctx, w.lane)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.pull.opening, w.pull.refusals = false, 0
	if err != nil && ctx.Err() == nil {
		w.q.log.Warn("a lane cannot be worked on now", "lane", w.lane, "error", err)
	}
}

// refused has it asked again a little later.
func (w *worker) refused(why string) {
	w.q.log.Debug("a lane gets no jobs now", "lane", w.lane, "why", why)
	w.pull.asked = 0
	w.pull.refusals++
	w.pull.after = time.Now().Add(pullPause)
	w.advanceSoon()
}

// receive is given all that the server sends: jobs and what it says of requests.
func (w *worker) receive(m *nats.Msg) {
	if status, ok := m.Header["Status"]; ok {
		w.answered(status[0], m)
		return
	}
	meta, err := m.Metadata()
	if err != nil {
		return // not from the server
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.pull.asked = max(w.pull.asked-1, 0)
	w.pull.heard, w.pull.refusals = time.Now(), 0
	j, err := decodeJob(m.Data)
	if err != nil {
		w.q.log.Error("a message that is no job is dropped", "lane", w.lane)
		_ = w.q.conn.Publish(m.Reply, wordDropped)
		w.ask()
		return
	}
	j.Lane = w.lane
	w.take(&heldJob{Job: j, sequence: meta.Sequence.Stream, reply: m.Reply, told: w.pull.heard})
}

// answered is what becomes of a request for jobs, by status: 100 it waits, 408 it
// has waited for long enough, 409 something changed, 503 nobody knows the lane.
func (w *worker) answered(status string, m *nats.Msg) {
	w.mu.Lock()
	defer w.mu.Unlock()
	p := &w.pull
	p.heard = time.Now()
	switch {
	case status == "100":
		p.refusals = 0
	case status == "408":
		p.refusals = 0
		// Without a number nothing waits for the rest.
		left, err := strconv.Atoi(m.Header.Get("Nats-Pending-Messages"))
		if err != nil {
			left = p.asked
		}
		p.asked = max(p.asked-left, 0)
		w.ask()
	case status == "409" && m.Header.Get("Description") == "Consumer Deleted":
		select {
		case <-p.forgotten:
		default:
			close(p.forgotten)
		}
	default:
		w.refused(status + " " + m.Header.Get("Description"))
	}
}
