package mockserver

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
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

// MarshalJSON gives the envelope of errors (confirmed for the provider's chat
// API, assumed for this one).
func (e *apiError) MarshalJSON() ([]byte, error) {
	type content struct {
		Code    string   `json:"code"`
		Message string   `json:"message"`
		Details problems `json:"details,omitempty"`
	}
	return json.Marshal(map[string]content{"error": {e.code, e.message, e.details}})
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
