package mockserver_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"hookproof/mockserver"
)

// locked is a buffer for several goroutines.
type locked struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *locked) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *locked) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// TestSecretsStayInside has a receiver that gives back whatever it is sent, and
// looks for secrets in everything that the server shows.
func TestSecretsStayInside(t *testing.T) {
	t.Parallel()
	const key, secret, token, password, query = "keyOfTheAccount1", "secretOfTheAccount1", "tokenOfTheControl1", "k3Jx92mQ7wTz4bLp", "queryTokenValue1"
	echo := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for name, values := range r.Header {
			w.Header()["X-Echo-"+name] = values
		}
		_, pass, _ := r.BasicAuth()
		w.WriteHeader(http.StatusInternalServerError)
		_, _ = io.WriteString(w, r.Header.Get("Authorization")+" "+pass+" "+r.URL.RawQuery)
	}))
	t.Cleanup(echo.Close)
	var log locked
	m := mockserver.Start(t, mockserver.Options{
		Accounts: []mockserver.Account{{Key: key, Secret: secret, Apps: []mockserver.App{{ID: "app1"}}}},
		Token:    token, Log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
	m.Webhook(mockserver.Webhook{URL: echo.URL + "/?token=" + query, UseBasicAuth: true, Username: "vendor", Password: password, RetryOnFailure: true})
	id := m.Fire(mockserver.Fire{Trigger: "message_sent"}).IDs[0]
	m.WaitFor(1, mockserver.Filter{State: mockserver.Dead})

	shown := map[string]string{"list": request(t, m, http.MethodGet, "/webhooks", "")}
	control := httptest.NewServer(m.Server.Control())
	t.Cleanup(control.Close)
	for _, path := range []string{"/v1/deliveries", "/v1/deliveries/" + id, "/v1/apps", "/v1/stats", "/v1/faults", "/metrics", "/", "/app.js", "/v1/attempts?after=-1", "/v1/deliveries/none", "/v1/nothing"} {
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, control.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+token)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(resp.Body) // a stream ends with the context
		resp.Body.Close()
		var head bytes.Buffer
		_ = resp.Header.Write(&head)
		shown[path] = head.String() + string(body)
	}
	if got := shown["/v1/deliveries/"+id]; !strings.Contains(got, "[redacted]") || strings.Count(got, `"number"`) != 3 {
		t.Errorf("the attempts are not told: %s", got)
	}
	if !strings.Contains(shown["/v1/attempts?after=-1"], "event: attempt") {
		t.Errorf("the stream tells no attempt: %s", shown["/v1/attempts?after=-1"])
	}
	shown["log"] = log.String()
	for _, hidden := range []string{
		key, secret, token, password, query, password[:6],
		base64.StdEncoding.EncodeToString([]byte("vendor:" + password)), base64.StdEncoding.EncodeToString([]byte(password)),
	} {
		for where, text := range shown {
			if where == "list" && hidden == query {
				continue // the management API tells a webhook's URL, as it was given
			}
			if strings.Contains(strings.ToLower(text), strings.ToLower(hidden)) {
				t.Errorf("%s shows %q", where, hidden)
			}
		}
	}
}
