package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"hookproof/mockserver/delivery"
	"hookproof/schemas"
)

// sent runs send in this process.
func sent(ctx context.Context, args ...string) (status int, stdout, stderr string) {
	var out, errs bytes.Buffer
	env := func(string) string { return "" }
	status = run(ctx, append([]string{"send"}, args...), strings.NewReader(""), &out, &errs, env)
	return status, out.String(), errs.String()
}

func TestSendDeliversEveryTrigger(t *testing.T) {
	var got []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		var event struct{ Trigger string }
		if err := json.Unmarshal(body, &event); err != nil {
			t.Error(err)
		}
		trigger := event.Trigger
		if err := schemas.Validate(trigger, body); err != nil {
			t.Errorf("%s: %v", trigger, err)
		}
		got = append(got, trigger)
	}))
	defer server.Close()
	all := schemas.Names(schemas.Required, schemas.Current, schemas.Provider, schemas.LegacyTier)
	for _, trigger := range all {
		status, stdout, stderr := sent(t.Context(), trigger, server.URL)
		if status != statusFine || !strings.HasPrefix(stdout, trigger+" ") {
			t.Errorf("send %s: status %d, output %q, %q", trigger, status, stdout, stderr)
		}
	}
	if strings.Join(got, " ") != strings.Join(all, " ") {
		t.Errorf("the receiver got %q, want each trigger once", got)
	}
}

// TestSendSanitizesAnswers has receivers say what a terminal would obey, or give
// back what they were sent.
func TestSendSanitizesAnswers(t *testing.T) {
	for _, tt := range []struct {
		name   string
		answer func(r *http.Request) string // all of it, on the wire
		want   string                       // in the line
	}{
		{"plain", func(*http.Request) string { return "try\n later" }, " 503 * ms  Service Unavailable: try later"},
		{"a long one", func(*http.Request) string { return strings.Repeat("try ", 1000) }, "Unavailable: " + strings.Repeat("try ", 30) + "…"},
		{"an escape sequence", func(*http.Request) string { return "\x1b[31mred\u202e" }, `: "\x1b[31mred\u202e"`},
		{"no text", func(*http.Request) string { return "\xff\xfe" }, `: "\xff\xfe"`},
		{"the header", func(r *http.Request) string { return "got " + r.Header.Get("Authorization") }, ": (withheld: it repeats credentials)"},
		{"the password", func(r *http.Request) string { _, p, _ := r.BasicAuth(); return strings.Repeat("x", 5000) + p }, ": (withheld"},
		{"the password cut off", func(r *http.Request) string { _, p, _ := r.BasicAuth(); return p[:7] }, ": (withheld"},
		{"the password in JSON", func(r *http.Request) string {
			_, p, _ := r.BasicAuth()
			b, _ := json.Marshal(p)
			return string(b)
		}, ": (withheld"},
		{"the query", func(r *http.Request) string { return r.URL.RawQuery }, ": (withheld"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.WriteHeader(http.StatusServiceUnavailable)
				_, _ = io.WriteString(w, tt.answer(r))
			}))
			defer server.Close()
			for _, args := range [][]string{nil, {"--json"}, {"--retry", "--time-scale", "0.001"}} {
				args = append([]string{"user_blocked", server.URL + "/?token=l0ngt0ken", "--auth", `vendor:<"Tr0ub&dour">`}, args...)
				status, stdout, stderr := sent(t.Context(), args...)
				if status != statusInvalid {
					t.Errorf("send %q: status %d, want %d", args, status, statusInvalid)
				}
				before, after, _ := strings.Cut(tt.want, "*")
				if i := strings.Index(stdout, before); len(args) == 4 && (i < 0 || !strings.Contains(stdout[i:], after)) {
					t.Errorf("send %q: got %q, want %s in it", args, stdout, tt.want)
				}
				for _, o := range []string{stdout, stderr} {
					if strings.ContainsFunc(strings.ReplaceAll(o, "\n", ""), control) {
						t.Errorf("send %q: control characters in %q", args, o)
					}
					for _, secret := range []string{"tr0ub", "dmvuzg", "l0ngt0", "pfryb", "ijxucj"} {
						if strings.Contains(strings.ToLower(o), secret) {
							t.Errorf("send %q: %q shows %q", args, o, secret)
						}
					}
				}
			}
		})
	}
}

