package queue

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Bounds of shared work.
const (
	// MaxTasks is how many tasks a run has at most.
	MaxTasks = 50_000

	maxShareBytes  = 256 << 20
	maxShareMemory = 64 << 20 // in memory
	maxShareAge    = 8 * 24 * time.Hour
	maxResultAge   = time.Hour
	// shareWait is ackWait for tasks: they are of an hour that passes, and what nobody
	// works on any more is late when another begins it.
	shareWait = 4 * time.Second
	// shareTries is how often a task is begun at most.
	shareTries = 5
	// roll is how long workers have to say that they are there.
	roll = 500 * time.Millisecond
)

func (n names) shares() string                { return n.prefix + "-shares" }
func (n names) results() string               { return n.prefix + "-results" }
func (n names) signal(what, id string) string { return n.prefix + "-signal." + what + "." + id }

// openShares opens what runs use that many machines share.
func (q *Queue) openShares(ctx context.Context, s storage) (err error) {
	most := int64(maxShareBytes)
	if s.kind == jetstream.MemoryStorage {
		most = maxShareMemory
	}
	if q.shares, err = q.openStream(ctx, s, jetstream.StreamConfig{
		Name: q.names.shares(), Subjects: []string{q.names.shares() + ".*"},
		Retention: jetstream.WorkQueuePolicy, Discard: jetstream.DiscardNew, MaxBytes: most, MaxAge: maxShareAge,
	}); err != nil {
		return fmt.Errorf("stream of shares: %w", err)
	}
	if q.results, err = q.openStream(ctx, s, jetstream.StreamConfig{
		Name: q.names.results(), Subjects: []string{q.names.results() + ".*"},
		Retention: jetstream.LimitsPolicy, Discard: jetstream.DiscardOld, MaxBytes: most, MaxAge: maxResultAge,
	}); err != nil {
		return fmt.Errorf("stream of results: %w", err)
	}
	return nil
}

// Task is a share of a run.
type Task struct {
	Run   string // its id
	Data  []byte
	Again bool // somebody else may have begun it
}

// Run is a piece of work that is divided into tasks, of which each is done at least
// once, by one of the machines that Share.
type Run struct {
	q    *Queue
	id   string
	subs []*nats.Subscription
}

