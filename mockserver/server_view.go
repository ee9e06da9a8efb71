package mockserver

import (
	"errors"

	"hookproof/mockserver/delivery"
)

// Errors of the server's methods, besides *RequestError.
var (
	ErrNotFound = errors.New("no such delivery")
	ErrFull     = errors.New("the queue is full")
)

// RequestError is a mistake of the caller.
type RequestError struct {
	Field   string // what it is about, as the control surface names it; may be ""
	Message string // one line: what is wrong, what is allowed
}

func (e *RequestError) Error() string {
	if e.Field == "" {
		return e.Message
	}
	return e.Field + ": " + e.Message
}

// FaultRules are the faults that are injected into attempts.
type FaultRules struct {
	All      delivery.Faults            `json:"all"`
	Webhooks map[string]delivery.Faults `json:"webhooks,omitempty"` // by "app/webhook", instead of All
}

// Stats counts deliveries.
type Stats struct {
	Queued    int    `json:"queued"`
	Retrying  int    `json:"retrying"`
	Dead      int    `json:"dead"`
	Delivered uint64 `json:"delivered"` // since the server's start
	Failed    uint64 `json:"failed"`    // attempts that failed since the server's start
	Workers   int    `json:"workers"`
}

// AppInfo is an app and its webhooks, without secrets.
type AppInfo struct {
	Account    string        `json:"account"`
	App        string        `json:"app"`
	Region     string        `json:"region"`
	Generation Generation    `json:"generation"` // 0 while there are no webhooks
	Webhooks   []WebhookInfo `json:"webhooks"`
}

// WebhookInfo is a webhook without its credentials.
type WebhookInfo struct {
	ID             string   `json:"id"`
	Name           string   `json:"name"`
	URL            string   `json:"url"` // without userinfo, and without values of the query
	Enabled        bool     `json:"enabled"`
	RetryOnFailure bool     `json:"retryOnFailure"`
	Triggers       []string `json:"triggers"`
}
