package mockserver

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
)

// reader is what reads a stream without a socket.
type reader struct {
	*httptest.ResponseRecorder
	pipe *io.PipeWriter
}

func (r *reader) Write(p []byte) (int, error) { return r.pipe.Write(p) }

// listen opens a stream in the bubble of synctest. Its lines come from the
// function that it returns, "" at its end.
func listen(t *testing.T, h http.Handler, target string, headers ...string) (line func() string, stop func()) {
	t.Helper()
	in, out := io.Pipe()
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		w := &reader{httptest.NewRecorder(), out}
		h.ServeHTTP(w, ask("GET", target, "", headers...).WithContext(ctx))
		_ = out.Close() // never fails
	}()
	lines := bufio.NewScanner(in)
	line = func() string {
		if !lines.Scan() {
			return ""
		}
		if lines.Text() == "" { // the end of an event
			lines.Scan()
		}
		return lines.Text()
	}
	if got := line(); got != "retry: 2000" {
		t.Fatalf("a stream begins with %q, want retry", got)
	}
	synctest.Wait() // until it follows the log
	return line, func() {
		cancel()
		for line() != "" {
			continue
		}
		synctest.Wait()
	}
}

// next reads an event, which must be an attempt, and returns "id: delivery state".
func next(t *testing.T, line func() string) string {
	t.Helper()
	id, event, data := line(), line(), line()
	var a Attempt
	if err := json.Unmarshal([]byte(strings.TrimPrefix(data, "data: ")), &a); err != nil || event != "event: attempt" || !strings.HasPrefix(id, "id: ") {
		t.Fatalf("got %q, %q, %q, want an attempt: %v", id, event, data, err)
	}
	return fmt.Sprintf("%s: %s %s", strings.TrimPrefix(id, "id: "), a.Delivery, a.State)
}

func TestStreamBeginsWhereItIsTold(t *testing.T) {
	for _, tt := range []struct {
		name, target string
		headers      []string
		want         []string // the first attempts
	}{
		{"only what is new", "/v1/attempts", nil, []string{"6: d000004 delivered"}},
		{"only what is new, in so many words", "/v1/attempts?after=0", nil, []string{"6: d000004 delivered"}},
		{"from the oldest", "/v1/attempts?after=-1", nil, []string{"1: d000001 delivered", "2: d000002 retrying"}},
		{"after a position", "/v1/attempts?after=3", nil, []string{"4: d000002 dead", "5: d000003 retrying", "6: d000004 delivered"}},
		{"after the last that was seen", "/v1/attempts?after=1", []string{"Last-Event-ID: 4"}, []string{"5: d000003 retrying"}},
		{"of a webhook", "/v1/attempts?after=-1&webhook=orders", nil, []string{"1: d000001 delivered", "5: d000003 retrying"}},
		{"in a state", "/v1/attempts?after=-1&state=dead", nil, []string{"4: d000002 dead"}},
		{"of an app and a trigger", "/v1/attempts?after=4&app=app1&trigger=message_sent", nil, []string{"5: d000003 retrying"}},
		{"of another trigger", "/v1/attempts?after=-1&trigger=user_blocked", nil, []string{"7: d000005 delivered"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := lively(t)
				c := newCaller(t, s, controlOptions{})
				line, stop := listen(t, c.handler, tt.target, tt.headers...)
				defer stop()
				if _, err := s.Fire(t.Context(), Fire{Trigger: "user_blocked"}); err != nil {
					t.Fatal(err)
				}
				go func() {
					s.attempt("d000004", 200)
					s.attempt("d000005", 200)
				}()
				for _, want := range tt.want {
					if got := next(t, line); got != want {
						t.Errorf("got %s, want %s", got, want)
					}
				}
			})
		})
	}
}

func TestStreamBreaksSilence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCaller(t, lively(t), controlOptions{})
		line, stop := listen(t, c.handler, "/v1/attempts")
		defer stop()
		for range 3 {
			start := time.Now()
			if got := line(); got != ": still here" {
				t.Errorf("got %q, want a comment", got)
			}
			if got := time.Since(start); got != heartbeat*time.Second {
				t.Errorf("got it after %v, want %d s", got, heartbeat)
			}
		}
	})
}

func TestStreamKeepsToItsRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newFake()
		c := newCaller(t, s, controlOptions{})
		line, stop := listen(t, c.handler, "/v1/attempts?rate=2")
		defer stop()
		if _, err := s.Fire(t.Context(), Fire{Trigger: "user_blocked", Count: 7}); err != nil {
			t.Fatal(err)
		}
		go func() {
			for i := range 5 {
				s.attempt(fmt.Sprintf("d%06d", i+1), 200)
			}
		}()
		got := []string{next(t, line), next(t, line), line(), line()}
		if want := []string{"1: d000001 delivered", "2: d000002 delivered", "event: skipped", `data: {"skipped":3}`}; !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
		go func() {
			s.attempt("d000006", 200)
			s.attempt("d000007", 200)
		}()
		if got := []string{next(t, line), next(t, line)}; !slices.Equal(got, []string{"6: d000006 delivered", "7: d000007 delivered"}) {
			t.Errorf("in the next second got %q", got)
		}
	})
}

func TestStreamEndsWithTheServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, shutdown := context.WithCancel(t.Context())
		c := newCaller(t, lively(t), controlOptions{Context: ctx})
		line, _ := listen(t, c.handler, "/v1/attempts")
		start := time.Now()
		shutdown()
		if got := line(); got != "" || time.Since(start) != 0 {
			t.Errorf("got %q after %v, want the end at once", got, time.Since(start))
		}
	})
}

func TestStreamEndsWhenTheStoreFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log logged
		s := lively(t)
		c := newCaller(t, s, controlOptions{Log: log.logger()})
		s.fail(errors.New("the disk is gone"))
		line, _ := listen(t, c.handler, "/v1/attempts")
		if got := line(); got != "" {
			t.Errorf("got %q, want the end", got)
		}
		synctest.Wait()
		if !strings.Contains(log.String(), "the disk is gone") {
			t.Errorf("log is %q", log.String())
		}
	})
}

func TestStreamsAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCaller(t, lively(t), controlOptions{})
		var stops []func()
		for range maxStreams {
			_, stop := listen(t, c.handler, "/v1/attempts")
			stops = append(stops, stop)
		}
		w := c.do(t, ask("GET", "/v1/attempts", ""))
		if got := envelope(t, "one more", w).Error.Message; w.Code != http.StatusServiceUnavailable || got != "64 streams are open, which is as many as there may be: close one" {
			t.Errorf("one more: got %d %s, want 503", w.Code, got)
		}
		stops[0]()
		_, stop := listen(t, c.handler, "/v1/attempts")
		stop()
		for _, stop := range stops[1:] {
			stop()
		}
	})
}

// TestStreamOverSockets checks what only sockets show: that a reader that takes
// nothing holds up no other and is let go, and that nothing is left behind by
// readers that leave.
func TestStreamOverSockets(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	s := lively(t)
	handler, err := newControl(s, controlOptions{})
	if err != nil {
		t.Fatal(err)
	}
	handler.(*control).patience = 200 * time.Millisecond
	server := httptest.NewUnstartedServer(handler)
	server.Config.ReadTimeout = 100 * time.Millisecond // is not for streams
	server.Config.WriteTimeout = 100 * time.Millisecond
	ended := make(chan struct{}, 8)
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateClosed {
			ended <- struct{}{}
		}
	}
	server.Start()
	defer server.Close()

	slow, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer slow.Close()
	if err := slow.(*net.TCPConn).SetReadBuffer(4 << 10); err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(slow, "GET /v1/attempts HTTP/1.1\r\nHost: localhost\r\n\r\n")
	if _, err := slow.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}

	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, "GET", server.URL+"/v1/attempts", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	quick, err := transport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer quick.Body.Close()
	lines := bufio.NewScanner(quick.Body)
	lines.Buffer(nil, 1<<20)
	lines.Scan() // retry

	// More than sockets hold, until the slow reader is let go.
	go func() {
		for ctx.Err() == nil {
			for range 100 {
				s.attempt("d000004", 200)
			}
			time.Sleep(time.Millisecond)
		}
	}()
	read, closed := 0, 0
	for closed == 0 && lines.Scan() {
		if strings.HasPrefix(lines.Text(), "id: ") {
			read++
		}
		select {
		case <-ended:
			closed++
		default:
		}
	}
	if closed == 0 || read == 0 {
		t.Fatalf("the quick reader got %d attempts and then %v, want the slow one to be let go first", read, lines.Err())
	}
	cancel()
	<-ended // the quick one
}
