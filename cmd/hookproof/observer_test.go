package main

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestObserverReadsCounts(t *testing.T) {
	const token = "sesame-open"
	for _, tt := range []struct {
		name, answer string
		status       int
		want         map[string]int
		problem      string
	}{
		{"counts", `{"a|b": 1, "c": 0}`, 200, map[string]int{"a|b": 1, "c": 0}, ""},
		{"none", `{}`, 200, map[string]int{}, ""},
		{"no object", `[1]`, 200, nil, "want a JSON object"},
		{"null", `null`, 200, nil, "want a JSON object"},
		{"no numbers", `{"a": "1"}`, 200, nil, "want a JSON object"},
		{"less than nothing", `{"a": -1}`, 200, nil, "want 0 or more"},
		{"too much", `{"a": 1` + strings.Repeat(" ", maxObservation) + `}`, 200, nil, "more than"},
		{"another status", `{}`, 302, nil, "answered 302"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Method != http.MethodGet || r.URL.Query().Get("token") != token {
					w.WriteHeader(http.StatusTeapot)
				}
				w.Header().Set("Location", "/elsewhere")
				w.WriteHeader(tt.status)
				_, _ = w.Write([]byte(tt.answer))
			}))
			defer server.Close()
			observe, err := newObserver(server.URL+"/?token="+token, "")
			if err != nil {
				t.Fatal(err)
			}
			got, err := observe(t.Context(), []string{"a|b"})
			check(t, got, err, tt.want, tt.problem)
			server.Close()
			if _, err := observe(t.Context(), nil); err == nil || strings.Contains(err.Error(), token) {
				t.Errorf("without a server: error %v, want one without the URL's token", err)
			}
		})
	}
}

func TestObserverCommandGetsKeys(t *testing.T) {
	for _, tt := range []struct {
		name, command string
		want          map[string]int
		problem       string
	}{
		{"counts", `read a; read b; printf '{"%s": 1, "%s": 2}' "$a" "$b"`, map[string]int{"k|1": 1, "k|2": 2}, ""},
		{"fails", `exit 3`, nil, "exit status 3"},
		{"says nothing", `:`, nil, "want a JSON object"},
		{"says too much", `head -c 2000000 /dev/zero`, nil, "more than"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			observe, err := newObserver("", tt.command)
			if err != nil {
				t.Fatal(err)
			}
			got, err := observe(t.Context(), []string{"k|1", "k|2"})
			check(t, got, err, tt.want, tt.problem)
		})
	}
}

func TestObserverCommandEndsWithItsRun(t *testing.T) {
	observe, err := newObserver("", "sleep 60")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := observe(ctx, nil); err == nil {
		t.Error("no error of an observer that was cut off")
	}
}

// check compares a result with what is wanted, or its error with the problem.
func check(t *testing.T, got map[string]int, err error, want map[string]int, problem string) {
	t.Helper()
	if problem != "" {
		if err == nil || !strings.Contains(err.Error(), problem) || strings.Contains(err.Error(), "\n") {
			t.Errorf("error %v, want one line with %q", err, problem)
		}
		return
	}
	if err != nil || !maps.Equal(got, want) {
		t.Errorf("got %v, error %v, want %v", got, err, want)
	}
}

func TestResolveUsesGivenAddresses(t *testing.T) {
	var r resolveFlag
	if r.lookup() != nil {
		t.Error("a resolver without a host")
	}
	for _, s := range []string{"Staging.example.com:192.0.2.7", "staging.example.com:[2001:db8::1]", "v6:2001:db8::2"} {
		if err := r.Set(s); err != nil {
			t.Errorf("Set(%q): %v", s, err)
		}
	}
	for _, s := range []string{"", "host", "host:", ":192.0.2.7", "host:name", "host:192.0.2.7:443"} {
		if err := r.Set(s); err == nil {
			t.Errorf("Set(%q): no error", s)
		}
	}
	got, err := r.lookup()(t.Context(), "STAGING.example.com")
	if want := "[192.0.2.7 2001:db8::1]"; err != nil || fmt.Sprint(got) != want {
		t.Errorf("got %v, error %v, want %s", got, err, want)
	}
	if got, err := r.lookup()(t.Context(), "127.0.0.1"); err != nil || len(got) != 1 {
		t.Errorf("another host: got %v, error %v, want one address", got, err)
	}
}
