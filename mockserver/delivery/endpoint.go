package delivery

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"net/http"
)

// The content types of a delivery.
const (
	DocumentedContentType = "application/json" // documented
	LiveContentType       = "Application/json" // observed: live deliveries spell it with a capital A
)

// DefaultUserAgent is sent when an Endpoint names none. The provider's own is
// unknown (assumed), so deliveries say honestly who sent them.
const DefaultUserAgent = "hookproof"

// errURL does not repeat the URL, nor what net/url says of it: what does not
// parse may hold credentials anywhere.
var errURL = errors.New("endpoint: want an absolute http or https URL such as https://example.com/webhook")

// Endpoint is where and how a webhook is delivered.
type Endpoint struct {
	URL string // absolute, http or https, without credentials
	// Username and Password of Basic auth; both empty sends no Authorization header.
	Username, Password string
	ContentType        string // "" is DocumentedContentType
	UserAgent          string // "" is DefaultUserAgent
}

// NewRequest returns the delivery of body, one JSON event, to the endpoint.
// Headers are exactly those of a delivery; the body can be read again through
// the request's GetBody. The error, if any, is about the endpoint's URL.
func (e Endpoint) NewRequest(ctx context.Context, body []byte) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, e.URL, bytes.NewReader(body))
	if err != nil || req.URL.Scheme != "http" && req.URL.Scheme != "https" || req.URL.Hostname() == "" {
		return nil, errURL
	}
	req.URL.User = nil // would become an Authorization header nobody configured
	values := [...]string{cmp.Or(e.ContentType, DocumentedContentType), cmp.Or(e.UserAgent, DefaultUserAgent)}
	req.Header["Content-Type"], req.Header["User-Agent"] = values[0:1:1], values[1:2:2]
	if e.Username != "" || e.Password != "" {
		req.SetBasicAuth(e.Username, e.Password)
	}
	return req, nil
}
