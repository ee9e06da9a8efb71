//go:build e2e && unix

package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"hookproof/mockserver"
)

// e2eAccepted are the deliveries that a server has said to have accepted.
type e2eAccepted struct {
	count atomic.Int64
	limit atomic.Int64 // no batch is fired while so many are accepted

	mu   sync.Mutex
	tags map[string][]string // ids by the text of the events of one answer
}

// e2eBatch is how many events are fired at a time.
const e2eBatch = 40

// e2eFires fires events from several clients in small batches, each anew until
// it is accepted: the text of its events is another then, so that those of a lost
// answer are told from those that count. It does so beside the caller, as far as
// reach lets it; done lets it come to its end and returns when all are accepted.
func e2eFires(ctx context.Context, server *e2eServe, webhook string, total int) (a *e2eAccepted, done func() error) {
	a = &e2eAccepted{tags: map[string][]string{}}
	g, ctx := errgroup.WithContext(ctx)
	const clients = 4
	for client := range clients {
		g.Go(func() error {
			for batch := client; batch < total/e2eBatch; batch += clients {
				for a.count.Load() >= a.limit.Load() && ctx.Err() == nil {
					time.Sleep(time.Millisecond)
				}
				if err := a.fire(ctx, server, webhook, batch); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return a, func() error {
		a.limit.Store(int64(total))
		return g.Wait()
	}
}

// reach lets events be fired until n are accepted and waits for that; meanwhile
// the clients go on up to the limit.
func (a *e2eAccepted) reach(ctx context.Context, n, limit int64) {
	a.limit.Store(max(limit, n))
	for a.count.Load() < n && ctx.Err() == nil {
		time.Sleep(time.Millisecond)
	}
}

func (a *e2eAccepted) fire(ctx context.Context, server *e2eServe, webhook string, batch int) error {
	for try := 0; ; try++ {
		tag := fmt.Sprintf("batch %d, try %d", batch, try)
		fired, err := server.fire(ctx, webhook, tag, e2eBatch)
		if err == nil {
			a.mu.Lock()
			a.tags[tag] = fired.IDs
			a.mu.Unlock()
			a.count.Add(e2eBatch)
			return nil
		}
		select {
		case <-time.After(20 * time.Millisecond):
		case <-ctx.Done():
			return fmt.Errorf("batch %d was not accepted in %d tries: %w", batch, try, err)
		}
	}
}

// arrived demands that every accepted event has reached a receiver.
func (a *e2eAccepted) arrived(t *testing.T, sink *e2eSink) {
	t.Helper()
	lost := 0
	for tag, ids := range a.tags {
		lost += len(ids) - len(sink.tagged(tag))
	}
	events, again := sink.counts()
	t.Logf("%d deliveries accepted; %d events arrived, %d times one again", a.count.Load(), events, again)
	if lost != 0 {
		t.Errorf("%d of %d accepted deliveries never reached the receiver", lost, a.count.Load())
	}
}

// recorded demands that a server lists every accepted delivery as delivered, that
// its log of attempts says so too, and that nothing waits.
func (a *e2eAccepted) recorded(t *testing.T, server *e2eServe) {
	t.Helper()
	all := server.deliveries("")
	wrong := map[string]int{}
	var some []string
	for _, ids := range a.tags {
		for _, id := range ids {
			if d, ok := all[id]; !ok || d.State != mockserver.Delivered || d.Attempts == 0 || d.Last != "200" {
				wrong[fmt.Sprintf("listed: %t, state %q, last %q", ok, d.State, d.Last)]++
			}
		}
		some = append(some, ids[0])
	}
	if len(wrong) > 0 {
		t.Errorf("accepted deliveries that are not listed as delivered: %v", wrong)
	}
	var stats mockserver.Stats
	server.must(http.MethodGet, "/v1/stats", nil, &stats)
	if stats.Queued+stats.Retrying+stats.Dead != 0 {
		t.Errorf("in the end %+v, want nothing queued, retrying or dead", stats)
	}
	a.attempted(t, server)
	slices.Sort(some)
	for _, id := range some[:min(len(some), 100)] {
		var d mockserver.DeliveryDetail
		server.must(http.MethodGet, "/v1/deliveries/"+id, nil, &d)
		if n := len(d.Log); n == 0 || !slices.ContainsFunc(d.Log, delivered) || d.Body == "" {
			t.Errorf("delivery %s: %+v, want its event and an attempt that was answered with 200", id, d)
		}
	}
}

func delivered(a mockserver.Attempt) bool {
	return a.State == mockserver.Delivered && a.Answer != nil && a.Answer.Status == http.StatusOK
}

// attempted demands that the log of attempts has one that was delivered for each
// accepted delivery: it reads the stream of all that is kept.
func (a *e2eAccepted) attempted(t *testing.T, server *e2eServe) {
	t.Helper()
	left := map[string]bool{}
	for _, ids := range a.tags {
		for _, id := range ids {
			left[id] = true
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), e2ePatience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, server.addresses().Control+"/v1/attempts?after=-1", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+mockControl)
	resp, err := (&http.Client{Transport: server.http.Transport}).Do(req) // without the timeout of a call
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	lines := bufio.NewScanner(resp.Body)
	lines.Buffer(nil, 1<<20)
	for len(left) > 0 && lines.Scan() {
		e2eNoSecrets(t, "GET /v1/attempts", lines.Text())
		data, ok := strings.CutPrefix(lines.Text(), "data:")
		if !ok {
			continue
		}
		var one mockserver.Attempt
		if err := json.Unmarshal([]byte(data), &one); err != nil {
			t.Fatalf("%v in %s", err, data)
		}
		if delivered(one) {
			delete(left, one.Delivery)
		}
	}
	if len(left) > 0 {
		t.Errorf("the log of attempts shows no success of %d accepted deliveries: %v", len(left), lines.Err())
	}
}
