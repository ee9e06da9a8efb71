package mockserver

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
)

// maxControlBody bounds the body of a call, in bytes.
const maxControlBody = 2 << 20

// checkCall holds a request against the document and against what it cannot say: a
// query of known names, each once, and a body that is JSON and says so.
// Afterwards the body can be read anew, and path parameters are the request's.
func checkCall(w http.ResponseWriter, in *openapi3filter.RequestValidationInput) error {
	query, err := url.ParseQuery(in.Request.URL.RawQuery)
	if err != nil {
		return &problem{status: http.StatusBadRequest, message: "the query is malformed: want name=value&name=value, percent-encoded"}
	}
	if err := checkQuery(in, query); err != nil {
		return err
	}
	in.QueryParams = query
	if in.Route.Operation.RequestBody != nil {
		if err := readBody(w, in.Request); err != nil {
			return err
		}
	}
	for name, escaped := range in.PathParams {
		value, err := url.PathUnescape(escaped)
		if err != nil {
			return &problem{status: http.StatusBadRequest, field: name, message: name + " is not percent-encoded properly"}
		}
		in.Request.SetPathValue(name, value)
	}
	if err := openapi3filter.ValidateRequest(in.Request.Context(), in); err != nil {
		return violation(err)
	}
	return nil
}

func checkQuery(in *openapi3filter.RequestValidationInput, query url.Values) error {
	var known []string
	for _, p := range in.Route.Operation.Parameters {
		if p.Value.In == openapi3.ParameterInQuery {
			known = append(known, p.Value.Name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(query)) {
		switch {
		case !slices.Contains(known, name) && len(known) == 0:
			return &problem{status: http.StatusBadRequest, message: fmt.Sprintf("unknown parameter %.50q: this call takes none", name)}
		case !slices.Contains(known, name):
			return &problem{status: http.StatusBadRequest, message: fmt.Sprintf("unknown parameter %.50q: want one of %s", name, strings.Join(known, ", "))}
		case len(query[name]) > 1:
			return &problem{status: http.StatusBadRequest, field: name, message: name + " is given more than once"}
		case query.Get(name) == "":
			return &problem{status: http.StatusBadRequest, field: name, message: name + " is empty: leave it out or give it a value"}
		}
	}
	return nil
}

// readBody reads the body, which must be nothing or JSON, and puts it back.
func readBody(w http.ResponseWriter, r *http.Request) error {
	tooLarge := &problem{status: http.StatusRequestEntityTooLarge, message: "the body is too large: want at most 2 MiB"}
	if r.ContentLength > maxControlBody {
		w.Header().Set("Connection", "close")
		return tooLarge
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxControlBody))
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return tooLarge
	}
	if err != nil {
		return &problem{status: http.StatusBadRequest, message: "the body is incomplete"}
	}
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	if len(body) == 0 {
		return nil
	}
	media, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	charset := strings.ToLower(params["charset"])
	if err != nil || media != "application/json" || charset != "" && charset != "utf-8" {
		return &problem{status: http.StatusUnsupportedMediaType, field: "Content-Type", message: "want Content-Type: application/json"}
	}
	if e := r.Header.Get("Content-Encoding"); e != "" && !strings.EqualFold(e, "identity") {
		return &problem{status: http.StatusUnsupportedMediaType, field: "Content-Encoding", message: "want a body without Content-Encoding"}
	}
	// kin-openapi finds the media type by its exact name.
	r.Header.Set("Content-Type", "application/json")
	if !utf8.Valid(body) {
		return &problem{status: http.StatusBadRequest, message: "the body is not UTF-8"}
	}
	var syntax *json.SyntaxError
	var v json.RawMessage
	if err := json.Unmarshal(body, &v); errors.As(err, &syntax) {
		return &problem{status: http.StatusBadRequest, message: fmt.Sprintf("the body is not one JSON value: %s at byte %d", syntax, syntax.Offset)}
	}
	return nil
}

// decodeBody reads a body that keeps the document; nothing leaves v as it is.
func decodeBody(r *http.Request, v any) error {
	body, err := io.ReadAll(r.Body)
	if err != nil || len(body) == 0 {
		return err
	}
	err = json.Unmarshal(body, v)
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return &RequestError{wrong.Field, "want a whole number in plain digits within its bounds"} // which JSON writes in many ways
	}
	if err != nil {
		return &RequestError{"", err.Error()} // of a type that reads itself, in its own words
	}
	return nil
}
