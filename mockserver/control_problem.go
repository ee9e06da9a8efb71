package mockserver

import (
	"context"
	"errors"
	"net/http"
)

// problem is what the control surface answers instead of what was asked for.
type problem struct {
	status  int
	field   string // the member, parameter or header that it is about; may be ""
	message string // one line, without values of secrets
}

func (p *problem) Error() string { return p.message }

func (p *problem) code() string {
	switch p.status {
	case http.StatusBadRequest:
		return "bad_request"
	case http.StatusUnauthorized:
		return "unauthorized"
	case http.StatusForbidden, http.StatusMisdirectedRequest:
		return "forbidden"
	case http.StatusNotFound:
		return "not_found"
	case http.StatusMethodNotAllowed:
		return "method_not_allowed"
	case http.StatusRequestEntityTooLarge:
		return "too_large"
	case http.StatusUnsupportedMediaType:
		return "unsupported_media_type"
	case http.StatusServiceUnavailable:
		return "unavailable"
	default:
		return "internal"
	}
}

// controlError is the body of every error.
type controlError struct {
	Error struct {
		Code    string `json:"code"`
		Message string `json:"message"`
		Field   string `json:"field,omitempty"`
	} `json:"error"`
}

// fail answers an error. What the store says is for the log: its words are not
// meant for callers.
func (c *control) fail(w http.ResponseWriter, r *http.Request, err error) {
	p, ok := errors.AsType[*problem](err)
	mistake, isMistake := errors.AsType[*RequestError](err)
	switch {
	case ok:
	case isMistake:
		p = &problem{status: http.StatusBadRequest, field: mistake.Field, message: mistake.Error()}
	case errors.Is(err, ErrNotFound):
		p = &problem{status: http.StatusNotFound, field: "id", message: "no such delivery, or it is not kept any more: GET /v1/deliveries lists them"}
	case errors.Is(err, ErrFull):
		w.Header().Set("Retry-After", "1")
		p = &problem{status: http.StatusServiceUnavailable, message: "the queue is full: try again when deliveries have been made"}
	case r.Context().Err() != nil && errors.Is(err, context.Canceled):
		return // nobody reads it
	default:
		c.log.Error("control", "method", r.Method, "path", r.URL.Path, "error", err)
		p = &problem{status: http.StatusServiceUnavailable, message: "the store failed: try again; the server's log says more"}
	}
	var body controlError
	body.Error.Code, body.Error.Message, body.Error.Field = p.code(), p.message, p.field
	_ = c.answer(w, p.status, body) // strings can be encoded
}
