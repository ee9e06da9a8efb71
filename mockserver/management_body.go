package mockserver

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"unicode/utf8"
)

// maxBody is how large a request's body may be, in bytes (assumed).
const maxBody = 1 << 20

// readObject reads a body that is one JSON object, whatever its content type is
// said to be (assumed). Nesting is bounded by encoding/json to 10,000; of
// members with the same name the last counts.
func readObject(w http.ResponseWriter, r *http.Request) (map[string]any, error) {
	if r.ContentLength > maxBody {
		return nil, tooLarge()
	}
	data, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return nil, tooLarge()
	}
	if err != nil {
		return nil, badRequest("The body broke off.", nil)
	}
	if len(bytes.TrimLeft(data, jsonSpace)) == 0 {
		return nil, badRequest("The body is not a JSON object: it is empty.", nil)
	}
	if !utf8.Valid(data) {
		return nil, badRequest("The body is not a JSON object: it is not in UTF-8.", nil)
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil || len(bytes.TrimLeft(data[dec.InputOffset():], jsonSpace)) > 0 {
		return nil, syntaxError(data)
	}
	object, ok := v.(map[string]any)
	if !ok {
		return nil, badRequest("The body is not a JSON object.", nil)
	}
	return object, nil
}

const jsonSpace = " \t\r\n"

// syntaxError asks encoding/json again, because only Unmarshal gives offsets
// from the start and knows of trailing data.
func syntaxError(data []byte) *apiError {
	at := int64(len(data))
	var raw json.RawMessage
	if se, ok := errors.AsType[*json.SyntaxError](json.Unmarshal(data, &raw)); ok {
		at = se.Offset
	}
	return badRequest(fmt.Sprintf("The body is not a JSON object: it goes wrong at byte %d.", at), nil)
}
