// Command chi is a webhook receiver on the router chi. It answers at once and
// works afterwards.
package main

import (
	"encoding/json"
	"io"
	"log"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
)

type event struct {
	Trigger *string `json:"trigger"`
	Webhook string  `json:"webhook"`
	Data    *struct {
		Message json.RawMessage `json:"message"`
	} `json:"data"`
}

// key is the idempotency key of an event, "" for what this receiver has no use for.
func (e *event) key() string {
	var m struct {
		ID        string      `json:"id"`
		UpdatedAt json.Number `json:"updatedAt"`
	}
	if json.Unmarshal(e.Data.Message, &m) != nil {
		return ""
	}
	switch *e.Trigger {
	case "message_sent", "message_deleted", "user_mentioned":
		return strings.Join([]string{e.Webhook, *e.Trigger, m.ID}, "|")
	case "message_edited":
		return strings.Join([]string{e.Webhook, *e.Trigger, m.ID, m.UpdatedAt.String()}, "|")
	}
	return ""
}

type receiver struct {
	events chan *event

	mu      sync.Mutex
	effects map[string]int // how often each event was worked on; a database in real life
}

func (rc *receiver) webhook(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	var e event
	if err != nil || json.Unmarshal(body, &e) != nil || e.Trigger == nil || e.Data == nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	select {
	case rc.events <- &e:
		w.WriteHeader(http.StatusOK)
	default:
		w.Header().Set("Retry-After", "5")
		w.WriteHeader(http.StatusServiceUnavailable)
	}
}

func (rc *receiver) work() {
	for e := range rc.events {
		key := e.key()
		if key == "" {
			continue
		}
		rc.mu.Lock()
		if rc.effects[key] == 0 {
			rc.effects[key]++
		}
		rc.mu.Unlock()
	}
}

func (rc *receiver) observe(w http.ResponseWriter, _ *http.Request) {
	rc.mu.Lock()
	defer rc.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(rc.effects)
}

func main() {
	rc := &receiver{events: make(chan *event, 10_000), effects: map[string]int{}}
	go rc.work()
	r := chi.NewRouter()
	r.Use(middleware.BasicAuth("webhook", map[string]string{os.Getenv("WEBHOOK_USER"): os.Getenv("WEBHOOK_PASS")}))
	r.With(middleware.AllowContentType("application/json"), middleware.RequestSize(1<<20)).Post("/webhook", rc.webhook)
	r.Get("/effects", rc.observe)
	server := &http.Server{Addr: "127.0.0.1:" + os.Getenv("PORT"), Handler: r, ReadTimeout: 10 * time.Second}
	log.Fatal(server.ListenAndServe())
}
