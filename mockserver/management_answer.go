package mockserver

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strconv"
)

// success is the body of an answer to what was done.
type success struct {
	Data any   `json:"data"`
	Meta *meta `json:"meta,omitempty"` // of lists
}

// meta is where a page is in its list.
type meta struct {
	Pagination struct {
		Total       int `json:"total"`
		Count       int `json:"count"`
		PerPage     int `json:"per_page"`
		CurrentPage int `json:"current_page"`
		TotalPages  int `json:"total_pages"`
	} `json:"pagination"`
}

func newMeta(total, count, perPage, page int) *meta {
	var m meta
	p := &m.Pagination
	p.Total, p.Count, p.PerPage, p.CurrentPage, p.TotalPages = total, count, perPage, page, (total+perPage-1)/perPage
	return &m
}

// toldWebhook is a webhook as answers have it: without its password and triggers,
// and with a username if there is one (assumed).
type toldWebhook struct {
	ID             string `json:"id"`
	Name           string `json:"name"`
	URL            string `json:"webhookURL"`
	UseBasicAuth   bool   `json:"useBasicAuth"`
	Username       string `json:"username,omitempty"`
	Enabled        bool   `json:"enabled"`
	RetryOnFailure bool   `json:"retryOnFailure"`
	CreatedAt      int64  `json:"createdAt"`
	UpdatedAt      int64  `json:"updatedAt"`
}

func (w *Webhook) told() toldWebhook {
	return toldWebhook{
		ID: w.ID, Name: w.Name, URL: w.URL, UseBasicAuth: w.UseBasicAuth, Username: w.Username,
		Enabled: w.Enabled, RetryOnFailure: w.RetryOnFailure, CreatedAt: w.CreatedAt, UpdatedAt: w.UpdatedAt,
	}
}

// toldTrigger is a trigger as answers have it.
type toldTrigger struct {
	ID          string `json:"id"`
	Description string `json:"description"`
}

// result is whether something was done.
type result struct {
	Success bool   `json:"success"`
	Message string `json:"message"`
}

// encodeAnswer returns a body of an answer as JSON.
func encodeAnswer(body any) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false) // URLs are for people, too
	if err := enc.Encode(body); err != nil {
		panic("mockserver: " + err.Error()) // nothing that bodies are made of can fail
	}
	return b.Bytes()
}

func writeAnswer(w http.ResponseWriter, status int, text []byte) {
	w.Header().Set("Content-Length", strconv.Itoa(len(text)))
	w.WriteHeader(status)
	_, _ = w.Write(text) // an error means that the client has left
}
