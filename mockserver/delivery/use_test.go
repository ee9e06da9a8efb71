package delivery_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"hookproof/mockserver/delivery"
)

func ExampleSender() {
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, _, _ := r.BasicAuth()
		fmt.Fprintln(w, "hello,", user)
	}))
	defer receiver.Close()

	endpoint := delivery.Endpoint{URL: receiver.URL, Username: "vendor", Password: "secret1"}
	event := []byte(`{"trigger":"message_sent","data":{}}`)
	req, err := endpoint.NewRequest(context.Background(), event)
	if err != nil {
		fmt.Println(err) // a bad URL; whatever the receiver does is in the attempt
		return
	}
	attempt := new(delivery.Sender).Send(req, event)
	fmt.Printf("%d %s%t\n", attempt.Status, attempt.Text, attempt.Delivered())
	// Output: 200 hello, vendor
	// true
}

func TestConcurrentUse(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.Copy(w, r.Body) }))
	defer server.Close()
	s := &delivery.Sender{Transport: transport(t, delivery.TransportOptions{MaxConns: 4})}
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() {
			for j := range 8 {
				body := fmt.Appendf(nil, `{"id":"%d-%d"}`, i, j)
				req, err := delivery.Endpoint{URL: server.URL}.NewRequest(t.Context(), body)
				if err != nil {
					t.Error(err)
					return
				}
				if a := s.Send(req, body); string(a.Text) != string(body) {
					t.Errorf("got answer %q (%v), want %q", a.Text, a.Err, body)
				}
			}
		})
	}
	wg.Wait()
}
