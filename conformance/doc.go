// Package conformance proves whether a webhook receiver is ready for CometChat.
//
// Start with [Run], which tries the checks of [Suite] on a URL and returns a
// [Report], or in a Go test with [Test], which makes a subtest of each check:
//
//	func TestReceiver(t *testing.T) {
//		conformance.Test(t, newHandler(), conformance.Options{Username: "vendor", Password: "secret"})
//	}
//
// A probe differs from an accepted baseline in exactly one property, so that
// a refusal has one explanation. The baseline is a valid message_sent with
// the right credentials; if the receiver does not accept it, the one check
// that explains why fails, and the rest is skipped. What says nothing about
// the receiver, such as a rate limit, a reset connection or a firewall's page,
// is inconclusive and never a failure. Redirects are not followed, and each
// probe has a connection of its own unless it is about connections.
//
// To add a check, write a function that returns a [Check] in the file of its
// group, name it in Suite, and give the model receiver in faults_test.go the
// fault that this check alone notices: without it the tests fail.
package conformance
