package queue

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Document is a small value under a key.
type Document struct {
	Key      string // letters, digits, "-" and "_", with dots between
	Value    []byte // nil if it was deleted
	Revision uint64 // grows with each change of any document
}

// Documents is a bucket of documents that every node shares. It is safe for
// concurrent use.
//
// It is a stream that keeps the last message of each subject, as a
// jetstream.KeyValue is, but one that is read at its leader alone: another node
// may not know yet what was written, and an update would be judged by that.
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
	if err := checkTokens("document", key); err != nil {
		return Document{}, err
	}
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
	subject := d.q.names.subject(d.q.names.documents(), key)
	var old []byte
	var revision uint64 // of what it was deleted with, too
	there := false
	m, err := d.q.documents.GetLastMsgForSubject(ctx, subject)
	switch {
	case err == nil:
		revision, there = m.Sequence, !deleted(m.Header)
	case !errors.Is(err, jetstream.ErrMsgNotFound):
		return Document{}, fmt.Errorf("read document %s: %w", key, err)
	}
	if there {
		old = append([]byte{}, m.Data...)
	}
	value, err := f(old)
	if err != nil {
		return Document{}, err
	}
	message := &nats.Msg{Subject: subject, Data: value}
	if value == nil {
		if !there {
			return Document{Key: key, Revision: revision}, nil
		}
		message.Header = nats.Header{header: {deletion}}
	}
	ack, err := d.q.js.PublishMsg(ctx, message, jetstream.WithExpectLastSequencePerSubject(revision))
	if isConflict(err) {
		return Document{}, errConflict
	}
	if err != nil {
		return Document{}, fmt.Errorf("write document %s: %w", key, publishError(err))
	}
	return Document{Key: key, Value: value, Revision: ack.Sequence}, nil
}

// deletion marks what says that a document was deleted.
const deletion = "deleted"

func deleted(h nats.Header) bool { return h.Get(header) == deletion }

// isConflict: replicated streams have a code of their own for it.
func isConflict(err error) bool {
	api, ok := errors.AsType[*jetstream.APIError](err)
	return ok && (api.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequence || api.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequenceConstant)
}

// Watch calls changed for every document there is, then synced, and then
// changed for the latest change of each, until ctx ends. After a lost connection
// it goes on.
func (d *Documents) Watch(ctx context.Context, changed func(Document), synced func()) error {
	prefix := len(d.q.names.documents() + ".")
	c := jetstream.ConsumerConfig{DeliverPolicy: jetstream.DeliverLastPerSubjectPolicy, FilterSubject: ">"}
	err := d.q.follow(ctx, d.q.documents, c, synced, func(sequence uint64, m jetstream.Msg) error {
		doc := Document{Key: m.Subject()[prefix:], Revision: sequence}
		if !deleted(m.Headers()) {
			doc.Value = append([]byte{}, m.Data()...)
		}
		changed(doc)
		return nil
	})
	return fmt.Errorf("watch documents: %w", err)
}
