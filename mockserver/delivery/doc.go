// Package delivery says what one webhook delivery is, and makes one.
//
// [Endpoint.NewRequest] is the only definition of a delivery in hookproof: a
// probe of the conformance suite, a delivery of the mock server and a request
// of a load run are the same request by construction. [Sender.Send] makes one
// attempt over an [http.RoundTripper] and returns an [Attempt]: whatever the
// receiver did, no answer included, is data and never an error. [Faults.Wrap]
// makes a transport misbehave on purpose, and a [Redactor] takes the secrets out
// of what is shown of an attempt.
//
// What is known of a delivery on the wire: POST, one JSON object, Basic auth
// if configured (documented); "Application/json" with a capital A (observed);
// no signature, timestamp or delivery id (documented by their absence).
// User-Agent, HTTP version and redirect handling are unknown, so ours are
// assumed: see [Endpoint] and [NewTransport].
//
// To add a fault: its kind and its line in fault.go, its field in [Faults], and a
// function that does it to a request.
package delivery
