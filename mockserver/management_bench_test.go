package mockserver

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
)

// BenchmarkManagement is the handler alone, without a socket.
func BenchmarkManagement(b *testing.B) {
	full := newStage(b, func(o *managementOptions) { o.RatePerMinute = 1 << 40 })
	for i := range MaxWebhooks {
		full.ok("POST", webhooksPath, fmt.Sprintf(`{"id":"w%d","name":"Orders","webhookURL":"https://hooks.example.com/cometchat","useBasicAuth":true,"username":"u","password":"p"}`, i))
	}
	b.Run("get-webhook", func(b *testing.B) { full.bench(b, "GET", webhooksPath+"/w7", "") })
	b.Run("list-webhooks", func(b *testing.B) { full.bench(b, "GET", webhooksPath, "") })
	b.Run("create+delete", func(b *testing.B) {
		full.ok("DELETE", webhooksPath+"/w7", "")
		full.bench(b, "POST", webhooksPath, least, "DELETE", ordersPath, "")
	})
}

// bench sends requests, each of a method, a target and a body, in turn.
func (s *stage) bench(b *testing.B, parts ...string) {
	var requests []*http.Request
	for i := 0; i < len(parts); i += 3 {
		requests = append(requests, request(b, parts[i], parts[i+1], ""))
	}
	b.ReportAllocs()
	for b.Loop() {
		for i, r := range requests {
			if body := parts[i*3+2]; body != "" {
				r.Body, r.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
			}
			w := sink{header: http.Header{}}
			s.api.ServeHTTP(&w, r)
			if w.status != http.StatusOK {
				b.Fatalf("%s %s: %d", r.Method, r.URL, w.status)
			}
		}
	}
}

// sink forgets the body of an answer.
type sink struct {
	header http.Header
	status int
}

func (s *sink) Header() http.Header         { return s.header }
func (s *sink) WriteHeader(status int)      { s.status = status }
func (s *sink) Write(p []byte) (int, error) { return len(p), nil }
