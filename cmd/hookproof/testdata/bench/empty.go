// Command empty answers each request with the same object and checks nothing: no
// server on net/http costs less. It prints where it listens.
package main

import (
	"fmt"
	"log"
	"net"
	"net/http"
)

const object = `{"data":{"id":"orders","name":"orders","webhookURL":"https://hooks.example.com/cometchat","useBasicAuth":true,` +
	`"username":"vendor","enabled":true,"retryOnFailure":false,"createdAt":1767225600,"updatedAt":1767225600}}`

func main() {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("http://%s\n", l.Addr())
	log.Fatal(http.Serve(l, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(object))
	})))
}
