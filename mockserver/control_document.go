package mockserver

import (
	"context"
	_ "embed" // the document
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
)

//go:embed control.yaml
var controlYAML []byte

// controlDocument is the OpenAPI document of the control surface.
type controlDocument struct {
	json   func() ([]byte, error) // as it is served
	router routers.Router
}

// theControlDocument reads the document once. An error means that it is broken,
// which no input can cause.
var theControlDocument = sync.OnceValues(func() (*controlDocument, error) {
	broken := func(err error) (*controlDocument, error) { return nil, fmt.Errorf("control.yaml: %w", err) }
	doc, err := openapi3.NewLoader().LoadFromData(controlYAML)
	if err != nil {
		return broken(err)
	}
	if err := doc.Validate(context.Background()); err != nil {
		return broken(err)
	}
	router, err := gorillamux.NewRouter(doc)
	if err != nil {
		return broken(err)
	}
	encode := sync.OnceValues(func() ([]byte, error) { return json.Marshal(doc) })
	return &controlDocument{json: encode, router: router}, nil
})

// filterOptions are how requests are held against the document: unchanged, and
// with no value of theirs in a message.
func filterOptions() *openapi3filter.Options {
	return &openapi3filter.Options{
		MultiError:            true,
		SkipSettingDefaults:   true,
		IncludeResponseStatus: true,
		// The gate has asked for the token.
		AuthenticationFunc:                openapi3filter.NoopAuthenticationFunc,
		RejectWhenRequestBodyNotSpecified: true,
		SchemaValidationOptions:           []openapi3.SchemaValidationOption{openapi3.DisableSchemaErrorDetails()},
	}
}

func isMethodNotAllowed(err error) bool { return errors.Is(err, routers.ErrMethodNotAllowed) }

func (c *control) openAPIJSON(w http.ResponseWriter, _ *http.Request) error {
	text, err := c.document.json()
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(text)
	return nil
}

func (c *control) openAPIYAML(w http.ResponseWriter, _ *http.Request) error {
	w.Header().Set("Content-Type", "application/yaml")
	_, _ = w.Write(controlYAML)
	return nil
}
