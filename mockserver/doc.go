// Package mockserver is CometChat's side of webhooks: the management API that
// configures them and the deliveries that follow events.
package mockserver
