package delivery_test

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"hookproof/mockserver/delivery"
)

var discard = log.New(io.Discard, "", 0)

func TestDelivered(t *testing.T) {
	for status, want := range map[int]bool{200: true, 201: true, 204: true, 299: true, 302: false, 304: false, 400: false, 401: false, 429: false, 500: false} {
		a := send(t, new(delivery.Sender), "http://"+rawHTTP(t, fmt.Sprintf("HTTP/1.1 %d Any\r\nContent-Length: 0\r\n\r\n", status)))
		if got := a.Delivered(); got != want || a.Failure != "" || a.Status != status {
			t.Errorf("status %d: got delivered %t (status %d, failure %q), want %t", status, got, a.Status, a.Failure, want)
		}
	}
}

func TestRecordOfAnAttempt(t *testing.T) {
	before := time.Now()
	addr := rawHTTP(t, "HTTP/1.1 200 OK\r\nX-Backend: b1\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")
	a := send(t, new(delivery.Sender), "http://"+addr+"/hook?a=b")
	if a.Failure != "" || a.Err != nil {
		t.Fatalf("got failure %q: %v", a.Failure, a.Err)
	}
	type record struct {
		method, url, contentType, body, remote, proto, backend, text string
		size                                                         int64
		reused, willClose                                            bool
	}
	got := record{
		a.Method, a.URL, a.Header.Get("Content-Type"), string(a.Body), a.Remote, a.Proto, a.Answer.Get("X-Backend"),
		string(a.Text), a.TextSize, a.Reused, a.WillClose,
	}
	want := record{
		"POST", "http://" + addr + "/hook?a=b", "application/json", `{"trigger":"message_sent"}`, addr, "HTTP/1.1", "b1",
		"ok", 2, false, true,
	}
	if got != want {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if a.Start.Before(before) || a.Start.After(time.Now()) {
		t.Errorf("got start %s, want one within the test", a.Start)
	}
}

// TestTimings has a receiver that is slow to begin and slow to end.
func TestTimings(t *testing.T) {
	const toFirst, toLast = 40 * time.Millisecond, 30 * time.Millisecond
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		time.Sleep(toFirst)
		_, _ = io.WriteString(w, "a")
		w.(http.Flusher).Flush()
		time.Sleep(toLast)
	}))
	server.StartTLS()
	defer server.Close()
	tr := transport(t, delivery.TransportOptions{RootCAs: server.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs})
	s := &delivery.Sender{Transport: tr}

	first := send(t, s, server.URL)
	got := first.Timing
	if got.Connect <= 0 || got.TLS <= 0 || got.DNS != 0 {
		t.Errorf("first attempt: got %+v, want times to connect and of TLS, none of DNS", got)
	}
	if got.FirstByte < toFirst || got.LastByte < got.FirstByte+toLast-5*time.Millisecond || got.Total < got.Connect+got.TLS+got.LastByte {
		t.Errorf("got %+v, want at least %s to the first byte, %s more to the last and all of it in the total", got, toFirst, toLast)
	}
	second := send(t, s, server.URL)
	if got := second.Timing; !second.Reused || got.Connect != 0 || got.TLS != 0 || got.FirstByte < toFirst {
		t.Errorf("second attempt: got reused %t and %+v, want the connection of the first and no time to connect", second.Reused, got)
	}
}

