package traffic_test

import (
	"fmt"
	"io"
	"net/http"
	"sync"
	"testing"
	"time"

	"hookproof/mockserver/delivery"
	"hookproof/mockserver/traffic"
)

// TestOrderIsKept: of a conversation, an event is sent when the one before it was
// answered.
func TestOrderIsKept(t *testing.T) {
	for _, rate := range []traffic.Rate{2000, traffic.Max} {
		var mu sync.Mutex
		last := map[int]int{}
		url := server(t, func(_ http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			var n int
			_, _ = fmt.Sscanf(string(body), `{"trigger":"message_sent","n":%d}`, &n)
			time.Sleep(time.Duration(n%3) * time.Millisecond)
			mu.Lock()
			defer mu.Unlock()
			if n < last[n%5] {
				t.Errorf("event %d came after %d", n, last[n%5])
			}
			last[n%5] = n
		})
		res := run(t, t.Context(), traffic.Options{
			Endpoint: delivery.Endpoint{URL: url}, Source: &numbers{most: 300}, Connections: 16,
			Conversation: func(body []byte) string {
				var n int
				_, _ = fmt.Sscanf(string(body), `{"trigger":"message_sent","n":%d}`, &n)
				return fmt.Sprint(n % 5)
			},
			Arrivals: traffic.Arrivals{Rate: rate, Duration: 5 * time.Second},
		})
		if res.Delivered != 300 {
			t.Errorf("rate %s: %d delivered", rate, res.Delivered)
		}
	}
}
