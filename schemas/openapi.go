package schemas

import (
	"fmt"

	"go.yaml.in/yaml/v3"
)

//go:generate go test -count=1 -run ^TestOpenAPIWebhooksAreTheCatalogue$ . -update

// openAPI is the document's file.
const openAPI = "openapi.yaml"

// OpenAPI returns the OpenAPI 3.1 document of CometChat's webhooks as indented
// JSON with sorted members: under paths the calls of the management API that
// configure webhooks, under webhooks the delivery of each trigger of the
// catalogue. It refers to no other document. The schemas of payloads are those
// that [Validate] judges by. x-basis says how a part is known.
//
// The bytes are always the same, and the caller's own. An error means that the
// embedded files are broken, which no input can cause.
func OpenAPI() ([]byte, error) {
	doc, err := bundleOpenAPI()
	if err != nil {
		return nil, err
	}
	return encodeJSON(openAPI, doc)
}

// OpenAPIYAML returns the document of [OpenAPI] as YAML, its members in an order
// for readers.
func OpenAPIYAML() ([]byte, error) {
	doc, err := bundleOpenAPI()
	if err != nil {
		return nil, err
	}
	return encodeYAML(openAPI, doc)
}

// ManagementAPI returns the document of [OpenAPI] without its webhooks, as
// OpenAPI 3.0.3, for validators that do not know a later version or are slow
// with it. What is left means the same in both versions.
func ManagementAPI() ([]byte, error) {
	doc, err := readYAML(openAPI)
	if err != nil {
		return nil, err
	}
	version := lookup(doc, "openapi")
	if version == nil {
		return nil, fmt.Errorf("%s: want a version", openAPI)
	}
	version.Value = "3.0.3"
	drop(doc, "webhooks")
	return encodeJSON(openAPI, doc)
}

func bundleOpenAPI() (*yaml.Node, error) {
	doc, err := readYAML(openAPI)
	if err != nil {
		return nil, err
	}
	components := lookup(doc, "components", "schemas")
	if components == nil {
		return nil, fmt.Errorf("%s: want components/schemas", openAPI)
	}
	const prefix = "#/components/schemas/"
	b := newBundler(openAPI, prefix)
	for name := range pairs(components) {
		b.origins[name.Value] = openAPI + prefix + name.Value
	}
	if err := b.resolve(openAPI, doc); err != nil {
		return nil, err
	}
	components.Content = append(components.Content, b.definitions.Content...)
	return doc, nil
}
