package mockserver

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"unicode/utf8"

	"github.com/getkin/kin-openapi/routers"
)

// problems is what is wrong with parts of a request, by the name of the member,
// header or parameter. It never repeats a value.
type problems map[string][]string

// apiError is a request that was refused.
type apiError struct {
	status  int
	code    string
	message string
	details problems
}

func (e *apiError) Error() string { return e.code + ": " + e.message }

// body is the envelope of errors (confirmed for the provider's chat API, assumed for this one).
func (e *apiError) body() map[string]any {
	content := map[string]any{"code": e.code, "message": e.message}
	if len(e.details) > 0 {
		details := make(map[string]any, len(e.details))
		for name, messages := range e.details {
			details[name] = messages
		}
		content["details"] = details
	}
	return map[string]any{"error": content}
}

func badRequest(message string, details problems) *apiError {
	return &apiError{http.StatusBadRequest, "ERR_BAD_REQUEST", message, details}
}

func invalid(details problems) *apiError { return badRequest("The request is invalid.", details) }

func appNotFound(id string) *apiError {
	return &apiError{http.StatusNotFound, "ERR_APP_NOT_FOUND", fmt.Sprintf("The account has no app %s.", shown(id)), nil}
}

func webhookNotFound(id string) *apiError {
	return &apiError{http.StatusNotFound, "ERR_WEBHOOK_NOT_FOUND", fmt.Sprintf("The app has no webhook %s.", shown(id)), nil}
}

func noSuchAPI(r *http.Request, err error) *apiError {
	message := "There is no such API: the path is not one of this API's."
	if errors.Is(err, routers.ErrMethodNotAllowed) {
		message = fmt.Sprintf("There is no such API: the path does not have the method %s.", shown(r.Method))
	}
	return &apiError{http.StatusNotFound, "ERR_API_NOT_FOUND", message, nil}
}

func tooLarge() *apiError {
	message := fmt.Sprintf("The body is larger than %d bytes, which is the most that is read.", maxBody)
	return &apiError{http.StatusRequestEntityTooLarge, "ERR_BAD_REQUEST", message, nil}
}

func internalError() *apiError {
	return &apiError{http.StatusInternalServerError, "ERR_INTERNAL_SERVER_ERROR", "Something went wrong. Try again later.", nil}
}

// shown is a name out of a request for a message: no longer than the ids of the contract.
func shown(name string) string {
	const most = 100
	if len(name) <= most {
		return name
	}
	end := most
	for end > 0 && !utf8.RuneStart(name[end]) {
		end--
	}
	return name[:end] + "…"
}

func writeJSON(w http.ResponseWriter, status int, body map[string]any) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false) // URLs are for people, too
	if err := enc.Encode(body); err != nil {
		panic("mockserver: " + err.Error()) // strings, numbers, booleans and lists of them: it cannot fail
	}
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Content-Length", strconv.Itoa(b.Len()))
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes()) // an error means that the client has left
}
