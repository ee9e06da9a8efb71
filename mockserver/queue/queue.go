package queue

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// ErrFull says that no more is kept: the queue, or one lane of it, is at its
// bound.
var ErrFull = errors.New("the queue is full")

// ErrTooLarge says that something is larger than the server takes in one message.
var ErrTooLarge = errors.New("larger than the queue takes")

// ErrInUse says that another process uses the directory.
var ErrInUse = errors.New("another process uses it")

// Queue is a connection to what is kept. It is safe for concurrent use.
type Queue struct {
	conn      *nats.Conn
	js        jetstream.JetStream
	log       *slog.Logger
	names     names
	remote    bool // there is a network that can lose acknowledgements
	ackWait   time.Duration
	stop      func() error // ends the embedded server
	addr      string       // where the embedded server listens
	jobs      jetstream.Stream
	documents jetstream.Stream
	shares    jetstream.Stream // of runs, as results
	results   jetstream.Stream
	*publisher

	held atomic.Int64 // bytes of the jobs that are held because they are not due

	mu        sync.Mutex
	reconnect map[*func()]struct{} // to call after the connection was made again

	attempts, dead *Log
}

// open makes a Queue of a connection, and what is kept if it is not there yet.
func open(ctx context.Context, conn *nats.Conn, s storage, log *slog.Logger) (*Queue, error) {
	js, err := jetstream.New(conn)
	if err != nil {
		return nil, err
	}
	q := &Queue{
		conn: conn, js: js, log: log, names: names{s.prefix}, remote: s.remote, ackWait: cmp.Or(s.ackWait, ackWait),
		stop: func() error { return nil }, reconnect: map[*func()]struct{}{},
	}
	if q.MaxMessage() < minMessage {
		return nil, fmt.Errorf("NATS there takes messages of at most %d bytes: set its max_payload to 1MB or more", conn.MaxPayload())
	}
	if q.publisher, err = newPublisher(conn); err != nil {
		return nil, err
	}
	conn.SetReconnectHandler(func(*nats.Conn) { q.reconnected() })
	if err := q.openAll(ctx, s); err != nil {
		return nil, err
	}
	return q, nil
}

// Attempts is the log of what was tried.
func (q *Queue) Attempts() *Log { return q.attempts }

// Dead is the log of what was given up.
func (q *Queue) Dead() *Log { return q.dead }

// MaxMessage is how many bytes an entry or a job has at most.
func (q *Queue) MaxMessage() int { return int(q.conn.MaxPayload()) - headroom }

const (
	// headroom is left for the headers of a message.
	headroom = 64 << 10
	// minMessage is what the server must take besides.
	minMessage = 64 << 10
)

// Ready tells whether the queue can be used now.
func (q *Queue) Ready(ctx context.Context) error {
	if !q.conn.IsConnected() {
		return errors.New("not connected to NATS")
	}
	_, err := q.jobs.Info(ctx)
	return err
}

// Close ends the connection, and the server if it is embedded. What was
// accepted is kept, but for a server in memory.
func (q *Queue) Close() error {
	q.conn.Close()
	q.fail(nats.ErrConnectionClosed)
	return q.stop()
}

// onReconnect has f called whenever the connection was lost and made again:
// what the server sent or was asked meanwhile is lost too.
func (q *Queue) onReconnect(f func()) (stop func()) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.reconnect[&f] = struct{}{}
	return func() {
		q.mu.Lock()
		defer q.mu.Unlock()
		delete(q.reconnect, &f)
	}
}

func (q *Queue) reconnected() {
	q.log.Info("connected to NATS again")
	q.fail(errLost)
	q.mu.Lock()
	defer q.mu.Unlock()
	for f := range q.reconnect {
		(*f)()
	}
}
