// Package matchers has Gomega matchers for tests of webhook receivers and
// senders. Each is thin over a predicate that exists without Gomega:
// [Conform] over conformance.Run, [MatchTrigger] over schemas.Validate, and
// [BeDelivered] and its kin over the fields of a delivery.Attempt.
//
//	Expect(handler).To(matchers.Conform(conformance.Options{Username: "vendor", Password: "secret"}))
//	Expect(body).To(matchers.MatchTrigger("message_sent"))
package matchers
