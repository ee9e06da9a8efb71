package queue

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
)

const (
	// outstanding bounds the messages that are published and not yet acknowledged.
	outstanding = 4096
	// ackTimeout is how long storing may take, a change of leaders included.
	ackTimeout = 5 * time.Second
	// dedupeWindow is how long a message that is stored again, because its
	// acknowledgement was lost, is recognised. It is longer than that takes.
	dedupeWindow = 30 * time.Second
	// tries and pause are how often, and after what, storing is tried again.
	tries = 4
	pause = 100 * time.Millisecond
)

var (
	errNoAck     = fmt.Errorf("the queue does not answer within %v", ackTimeout)
	errLost      = errors.New("the connection to the queue was lost")
	errNoStorage = errors.New("the queue has nobody to store it now")
	errAck       = errors.New("the queue answers with something unknown")
)

// publisher stores messages. It is jetstream.PublishMsgAsync for many small
// messages: one inbox for all acknowledgements, and nothing made per message.
type publisher struct {
	conn  *nats.Conn
	inbox string // without the token that tells the receipt
	sub   *nats.Subscription
	all   []receipt
	free  chan *receipt
}

// receipt waits for the acknowledgement of one message, and then of another.
type receipt struct {
	index int
	until time.Time
	done  chan acknowledgement // never full: at most one is sent per use; nil before the first

	mu    sync.Mutex
	use   uint64 // which of its messages; the answers to others come too late
	await bool
}

// acknowledgement says where a message is stored, or why it is not.
type acknowledgement struct {
	sequence uint64
	err      error
}

func newPublisher(conn *nats.Conn) (*publisher, error) {
	p := &publisher{
		conn: conn, inbox: conn.NewInbox() + ".",
		all: make([]receipt, outstanding), free: make(chan *receipt, outstanding),
	}
	for i := range p.all {
		p.all[i].index = i
		p.free <- &p.all[i]
	}
	var err error
	p.sub, err = conn.Subscribe(p.inbox+"*", p.acknowledged)
	return p, err
}

// publish stores a message and returns its sequence.
func (p *publisher) publish(ctx context.Context, m *nats.Msg) (uint64, error) {
	r, err := p.take(ctx)
	if err != nil {
		return 0, err
	}
	if err := p.send(r, m); err != nil {
		return 0, err
	}
	return p.wait(ctx, r)
}

// take waits while too many messages are under way.
func (p *publisher) take(ctx context.Context) (*receipt, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	select {
	case r := <-p.free:
		return r, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// tryTake returns nil if take would wait.
func (p *publisher) tryTake() *receipt {
	select {
	case r := <-p.free:
		return r
	default:
		return nil
	}
}

// send sends a message to be stored. Without an error the caller must wait for
// the receipt.
func (p *publisher) send(r *receipt, m *nats.Msg) error {
	r.mu.Lock()
	if r.done == nil {
		r.done = make(chan acknowledgement, 1)
	}
	r.use++
	r.await = true
	token := r.use*outstanding + uint64(r.index)
	r.mu.Unlock()
	r.until = time.Now().Add(ackTimeout)
	m.Reply = p.inbox + strconv.FormatUint(token, 36)
	if err := p.conn.PublishMsg(m); err != nil {
		p.release(r)
		return publishError(err)
	}
	return nil
}

// wait returns when the message is stored, or is not.
func (p *publisher) wait(ctx context.Context, r *receipt) (uint64, error) {
	defer p.release(r)
	select {
	case a := <-r.done:
		return a.sequence, a.err
	default:
	}
	timeout := time.NewTimer(time.Until(r.until))
	defer timeout.Stop()
	select {
	case a := <-r.done:
		return a.sequence, a.err
	case <-timeout.C:
		return 0, errNoAck
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

// release makes a receipt ready for another message.
func (p *publisher) release(r *receipt) {
	r.mu.Lock()
	r.await = false
	select {
	case <-r.done: // nobody waits for it any more
	default:
	}
	r.mu.Unlock()
	p.free <- r
}

// settle hands over the answer to one use of a receipt, once.
func (r *receipt) settle(use uint64, a acknowledgement) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.await && r.use == use {
		r.await = false
		r.done <- a
	}
}

func (p *publisher) acknowledged(m *nats.Msg) {
	token, err := strconv.ParseUint(strings.TrimPrefix(m.Subject, p.inbox), 36, 64)
	if err != nil {
		return
	}
	var a acknowledgement
	if len(m.Data) == 0 { // No responders.
		a.err = errNoStorage
	} else {
		a.sequence, a.err = parseAck(m.Data)
	}
	p.all[token%outstanding].settle(token/outstanding, a)
}

// fail ends the wait for all that is under way.
func (p *publisher) fail(err error) {
	for i := range p.all {
		r := &p.all[i]
		r.mu.Lock()
		use := r.use
		r.mu.Unlock()
		r.settle(use, acknowledgement{err: err})
	}
}
