package delivery_test

import (
	"bytes"
	"context"
	"flag"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"hookproof/mockserver/delivery"
)

var update = flag.Bool("update", false, "write the golden files")

// TestWire pins every byte that a receiver gets.
func TestWire(t *testing.T) {
	body := []byte(`{"trigger":"message_sent","data":{"text":"naïve 👍 \"<b>\""}}`)
	tests := map[string]delivery.Endpoint{
		"plain": {},
		"auth":  {Username: "vendor", Password: "secret1"},
		"live":  {Username: "vendor", ContentType: delivery.LiveContentType, UserAgent: "hookproof/1.2 (run=r1)"},
	}
	for name, e := range tests {
		t.Run(name, func(t *testing.T) {
			got := make(chan []byte, 1)
			addr := raw(t, func(conn net.Conn) {
				text := make([]byte, 0, 4096)
				for !bytes.HasSuffix(text, body) {
					n, err := conn.Read(text[len(text):cap(text)])
					if text = text[:len(text)+n]; err != nil {
						break
					}
				}
				got <- text
				_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
			})
			e.URL = "http://" + addr + "/hook?team=a%20b"
			req, err := e.NewRequest(t.Context(), body)
			if err != nil {
				t.Fatal(err)
			}
			if a := new(delivery.Sender).Send(req, body); !a.Delivered() {
				t.Fatalf("not delivered: %v", a.Err)
			}
			wire := strings.ReplaceAll(string(<-got), addr, "ADDR")
			wire = strings.ReplaceAll(wire, "\r\n", "\\r\\n\n")
			golden(t, "testdata/wire-"+name+".txt", wire)
		})
	}
}

func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("got:\n%s\nwant, by %s (-update writes it):\n%s", got, file, want)
	}
}

func TestBodyCanBeReadAgain(t *testing.T) {
	want := `{"a":1}`
	req, err := delivery.Endpoint{URL: "http://h/"}.NewRequest(t.Context(), []byte(want))
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		body, err := req.GetBody()
		if err != nil {
			t.Fatal(err)
		}
		if got, _ := io.ReadAll(body); string(got) != want {
			t.Errorf("GetBody gave %q, want %q", got, want)
		}
	}
}

func TestRequestCarriesTheContext(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
	defer cancel()
	req, err := delivery.Endpoint{URL: "http://h/"}.NewRequest(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	if req.Context() != ctx {
		t.Error("the request has another context than the one given")
	}
}

func TestBadURLs(t *testing.T) {
	for _, url := range []string{
		"", "hook", "/hook", "//host/hook", "ftp://host/", "http://", "http:///hook", "http://:80/", "https:host",
		"mailto:a@host", "http://ho st/", "http://host:port/", "http://[::1/", "http://host/%zz", "http://host/\x7f",
		"https://vendor:hunter2@ho st/", "vendor:hunter2@host/hook", "ftp://vendor:hunter2@host/", "https://vendor:hunter2/x@host/",
	} {
		req, err := delivery.Endpoint{URL: url}.NewRequest(t.Context(), nil)
		switch {
		case err == nil:
			t.Errorf("NewRequest(%q) accepts it as %q", url, req.URL)
		case strings.Contains(err.Error(), "hunter2"):
			t.Errorf("NewRequest(%q): the error holds the password: %v", url, err)
		case strings.ContainsRune(err.Error(), '\n') || !strings.Contains(err.Error(), "want an absolute http or https URL"):
			t.Errorf("NewRequest(%q): got error %q, want one line that says what is allowed", url, err)
		}
	}
}

func TestCredentialsInTheURLAreNotSent(t *testing.T) {
	req, err := delivery.Endpoint{URL: "https://vendor:hunter2@host/hook"}.NewRequest(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := req.URL.String(), "https://host/hook"; got != want {
		t.Errorf("got URL %q, want %q", got, want)
	}
	if got := req.Header.Get("Authorization"); got != "" {
		t.Errorf("got Authorization %q, want none", got)
	}
}

// FuzzNewRequest holds that a request is made of nothing but what was given, or refused.
func FuzzNewRequest(f *testing.F) {
	f.Add("https://example.com/hook", "vendor", "secret", []byte(`{}`))
	f.Add("http://[::1]:8080/?a=b#c", "", "", []byte(nil))
	f.Add("https://u:p@h:99999", "ü", ":", []byte("\x00"))
	f.Fuzz(func(t *testing.T, url, user, pass string, body []byte) {
		req, err := delivery.Endpoint{URL: url, Username: user, Password: pass}.NewRequest(t.Context(), body)
		if err != nil {
			return
		}
		u, p, ok := req.BasicAuth()
		if want := user != "" || pass != ""; ok != want {
			t.Fatalf("NewRequest(%q, user %q): got auth %t, want %t", url, user, ok, want)
		}
		if ok && u+":"+p != user+":"+pass {
			t.Errorf("got credentials %q:%q, want %q:%q", u, p, user, pass)
		}
		if req.Method != http.MethodPost || req.URL.User != nil || req.URL.Host == "" {
			t.Errorf("NewRequest(%q) gave %s %s", url, req.Method, req.URL)
		}
		if got, _ := io.ReadAll(req.Body); !bytes.Equal(got, body) || req.ContentLength != int64(len(body)) {
			t.Errorf("got a body of %d bytes, length %d, want %d", len(got), req.ContentLength, len(body))
		}
	})
}
