package queue

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"testing"
)

// connected is a second connection to what q keeps.
func connected(t *testing.T, q *Queue, o ConnectOptions) *Queue {
	t.Helper()
	other, err := Connect(t.Context(), "nats://"+testToken+"@"+q.Addr(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { other.Close() })
	return other
}

func TestUpdateFromManyWriters(t *testing.T) {
	t.Parallel()
	q := testQueue(t, EmbeddedOptions{Listen: "127.0.0.1:0", Token: testToken})
	countUp(t, q.Documents(), connected(t, q, ConnectOptions{}).Documents())
}

// countUp has twenty writers on two connections change, delete and make a
// document; none of it may be lost.
func countUp(t *testing.T, docs ...*Documents) {
	t.Helper()
	const writers, each = 20, 5
	var all sync.WaitGroup
	for w := range writers {
		d := docs[w%len(docs)]
		all.Go(func() {
			for range each {
				if _, err := d.Update(t.Context(), "counter", func(old []byte) ([]byte, error) {
					n, _ := strconv.Atoi(string(old))
					return []byte(strconv.Itoa(n + 1)), nil
				}); err != nil {
					t.Errorf("Update: %v", err)
				}
				// Deletes of the one and creations of the other collide as well.
				if _, err := d.Update(t.Context(), "toggle", func(old []byte) ([]byte, error) {
					if old == nil {
						return []byte("there"), nil
					}
					return nil, nil
				}); err != nil {
					t.Errorf("Update that toggles: %v", err)
				}
			}
		})
	}
	all.Wait()
	var got []byte
	_, _ = docs[0].Update(t.Context(), "counter", func(old []byte) ([]byte, error) { got = old; return nil, errors.New("enough") })
	if string(got) != strconv.Itoa(writers*each) {
		t.Errorf("counted to %s, want %d", got, writers*each)
	}
	_, _ = docs[0].Update(t.Context(), "toggle", func(old []byte) ([]byte, error) { got = old; return nil, errors.New("enough") })
	if got != nil { // an even number of changes
		t.Errorf("toggled to %s, want that it is not there", got)
	}
}

func TestUpdate(t *testing.T) {
	t.Parallel()
	d := testQueue(t, EmbeddedOptions{}).Documents()
	set := func(value []byte) func([]byte) ([]byte, error) {
		return func([]byte) ([]byte, error) { return value, nil }
	}
	if doc, err := d.Update(t.Context(), "k", set(nil)); err != nil || doc.Revision != 0 {
		t.Errorf("delete of what is not there: %v, %v", doc, err)
	}
	var last uint64
	for i, value := range [][]byte{[]byte("a"), []byte("b"), nil, []byte("c"), {}} {
		doc, err := d.Update(t.Context(), "k", set(value))
		if err != nil || doc.Revision <= last || !bytes.Equal(doc.Value, value) {
			t.Errorf("change %d: %v, %v after revision %d", i, doc, err, last)
		}
		last = doc.Revision
	}
	boom := errors.New("boom")
	if _, err := d.Update(t.Context(), "k", func([]byte) ([]byte, error) { return nil, boom }); !errors.Is(err, boom) {
		t.Errorf("got %v, want what f fails with", err)
	}
	if _, err := d.Update(t.Context(), "k", set(make([]byte, maxDocument+1))); !errors.Is(err, ErrTooLarge) {
		t.Errorf("got %v, want %v", err, ErrTooLarge)
	}
	if _, err := d.Update(t.Context(), "a b", set([]byte("x"))); err == nil {
		t.Error("a key with a space: no error")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := d.Update(ctx, "k", set([]byte("x"))); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want that the context ended", err)
	}
}

// watched is what a watch has told.
type watched struct {
	mu     sync.Mutex
	docs   map[string]string
	synced int
}

func (w *watched) watch(d *Documents) func(context.Context) error {
	w.docs = map[string]string{}
	return func(ctx context.Context) error {
		return d.Watch(ctx, func(doc Document) {
			w.mu.Lock()
			defer w.mu.Unlock()
			if doc.Value == nil {
				delete(w.docs, doc.Key)
				return
			}
			w.docs[doc.Key] = string(doc.Value)
		}, func() {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.synced++
		})
	}
}

func (w *watched) is(synced int, want map[string]string) func() bool {
	return func() bool {
		w.mu.Lock()
		defer w.mu.Unlock()
		return w.synced == synced && fmt.Sprint(w.docs) == fmt.Sprint(want)
	}
}

func put(t *testing.T, d *Documents, key, value string) {
	t.Helper()
	var v []byte
	if value != "" {
		v = []byte(value)
	}
	if _, err := d.Update(t.Context(), key, func([]byte) ([]byte, error) { return v, nil }); err != nil {
		t.Fatalf("Update %s: %v", key, err)
	}
}

func TestWatch(t *testing.T) {
	t.Parallel()
	d := testQueue(t, EmbeddedOptions{}).Documents()
	var empty, full watched
	inBackground(t, empty.watch(d))
	eventually(t, "an empty bucket is synced", empty.is(1, nil))
	put(t, d, "a", "1")
	put(t, d, "b", "2")
	put(t, d, "a", "3")
	put(t, d, "b", "")
	inBackground(t, full.watch(d))
	eventually(t, "what there is", full.is(1, map[string]string{"a": "3"}))
	put(t, d, "c", "4")
	put(t, d, "a", "")
	for _, w := range []*watched{&empty, &full} {
		eventually(t, "the changes", w.is(1, map[string]string{"c": "4"}))
	}
}

// One who is slow to take changes must not keep the watch from ending.
func TestWatchEndsWhileManyWait(t *testing.T) {
	t.Parallel()
	d := testQueue(t, EmbeddedOptions{}).Documents()
	for i := range 600 {
		put(t, d, fmt.Sprintf("k%d", i), "x")
	}
	ctx, cancel := context.WithCancel(t.Context())
	err := d.Watch(ctx, func(Document) { cancel() }, func() {})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("Watch: %v", err)
	}
}