func TestSendSaysWhatCameInsteadOfAnAnswer(t *testing.T) {
	for _, tt := range []struct{ name, wire, want string }{
		{"a redirect", "HTTP/1.1 307 Temporary Redirect\r\nLocation: /other\r\nContent-Length: 0\r\n\r\n", " 307 * ms  Temporary Redirect: redirects are not followed\n"},
		{"a status of no name", "HTTP/1.1 599 \r\nContent-Length: 0\r\n\r\n", " 599 * ms  no status of 2xx\n"},
		{"half an answer", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhal", " 200 * ms  incomplete answer: connection closed before a complete answer: hal\n"},
		{"nothing", "", " - * ms  connection closed before a complete answer\n"},
		{"no HTTP", "\x1b[31m Tr0ubadour\r\n\r\n", " - * ms  what came back is not HTTP\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			status, stdout, _ := sent(t.Context(), "user_blocked", rawReceiver(t, tt.wire), "--auth", "vendor:Tr0ubadour")
			before, after, _ := strings.Cut(tt.want, "*")
			i := strings.Index(stdout, before)
			if status != statusInvalid || i < 0 || !strings.HasSuffix(stdout[i:], after) {
				t.Errorf("status %d, output %q, want %d, %q at the end", status, stdout, statusInvalid, tt.want)
			}
		})
	}
}

// rawReceiver answers every request with what is given, and closes the connection.
func rawReceiver(t *testing.T, wire string) (url string) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	go func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			request := make([]byte, 64<<10)
			for n := 0; !bytes.Contains(request[:n], []byte(`"webhook":"hookproof"}`)); {
				read, err := conn.Read(request[n:])
				if err != nil {
					break
				}
				n += read
			}
			_, _ = io.WriteString(conn, wire)
			conn.Close()
		}
	}()
	return "http://" + ln.Addr().String() + "/"
}

func TestEveryFailureHasItsWords(t *testing.T) {
	s := &sending{red: delivery.NewRedactor("vendor", "Tr0ubadour", nil)}
	err := errors.New("oh \x1b[31m dear")
	for failure, want := range map[delivery.Failure]string{
		delivery.FailDNS:      "the host name does not resolve",
		delivery.FailRefused:  "connection refused: nothing listens there",
		delivery.FailConnect:  "no connection could be made",
		delivery.FailTLS:      `TLS failed: "oh \x1b[31m dear"`,
		delivery.FailTimeout:  "no complete answer within 2s",
		delivery.FailReset:    "connection reset",
		delivery.FailClosed:   "connection closed before a complete answer",
		delivery.FailProtocol: "what came back is not HTTP",
		delivery.FailOversize: "the answer's body does not end",
		delivery.FailCanceled: "interrupted before an answer came",
		delivery.FailOther:    `no answer: "oh \x1b[31m dear"`,
	} {
		if got := s.reason(&delivery.Attempt{Failure: failure, Err: err}); got != want {
			t.Errorf("%s: got %q, want %q", failure, got, want)
		}
	}
	told := &delivery.Attempt{Failure: delivery.FailOther, Err: errors.New("bad Tr0ubadour")}
	if got := s.reason(told); strings.Contains(got, "Tr0") {
		t.Errorf("got %q, which shows the password", got)
	}
}

func TestSendEndsWithinASecondOfAnInterrupt(t *testing.T) {
	for _, tt := range []struct {
		name   string
		answer int // 0 is none
		status int
		stdout string
		stderr string
	}{
		{"while an answer is due", 0, statusFailed, " - ", "1 of 3 events sent: 0 delivered, 0 not delivered, 1 without an answer yet\nhookproof send: interrupted\n"},
		{"while it waits to try again", 500, statusInvalid, " 500 ", "1 of 3 events sent: 0 delivered, 1 not delivered\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			ctx, interrupt := context.WithCancel(t.Context())
			defer interrupt()
			began := make(chan time.Time, 1)
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				time.AfterFunc(50*time.Millisecond, func() {
					began <- time.Now()
					interrupt()
				})
				_, _ = io.Copy(io.Discard, r.Body) // only then is the end of the connection noticed
				if tt.answer == 0 {
					<-r.Context().Done()
				} else {
					w.WriteHeader(tt.answer)
				}
			}))
			defer server.Close()
			status, stdout, stderr := sent(ctx, "message_sent", server.URL, "--retry", "--count", "3")
			if took := time.Since(<-began); took > time.Second {
				t.Errorf("ended %s after the interrupt, want at most a second", took)
			}
			if status != tt.status || strings.Count(stdout, tt.stdout) != 1 || !strings.HasSuffix(stderr, tt.stderr) {
				t.Errorf("status %d, output %q, %q, want %d, one %q and %q at the end", status, stdout, stderr, tt.status, tt.stdout, tt.stderr)
			}
		})
	}
}
