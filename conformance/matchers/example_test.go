package matchers_test

import (
	"fmt"
	"net/http"

	"github.com/onsi/gomega"

	"hookproof/conformance"
	"hookproof/conformance/matchers"
)

func ExampleConform() {
	g := gomega.NewGomega(func(message string, _ ...int) { fmt.Println(message) })
	accepts := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	g.Expect(accepts).To(matchers.Conform(conformance.Options{Run: []string{"ack/exact-200"}}))
	// Output:
	// Expected the receiver to conform, but:
	//   fail ack/exact-200: 5 of 5 accepted events were answered with 204 No Content: that counts as delivered, but the requirement is 200 OK
	//     fix: set the status to 200
}

func ExampleMatchTrigger() {
	g := gomega.NewGomega(func(message string, _ ...int) { fmt.Println(message) })
	g.Expect(`{"trigger":"call_started","data":{"sessionId":7},"type":"call","appId":"a","region":"us","webhook":"w"}`).
		To(matchers.MatchTrigger("call_started"))
	// Output:
	// Expected a valid call_started, but:
	//   /data: missing "created_at"
	//   /data/sessionId: expected string, but got number (an id, always a string)
}
