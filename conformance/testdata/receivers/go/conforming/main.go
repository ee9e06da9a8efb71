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
}

func (rc *receiver) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", "POST")
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	}
	if !rc.authorized(r) {
		w.Header().Set("WWW-Authenticate", `Basic realm="webhook"`)
		w.WriteHeader(http.StatusUnauthorized)
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
		var m struct{ ID, Sender, Category string }
		if *e.Trigger != "message_sent" || json.Unmarshal(e.Data.Message, &m) != nil || m.Category == "action" {
			continue
		}
		log.Printf("message %s of %s", m.ID, m.Sender)
	}
}

func main() {
	rc := &receiver{user: os.Getenv("WEBHOOK_USER"), pass: os.Getenv("WEBHOOK_PASS"), events: make(chan event, 10_000)}
	go rc.work()
	l, err := net.Listen("tcp", "127.0.0.1:"+os.Getenv("PORT"))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("listening on", l.Addr())
	server := &http.Server{Handler: rc, ReadTimeout: 10 * time.Second}
	log.Fatal(server.Serve(l))
}
