package mockserver_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"hookproof/mockserver"
)

// request makes a call of the management API on the mock's app, which must
// succeed, and returns the answer's body.
func request(t *testing.T, m *mockserver.Mock, method, path, body string) string {
	t.Helper()
	req, err := http.NewRequest(method, m.URL+"/apps/"+m.App+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header = http.Header{"Key": {m.Key}, "Secret": {m.Secret}, "X-Webhook-Version": {"2"}, "Content-Type": {"application/json"}}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%s %s: %s, %v: %s", method, path, resp.Status, err, answer)
	}
	return string(answer)
}
