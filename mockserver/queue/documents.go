package queue

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// Document is a small value under a key.
type Document struct {
	Key      string
	Value    []byte // nil if it was deleted
	Revision uint64 // grows with each change of any document
}

// Documents is a bucket of documents that every node shares. It is safe for
// concurrent use.
type Documents struct{ q *Queue }

// Documents is the queue's bucket.
func (q *Queue) Documents() *Documents { return &Documents{q} }

// maxTries bounds how often an update is made anew after another was faster.
// Twenty writers of one document need about as many; this is far beyond.
const maxTries = 500

// Update stores what f makes of the value of a document, nil if there is none,
// unless f fails: its error is returned as it is. If another node changes the
// document in the meantime, f is called again with the new value. A nil result
// deletes the document.
func (d *Documents) Update(ctx context.Context, key string, f func(old []byte) ([]byte, error)) (Document, error) {
	for try := range maxTries {
		doc, err := d.update(ctx, key, f)
		if !errors.Is(err, errConflict) {
			return doc, err
		}
		// Nodes that collide do not do so again at the same moment.
		pause := time.Duration(rand.Int64N(int64(min(try+1, 10)) * int64(time.Millisecond)))
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return Document{}, ctx.Err()
		}
	}
	return Document{}, fmt.Errorf("document %s: changed by others each of %d times", key, maxTries)
}

var errConflict = errors.New("changed by another node")

func (d *Documents) update(ctx context.Context, key string, f func([]byte) ([]byte, error)) (Document, error) {
	var old []byte
	var revision uint64
	entry, err := d.q.bucket.Get(ctx, key)
	switch {
	case errors.Is(err, jetstream.ErrKeyNotFound):
	case err != nil:
		return Document{}, fmt.Errorf("read document %s: %w", key, err)
	default:
		old, revision = entry.Value(), entry.Revision()
	}
	value, err := f(old)
	if err != nil {
		return Document{}, err
	}
	switch {
	case value == nil && revision == 0:
		return Document{Key: key}, nil
	case value == nil:
		err = d.q.bucket.Delete(ctx, key, jetstream.LastRevision(revision))
		// Deleting tells no revision: no later change has the one before it.
		revision++
	case revision == 0:
		// A key that was deleted has a last revision too, which Create looks up.
		revision, err = d.q.bucket.Create(ctx, key, value)
	default:
		revision, err = d.q.bucket.Update(ctx, key, value, revision)
	}
	if isConflict(err) {
		return Document{}, errConflict
	}
	if err != nil {
		return Document{}, fmt.Errorf("write document %s: %w", key, publishError(err))
	}
	return Document{Key: key, Value: value, Revision: revision}, nil
}

func isConflict(err error) bool {
	if errors.Is(err, jetstream.ErrKeyExists) || errors.Is(err, jetstream.ErrKeyRevisionMismatch) {
		return true
	}
	// What Create says of a key that was deleted and made anew, on a cluster.
	api, ok := errors.AsType[*jetstream.APIError](err)
	return ok && api.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequenceConstant
}

// Watch calls changed for every document there is, then synced, and then
// changed for the latest change of each, until ctx ends. After a lost connection
// it goes on.
func (d *Documents) Watch(ctx context.Context, changed func(Document), synced func()) error {
	stream, err := d.q.js.Stream(ctx, "KV_"+d.q.names.bucket())
	if err != nil {
		return fmt.Errorf("watch documents: %w", err)
	}
	prefix := len("$KV." + d.q.names.bucket() + ".")
	c := jetstream.ConsumerConfig{DeliverPolicy: jetstream.DeliverLastPerSubjectPolicy, FilterSubject: ">"}
	err = d.q.follow(ctx, stream, c, synced, func(sequence uint64, m jetstream.Msg) error {
		doc := Document{Key: m.Subject()[prefix:], Revision: sequence}
		if m.Headers().Get("KV-Operation") == "" {
			doc.Value = m.Data()
		}
		changed(doc)
		return nil
	})
	return fmt.Errorf("watch documents: %w", err)
}
