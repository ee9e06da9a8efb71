package delivery_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"hookproof/mockserver/delivery"
)

// TestFailuresOfTheAnswer has a receiver for each way not to answer.
func TestFailuresOfTheAnswer(t *testing.T) {
	const header = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n"
	hang := func(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) }
	tests := []struct {
		name   string
		serve  func(net.Conn) // after it has read the request
		want   delivery.Failure
		status int
	}{
		{"silence", hang, delivery.FailTimeout, 0},
		{"half a header", func(c net.Conn) { _, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nX: "); hang(c) }, delivery.FailTimeout, 0},
		{"half a body", func(c net.Conn) { _, _ = io.WriteString(c, header+"four"); hang(c) }, delivery.FailTimeout, 200},
		{"a body by drops", drip, delivery.FailTimeout, 200},
		{"only 1xx", func(c net.Conn) { _, _ = io.WriteString(c, "HTTP/1.1 103 Early Hints\r\n\r\n"); hang(c) }, delivery.FailTimeout, 0},
		{"closed before an answer", func(net.Conn) {}, delivery.FailClosed, 0},
		{"closed in the header", func(c net.Conn) { _, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nX: ") }, delivery.FailClosed, 0},
		{"closed in the body", func(c net.Conn) { _, _ = io.WriteString(c, header+"four") }, delivery.FailClosed, 200},
		{"closed in a chunk", chunked("5\r\nab"), delivery.FailClosed, 200},
		{"reset before an answer", hangUp, delivery.FailReset, 0},
		{"another protocol", func(c net.Conn) { _, _ = io.WriteString(c, "SSH-2.0-OpenSSH_9.6\r\n") }, delivery.FailProtocol, 0},
		{"a status that is no number", func(c net.Conn) { _, _ = io.WriteString(c, "HTTP/1.1 OK 200\r\n\r\n") }, delivery.FailProtocol, 0},
		{"a header without a colon", func(c net.Conn) { _, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nnonsense\r\n\r\n") }, delivery.FailProtocol, 0},
		{"a length that is no number", func(c net.Conn) { _, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: ten\r\n\r\n") }, delivery.FailProtocol, 0},
		{"two lengths", func(c net.Conn) {
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab")
		}, delivery.FailProtocol, 0},
		{"a chunk size that is no number", chunked("xyz\r\nab"), delivery.FailProtocol, 200},
		{"an unknown transfer encoding", func(c net.Conn) {
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nTransfer-Encoding: zip\r\n\r\n")
		}, delivery.FailProtocol, 0},
		{"headers without end", func(c net.Conn) {
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nX: "+strings.Repeat("x", 1<<20)+"\r\n\r\n")
		}, delivery.FailProtocol, 0},
		{"a body without end", func(c net.Conn) {
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\n\r\n")
			for text := strings.Repeat("x", 1<<16); ; {
				if _, err := io.WriteString(c, text); err != nil {
					return
				}
			}
		}, delivery.FailOversize, 200},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			addr := raw(t, func(conn net.Conn) {
				if readRequest(bufio.NewReader(conn)) == nil {
					tt.serve(conn)
				}
			})
			s := &delivery.Sender{Timeout: 5 * time.Second, MaxRead: 1 << 20}
			if tt.want == delivery.FailTimeout {
				s.Timeout = 60 * time.Millisecond
			}
			a := send(t, s, "http://"+addr+"/")
			wantFailure(t, a, tt.want)
			if a.Status != tt.status || a.Answered() != (tt.status != 0) {
				t.Errorf("got status %d, answered %t, want status %d", a.Status, a.Answered(), tt.status)
			}
			if a.Timing.Total > 4*time.Second {
				t.Errorf("took %s", a.Timing.Total)
			}
			if a.Remote != addr {
				t.Errorf("got remote %q, want %q", a.Remote, addr)
			}
		})
	}
}

func chunked(body string) func(net.Conn) {
	return func(c net.Conn) {
		_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"+body)
	}
}

// drip keeps every read short of a timeout of its own.
func drip(c net.Conn) {
	_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\n\r\n")
	for {
		if _, err := io.WriteString(c, "."); err != nil {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
}

func TestResetInTheBody(t *testing.T) {
	read := make(chan struct{})
	addr := raw(t, func(conn net.Conn) {
		if readRequest(bufio.NewReader(conn)) == nil {
			_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nfour")
			<-read // a reset discards what the peer has not read yet
			hangUp(conn)
		}
	})
	a := send(t, &delivery.Sender{Transport: signalling{read}}, "http://"+addr+"/")
	wantFailure(t, a, delivery.FailReset)
	if a.Status != 200 || string(a.Text) != "four" {
		t.Errorf("got status %d and text %q, want 200 and what came", a.Status, a.Text)
	}
}

// signalling closes read when the first bytes of the answer's body have been read.
type signalling struct{ read chan struct{} }

func (s signalling) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := delivery.NewTransport(delivery.TransportOptions{}).RoundTrip(req)
	if err == nil {
		body := resp.Body
		first := true
		resp.Body = struct {
			io.Reader
			io.Closer
		}{readerFunc(func(p []byte) (int, error) {
			n, err := body.Read(p)
			if first {
				first = false
				close(s.read)
			}
			return n, err
		}), body}
	}
	return resp, err
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func TestCancelled(t *testing.T) {
	for _, when := range []string{"before", "while it waits"} {
		t.Run(when, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			addr := raw(t, func(conn net.Conn) {
				if readRequest(bufio.NewReader(conn)) == nil {
					cancel()
					_, _ = io.Copy(io.Discard, conn)
				}
			})
			if when == "before" {
				cancel()
			}
			req, err := delivery.Endpoint{URL: "http://" + addr}.NewRequest(ctx, nil)
			if err != nil {
				t.Fatal(err)
			}
			wantFailure(t, new(delivery.Sender).Send(req, nil), delivery.FailCanceled)
		})
	}
}

// TestFailuresOfOtherTransports: a decorator or another client may trace nothing.
func TestFailuresOfOtherTransports(t *testing.T) {
	tests := []struct {
		err  error
		want delivery.Failure
	}{
		{&net.DNSError{IsNotFound: true}, delivery.FailDNS},
		{syscall.ECONNREFUSED, delivery.FailRefused},
		{context.DeadlineExceeded, delivery.FailTimeout},
		{syscall.ECONNRESET, delivery.FailReset},
		{io.ErrUnexpectedEOF, delivery.FailClosed},
		{errors.New("what is this"), delivery.FailOther},
	}
	for _, tt := range tests {
		got := send(t, &delivery.Sender{Transport: roundTrip(func(*http.Request) (*http.Response, error) { return nil, tt.err })}, "http://h/")
		wantFailure(t, got, tt.want)
		if !errors.Is(got.Err, tt.err) {
			t.Errorf("got error %v, want %v in it", got.Err, tt.err)
		}
	}
	a := send(t, &delivery.Sender{Transport: roundTrip(func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: 200, Body: io.NopCloser(iotest.ErrReader(errors.New("malformed chunk")))}, nil
	})}, "http://h/")
	wantFailure(t, a, delivery.FailProtocol)
}

// TestTimeoutOfOtherTransports: what they return of their request's context says
// only that it is canceled.
func TestTimeoutOfOtherTransports(t *testing.T) {
	for name, of := range map[string]func(context.Context) error{"error": context.Context.Err, "cause": context.Cause} {
		synctest.Test(t, func(t *testing.T) {
			a := send(t, &delivery.Sender{Transport: roundTrip(func(req *http.Request) (*http.Response, error) {
				<-req.Context().Done()
				return nil, of(req.Context())
			})}, "http://h/")
			wantFailure(t, a, delivery.FailTimeout)
			if !errors.Is(a.Err, context.DeadlineExceeded) || a.Timing.Total != delivery.DefaultTimeout {
				t.Errorf("%s: got %v after %s, want the deadline's after %s", name, a.Err, a.Timing.Total, delivery.DefaultTimeout)
			}
		})
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }
