// Command conforming is a webhook receiver on Go's own net/http. It answers at
// once and works afterwards.
package main

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"mime"
	"net"
	"net/http"
	"os"
	"sync"
	"time"
)

type event struct {
	Trigger *string `json:"trigger"`
	Webhook string  `json:"webhook"`
	Data    *struct {
		Message json.RawMessage `json:"message"`
	} `json:"data"`
}

type receiver struct {
	user, pass string
	events     chan event

	mu      sync.Mutex
	effects map[string]int // how often each event was worked on; a database in real life
}

func (rc *receiver) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !rc.authorized(r) {
		w.Header().Set("WWW-Authenticate", `Basic realm="webhook"`)
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	if r.Method == http.MethodGet && r.URL.Path == "/effects" {
		rc.mu.Lock()
		defer rc.mu.Unlock()
		_ = json.NewEncoder(w).Encode(rc.effects)
		return
	}
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", "POST")
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	}
	if t, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || t != "application/json" {
		w.WriteHeader(http.StatusUnsupportedMediaType)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
	if err != nil {
		if _, large := errors.AsType[*http.MaxBytesError](err); large {
			w.WriteHeader(http.StatusRequestEntityTooLarge)
		} else {
			w.WriteHeader(http.StatusBadRequest)
		}
		return
	}
	var e event
	if json.Unmarshal(body, &e) != nil || e.Trigger == nil || e.Data == nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	select {
	case rc.events <- e:
		w.WriteHeader(http.StatusOK)
	default:
		w.Header().Set("Retry-After", "5")
		w.WriteHeader(http.StatusServiceUnavailable)
	}
}

func (rc *receiver) authorized(r *http.Request) bool {
	if rc.user == "" && rc.pass == "" {
		return true
	}
	user, pass, ok := r.BasicAuth()
	given, want := sha256.Sum256([]byte(user+":"+pass)), sha256.Sum256([]byte(rc.user+":"+rc.pass))
	return ok && subtle.ConstantTimeCompare(given[:], want[:]) == 1
}

func (rc *receiver) work() {
	for e := range rc.events {
		var m struct {
			ID, Sender, Category string
			UpdatedAt            json.Number
		}
		if json.Unmarshal(e.Data.Message, &m) != nil {
			continue
		}
		key := e.Webhook + "|" + *e.Trigger + "|" + m.ID
		switch *e.Trigger {
		case "message_sent", "user_mentioned":
		case "message_edited":
			key += "|" + m.UpdatedAt.String()
		default:
			continue
		}
		if rc.first(key) && m.Category != "action" {
			log.Printf("%s: %s of %s", *e.Trigger, m.ID, m.Sender)
		}
	}
}

func (rc *receiver) first(key string) bool {
	rc.mu.Lock()
	defer rc.mu.Unlock()
	if rc.effects[key] > 0 {
		return false
	}
	rc.effects[key]++
	return true
}

func main() {
	rc := &receiver{user: os.Getenv("WEBHOOK_USER"), pass: os.Getenv("WEBHOOK_PASS"), events: make(chan event, 10_000), effects: map[string]int{}}
	go rc.work()
	l, err := net.Listen("tcp", "127.0.0.1:"+os.Getenv("PORT"))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("listening on", l.Addr())
	server := &http.Server{Handler: rc, ReadTimeout: 10 * time.Second}
	log.Fatal(server.Serve(l))
}