func TestDNSIsTimed(t *testing.T) {
	addr := rawHTTP(t, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
	_, port, _ := net.SplitHostPort(addr)
	a := send(t, new(delivery.Sender), "http://localhost:"+port)
	if a.Failure != "" || a.Timing.DNS <= 0 || a.Timing.Connect <= 0 {
		t.Errorf("got failure %q and %+v, want times of DNS and to connect", a.Failure, a.Timing)
	}
}

// TestAnswerBeforeTheRequestIsRead: the wait is zero, not negative.
func TestAnswerBeforeTheRequestIsRead(t *testing.T) {
	addr := raw(t, func(conn net.Conn) {
		_, _ = conn.Read(make([]byte, 1))
		_, _ = io.WriteString(conn, "HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
		_, _ = io.Copy(io.Discard, conn)
	})
	body := make([]byte, 8<<20)
	req, err := delivery.Endpoint{URL: "http://" + addr}.NewRequest(t.Context(), body)
	if err != nil {
		t.Fatal(err)
	}
	a := new(delivery.Sender).Send(req, body)
	if a.Status != 413 || a.Timing.FirstByte < 0 || a.Timing.LastByte < a.Timing.FirstByte || a.Timing.Total <= 0 {
		t.Errorf("got status %d (%v) and %+v, want 413 and no negative time", a.Status, a.Err, a.Timing)
	}
}

func TestMaxAnswer(t *testing.T) {
	text := strings.Repeat("x", 100<<10)
	addr := rawHTTP(t, fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(text), text))
	for _, tt := range []struct {
		max  int
		want int
	}{{0, delivery.DefaultMaxAnswer}, {10, 10}, {1 << 20, len(text)}} {
		a := send(t, &delivery.Sender{MaxAnswer: tt.max}, "http://"+addr)
		if len(a.Text) != tt.want || a.TextSize != int64(len(text)) || !a.Delivered() {
			t.Errorf("MaxAnswer %d: got %d bytes kept of %d (%v), want %d of %d", tt.max, len(a.Text), a.TextSize, a.Err, tt.want, len(text))
		}
	}
}

// TestMaxRead: a body of exactly the bound is fine, one byte more is endless.
func TestMaxRead(t *testing.T) {
	addr := rawHTTP(t, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"+strings.Repeat("x", 1000))
	for _, keep := range []int{1, 999, 1000, 2000} {
		if a := send(t, &delivery.Sender{MaxAnswer: keep, MaxRead: 1000}, "http://"+addr); !a.Delivered() {
			t.Errorf("MaxAnswer %d, MaxRead 1000: 1000 bytes failed: %v", keep, a.Err)
		}
		wantFailure(t, send(t, &delivery.Sender{MaxAnswer: keep, MaxRead: 999}, "http://"+addr), delivery.FailOversize)
	}
}

// TestAnswersOfAnyLength: declared, or known by their end or in chunks.
func TestAnswersOfAnyLength(t *testing.T) {
	for _, size := range []int{0, 1, 2, 511, 512, 513, 5000, delivery.DefaultMaxAnswer - 1, delivery.DefaultMaxAnswer} {
		text := strings.Repeat("x", size)
		for form, answer := range map[string]string{
			"declared": fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", size, text),
			"chunked":  fmt.Sprintf("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n", max(size, 1), cmp.Or(text, "x")),
			"closed":   "HTTP/1.0 200 OK\r\n\r\n" + text,
		} {
			want := text
			if form == "chunked" {
				want = cmp.Or(text, "x")
			}
			a := send(t, new(delivery.Sender), "http://"+rawHTTP(t, answer))
			if string(a.Text) != want || a.TextSize != int64(len(want)) || !a.Delivered() {
				t.Errorf("%s: got %d bytes of %d (%v), want %d", form, len(a.Text), a.TextSize, a.Err, len(want))
			}
		}
	}
}

func TestInterimAnswersAreNotTheAnswer(t *testing.T) {
	addr := rawHTTP(t, "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
	if a := send(t, new(delivery.Sender), "http://"+addr); a.Status != 200 || !a.Delivered() {
		t.Errorf("got status %d (%v), want 200", a.Status, a.Err)
	}
}

func TestRedirectIsAnAnswer(t *testing.T) {
	var requests atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests.Add(1)
		http.Redirect(w, r, "/hook/", http.StatusPermanentRedirect)
	}))
	defer server.Close()
	a := send(t, new(delivery.Sender), server.URL+"/hook")
	if a.Status != 308 || a.Answer.Get("Location") != "/hook/" || requests.Load() != 1 {
		t.Errorf("got status %d to %q after %d requests, want 308 to /hook/ after 1", a.Status, a.Answer.Get("Location"), requests.Load())
	}
}

func TestCookiesAreNotKept(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if len(r.Cookies()) > 0 {
			w.WriteHeader(http.StatusConflict)
		}
		http.SetCookie(w, &http.Cookie{Name: "session", Value: "1"})
	}))
	defer server.Close()
	s := &delivery.Sender{Transport: transport(t, delivery.TransportOptions{})}
	for range 2 {
		if a := send(t, s, server.URL); a.Status != 200 {
			t.Errorf("got status %d, want 200", a.Status)
		}
	}
}

// TestEnvironmentNamesNoProxy: TestMain has set one.
func TestEnvironmentNamesNoProxy(t *testing.T) {
	addr := rawHTTP(t, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
	// net/http never asks a proxy for loopback addresses, so the host is another.
	options := delivery.TransportOptions{Dial: func(ctx context.Context, network, to string) (net.Conn, error) {
		if to != "receiver.example:80" {
			return nil, fmt.Errorf("dialled %s", to)
		}
		return new(net.Dialer).DialContext(ctx, network, addr)
	}}
	if a := send(t, &delivery.Sender{Transport: transport(t, options)}, "http://receiver.example/"); !a.Delivered() {
		t.Errorf("not delivered: %v", a.Err)
	}
}
