// Package mockserver is a CometChat for tests: the management API that
// configures webhooks, events, and their deliveries with the provider's limits
// and retries.
//
// In a Go test, [Start] gives a test one of its own:
//
//	m := mockserver.Start(t, mockserver.Options{})
//	m.Webhook(mockserver.Webhook{URL: receiver.URL, RetryOnFailure: true})
//	m.Fire(mockserver.Fire{Trigger: "message_sent"})
//	m.WaitFor(1, mockserver.Filter{State: mockserver.Delivered})
//
// Elsewhere, [New] makes a [Server] of a queue, and Run serves it: the
// management API is [Server.Management], and [Server.Control] is the surface for
// those who use the server, with the dashboard. A [Worker] delivers; a server
// has one of its own, and others can run anywhere that the queue can be reached.
//
// # How a delivery goes
//
// [Server.Fire] makes an event, or takes one, and enqueues a job for each
// webhook that wants it: the event is accepted when all jobs are stored. A
// worker takes a job when it is due, makes one attempt, enqueues the next if
// there is to be one, records the attempt in a log and then ends the job. So
// whatever dies in between, the job is done again: at least once. Every server
// follows the log and remembers from it what became of the deliveries.
//
// Nodes keep nothing of their own. What is configured are documents in the
// queue's bucket, one for each app, changed by compare-and-set, so that the
// limit of 25 webhooks holds across nodes.
//
// # What is imitated
//
// The management API is driven by the OpenAPI document of package schemas:
// requests and answers are judged by it, and it says what of the API is
// documented and what assumed. How one delivery looks is package delivery's.
//
// # To add
//
// To add an operation to the management API, describe it in schemas/openapi.yaml
// and name its function in operations; for the control surface the same goes for
// control.yaml and controlOperations. Tests hold documents and functions equal.
package mockserver
