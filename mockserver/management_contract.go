package mockserver

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"

	"hookproof/schemas"
)

const jsonType = "application/json"

// managementContract is the OpenAPI document of the management API, which finds
// the operation of a request and judges requests and answers. The filter of
// kin-openapi judges all but bodies: those of requests are decoded already, and
// those of answers need to be judged but once.
type managementContract struct {
	router  routers.Router
	options *openapi3filter.Options
	known   *knownAsked
	passed  memo
	created *openapi3.Schema // of the body that creates a webhook
}

// theManagementContract is loaded once, which takes some 20 ms.
var theManagementContract = sync.OnceValues(loadManagementContract)

// loadManagementContract fails only if the embedded document is broken, which
// no input can cause.
func loadManagementContract() (*managementContract, error) {
	text, err := schemas.ManagementAPI()
	if err != nil {
		return nil, err
	}
	loader := openapi3.NewLoader()
	doc, err := loader.LoadFromData(text)
	if err != nil {
		return nil, fmt.Errorf("management API: %w", err)
	}
	if err := doc.Validate(loader.Context); err != nil {
		return nil, fmt.Errorf("management API: %w", err)
	}
	doc.Servers = nil // the mock is at any host
	// The document knows public HTTPS only. What the mock takes besides is for its
	// options to say, and so are the words for what it does not take: see urlRules.
	doc.Components.Schemas["WebhookURL"].Value.Pattern = ""
	router, err := gorillamux.NewRouter(doc)
	if err != nil {
		return nil, fmt.Errorf("management API: %w", err)
	}
	return &managementContract{router: router, known: newKnownAsked(doc), created: doc.Components.Schemas["NewWebhook"].Value, options: &openapi3filter.Options{
		SkipSettingDefaults:     true, // else it rewrites requests
		IncludeResponseStatus:   true,
		ExcludeResponseBody:     true,
		MultiError:              true,
		SchemaValidationOptions: []openapi3.SchemaValidationOption{openapi3.DisableSchemaErrorDetails()},
	}}, nil
}

// find returns what a request asks for. An error is routers.ErrMethodNotAllowed
// or routers.ErrPathNotFound.
func (k *managementContract) find(r *http.Request) (*asked, error) {
	var room [maxAskedKey]byte
	key := k.known.key(room[:0], r)
	if a := k.known.get(key); a != nil {
		return a, nil
	}
	route, vars, err := k.router.FindRoute(r)
	if err != nil {
		return nil, err
	}
	for name, v := range vars {
		// The router matches the path as it was sent, so that %2F is no separator.
		if vars[name], err = url.PathUnescape(v); err != nil {
			return nil, routers.ErrPathNotFound
		}
	}
	return &asked{key: string(key), route: route, vars: vars}, nil
}

// checkParameters returns the query of a request, or what is wrong with the
// path, the query or the headers.
func (k *managementContract) checkParameters(r *http.Request, a *asked) (url.Values, error) {
	if a.query != nil {
		return a.query, nil
	}
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, badRequest("The query of the URL is malformed.", nil)
	}
	var found problems
	input := &openapi3filter.RequestValidationInput{Request: r, PathParams: a.vars, QueryParams: query, Route: a.route, Options: k.options}
	for _, list := range []openapi3.Parameters{a.route.PathItem.Parameters, a.route.Operation.Parameters} {
		for _, p := range list {
			if err := openapi3filter.ValidateParameter(r.Context(), input, p.Value); err != nil {
				found = found.add(p.Value.Name, parameterWords(p.Value, err))
			}
		}
	}
	if found != nil {
		return nil, invalid(found)
	}
	k.known.add(&asked{key: a.key, route: a.route, vars: a.vars, query: query})
	return query, nil
}

// bodySchema returns what the body of a request must match, nil if none is read.
func (k *managementContract) bodySchema(route *routers.Route) *openapi3.Schema {
	if route.Operation.RequestBody == nil {
		return nil
	}
	return route.Operation.RequestBody.Value.Content.Get(jsonType).Schema.Value
}

// checkBody returns what in a body does not match its schema.
func checkBody(schema *openapi3.Schema, body map[string]any) problems {
	err := schema.VisitJSON(body)
	if err == nil {
		return nil
	}
	if first, ok := errors.AsType[*openapi3.SchemaError](err); !ok || first.SchemaField != "maxItems" {
		err = schema.VisitJSON(body, openapi3.MultiErrors())
	} // else it might be half a million
	found := problems{}
	for v := range violations(err) {
		if v.SchemaField == "anyOf" {
			continue // BasicAuthComplete, which checkCredentials judges in better words
		}
		name, rest := "body", v.JSONPointer()
		if len(rest) > 0 {
			name, rest = rest[0], rest[1:]
		}
		words := inWords(v.Schema, v.SchemaField)
		if len(rest) > 0 {
			words = "each " + words // of a list: no body has anything deeper
		}
		found = found.add(name, words)
	}
	return found
}

// add adds words about a part, once.
func (p problems) add(name, words string) problems {
	if p == nil {
		p = problems{}
	}
	if !slices.Contains(p[name], words) {
		p[name] = append(p[name], words)
	}
	return p
}

// checkAnswer returns nil if an answer is one of those that the document has for
// the operation. An error repeats no value.
func (k *managementContract) checkAnswer(r *http.Request, route *routers.Route, status int, h http.Header, text []byte) error {
	if err := k.checkHeader(r, route, status, h); err != nil {
		return err
	}
	responses := route.Operation.Responses
	response := responses.Status(status)
	if response == nil {
		response = responses.Default()
	}
	schema := response.Value.Content.Get(jsonType).Schema.Value
	if k.passed.has(schema, text) {
		return nil
	}
	var body any
	if err := json.Unmarshal(text, &body); err != nil {
		return err
	}
	err := schema.VisitJSON(body, openapi3.MultiErrors())
	if err == nil {
		k.passed.add(schema, text)
		return nil
	}
	broken := errors.New("the body does not match its schema")
	for v := range violations(err) {
		broken = fmt.Errorf("%w; /%s %s", broken, strings.Join(v.JSONPointer(), "/"), inWords(v.Schema, v.SchemaField))
	}
	return broken
}

// checkHeader judges the status and the headers of an answer.
func (k *managementContract) checkHeader(r *http.Request, route *routers.Route, status int, h http.Header) error {
	return openapi3filter.ValidateResponse(r.Context(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{Request: r, Route: route},
		Status:                 status, Header: h, Options: k.options,
	})
}
