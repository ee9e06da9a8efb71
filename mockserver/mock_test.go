package mockserver_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"hookproof/mockserver"
	"hookproof/schemas"
)

func TestEveryTriggerIsDelivered(t *testing.T) {
	t.Parallel()
	var got atomic.Int64
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if _, err := schemas.ValidateEvent(body); err != nil {
			t.Errorf("%v in %s", err, body)
		}
		got.Add(1)
	}))
	defer receiver.Close()
	m := mockserver.Start(t, mockserver.Options{})
	m.Webhook(mockserver.Webhook{URL: receiver.URL})
	names := schemas.Names()
	for _, name := range names {
		m.Fire(mockserver.Fire{Trigger: name})
	}
	m.WaitFor(len(names), mockserver.Filter{State: mockserver.Delivered})
	if got, want := got.Load(), int64(len(names)); got != want {
		t.Errorf("the receiver got %d events, want %d", got, want)
	}
}