// OpenRun begins a run. Its id, of letters, digits and "-", is one that no other run
// ever had; about is what Spec tells those who share it.
func (q *Queue) OpenRun(id string, about []byte) (*Run, error) {
	if id == "" || strings.ContainsFunc(id, func(c rune) bool {
		return (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-'
	}) {
		return nil, errors.New("id of a run: want letters, digits and -")
	}
	r := &Run{q: q, id: id}
	for what, answer := range map[string]func() []byte{
		"spec": func() []byte { return about },
		"clock": func() []byte {
			text, _ := time.Now().MarshalBinary() // of a time of this century
			return text
		},
	} {
		s, err := q.conn.Subscribe(q.names.signal(what, id), func(m *nats.Msg) { _ = m.Respond(answer()) })
		if err != nil {
			return nil, err
		}
		r.subs = append(r.subs, s)
	}
	return r, q.conn.FlushTimeout(connectTimeout)
}

// Spec returns what whoever has opened a run says about it.
func (q *Queue) Spec(ctx context.Context, run string) ([]byte, error) {
	m, err := q.conn.RequestWithContext(ctx, q.names.signal("spec", run), nil)
	if err != nil {
		return nil, fmt.Errorf("run %s: %w", run, err)
	}
	return m.Data, nil
}

// Add stores tasks, in their order.
func (r *Run) Add(ctx context.Context, tasks ...[]byte) error {
	if len(tasks) > MaxTasks {
		return fmt.Errorf("%d tasks: want at most %d", len(tasks), MaxTasks)
	}
	const atOnce = 500
	for begin := 0; begin < len(tasks); begin += atOnce {
		var stored []jetstream.PubAckFuture
		for i, data := range tasks[begin:min(begin+atOnce, len(tasks))] {
			f, err := r.q.js.PublishAsync(r.q.names.shares()+"."+r.id, data, jetstream.WithMsgID(fmt.Sprint(r.id, "-", begin+i)), jetstream.WithRetryAttempts(5))
			if err != nil {
				return fmt.Errorf("task %d: %w", begin+i, err)
			}
			stored = append(stored, f)
		}
		for i, f := range stored {
			select {
			case <-f.Ok():
			case err := <-f.Err():
				return fmt.Errorf("task %d: %w", begin+i, err)
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	}
	return nil
}

// Results calls f for each result, in the order in which they came, until f returns
// false or ctx ends. A task that was begun again can have two.
func (r *Run) Results(ctx context.Context, f func([]byte) bool) error {
	c, err := r.q.js.OrderedConsumer(ctx, r.q.names.results(), jetstream.OrderedConsumerConfig{
		FilterSubjects: []string{r.q.names.results() + "." + r.id},
	})
	if err != nil {
		return err
	}
	messages, err := c.Messages()
	if err != nil {
		return err
	}
	defer messages.Stop()
	defer context.AfterFunc(ctx, messages.Stop)()
	for {
		m, err := messages.Next()
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			return err
		case !f(m.Data()):
			return nil
		}
	}
}

// Stop tells everybody to end what they do of the run, and drops what nobody has begun.
func (r *Run) Stop(ctx context.Context) error {
	err := r.q.conn.Publish(r.q.names.signal("stop", r.id), nil)
	return errors.Join(err, r.q.shares.Purge(ctx, jetstream.WithPurgeSubject(r.q.names.shares()+"."+r.id)))
}

// Close ends the run, and forgets it.
func (r *Run) Close(ctx context.Context) error {
	err := r.Stop(ctx)
	for _, s := range r.subs {
		err = errors.Join(err, s.Unsubscribe())
	}
	return errors.Join(err, r.q.results.Purge(ctx, jetstream.WithPurgeSubject(r.q.names.results()+"."+r.id)))
}

// Sharing returns the names of those who Share now: those who answer in half a second.
func (q *Queue) Sharing(ctx context.Context) ([]string, error) {
	inbox := q.conn.NewInbox()
	answers := make(chan *nats.Msg, 4096)
	sub, err := q.conn.ChanSubscribe(inbox, answers)
	if err != nil {
		return nil, err
	}
	defer func() { _ = sub.Unsubscribe() }()
	if err := q.conn.PublishRequest(q.names.signal("who", "all"), inbox, nil); err != nil {
		return nil, err
	}
	over := time.NewTimer(roll)
	defer over.Stop()
	var all []string
	for {
		select {
		case m := <-answers:
			if len(m.Data) > 0 { // not that nobody listens
				all = append(all, string(m.Data))
			}
		case <-over.C:
			return all, nil
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// ClockOffset returns by how much the clock of whoever has opened a run is ahead of
// this machine's, to half the time that a message takes there and back.
func (q *Queue) ClockOffset(ctx context.Context, run string) (time.Duration, error) {
	const tries = 8
	shortest, offset := time.Hour, time.Duration(0)
	var failed error
	for range tries {
		ctx, cancel := context.WithTimeout(ctx, time.Second)
		sent := time.Now()
		m, err := q.conn.RequestWithContext(ctx, q.names.signal("clock", run), nil)
		took := time.Since(sent)
		cancel()
		if err != nil {
			failed = err
			continue
		}
		var there time.Time
		if err := there.UnmarshalBinary(m.Data); err != nil {
			failed = err
			continue
		}
		if took < shortest {
			shortest, offset = took, there.Sub(sent.Add(took/2).Round(0))
		}
	}
	if shortest == time.Hour {
		return 0, fmt.Errorf("the clock of run %s: %w", run, failed)
	}
	return offset, nil
}
