package conformance

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"time"

	"hookproof/mockserver/delivery"
)

// wire is a connection on which a check writes bytes of its own, for what no
// HTTP client does.
type wire struct {
	net.Conn
	in *bufio.Reader
}

// openWire connects to the target, over TLS if its URL says so.
func (s *session) openWire(ctx context.Context) (*wire, error) {
	conn, err := s.net.dial(ctx, "tcp", "")
	if err != nil {
		return nil, err
	}
	if s.target.Scheme == "https" {
		secure := tls.Client(conn, &tls.Config{ServerName: s.target.Hostname(), RootCAs: s.opts.RootCAs, MinVersion: tls.VersionTLS12})
		if err := secure.HandshakeContext(ctx); err != nil {
			conn.Close()
			return nil, err
		}
		conn = secure
	}
	return &wire{conn, bufio.NewReader(conn)}, nil
}

// finish tells the receiver that nothing more comes, and leaves its answer to be read.
func (w *wire) finish() error {
	if c, ok := w.Conn.(interface{ CloseWrite() error }); ok {
		return c.CloseWrite()
	}
	return nil
}

// reset ends the connection with RST where TCP is below.
func (w *wire) reset() {
	conn := w.Conn
	if secure, ok := conn.(*tls.Conn); ok {
		conn = secure.NetConn()
	}
	if c, ok := conn.(interface{ SetLinger(int) error }); ok {
		_ = c.SetLinger(0) // without it the connection only closes, which is as good a test
	}
	conn.Close()
}

// written is a request as it goes over the wire: its head and its body.
func written(r *http.Request) (head, body []byte, err error) {
	var b bytes.Buffer
	if err := r.Write(&b); err != nil {
		return nil, nil, err
	}
	at := bytes.Index(b.Bytes(), []byte("\r\n\r\n")) + len("\r\n\r\n")
	return b.Bytes()[:at:at], b.Bytes()[at:], nil
}

// sendWire makes a delivery on a wire: play writes it, and the answer is read
// and stored as that of any other. Whatever comes after it is for then to read.
func (p *Pass) sendWire(ctx context.Context, pr probe, play func(w *wire, head, body []byte) error, then ...func(*wire)) (*sent, error) {
	if !p.s.keepPace(ctx, 1) {
		return nil, ctx.Err()
	}
	req, err := p.s.request(ctx, p.Check.ID, pr)
	if err != nil {
		return nil, err
	}
	head, body, err := written(req)
	if err != nil {
		return nil, err
	}
	x := &sent{check: p.Check.ID, kind: pr.kind, probe: pr, attempt: delivery.Attempt{
		Method: req.Method, URL: req.URL.String(), Header: req.Header, Body: pr.body, Limit: answerLimit, Start: time.Now(),
	}}
	a := &x.attempt
	w, err := p.s.openWire(ctx)
	at := delivery.Connecting
	if err == nil {
		defer w.Close()
		a.Remote, at = w.RemoteAddr().String(), delivery.Exchanging
		if err = play(w, head, body); err == nil {
			err = p.hear(w, req, a)
		}
		if err == nil {
			for _, f := range then {
				f(w)
			}
		}
	}
	if err != nil {
		a.Err, a.Failure = err, delivery.FailureOf(err, at)
	}
	x.answer, x.why = judge(a)
	p.s.mu.Lock()
	p.s.sent = append(p.s.sent, x)
	p.s.mu.Unlock()
	return x, nil
}

// hear reads the next answer on a wire.
func (p *Pass) hear(w *wire, req *http.Request, a *delivery.Attempt) error {
	start := time.Now()
	if err := w.SetReadDeadline(start.Add(answerLimit)); err != nil {
		return err
	}
	resp, err := http.ReadResponse(w.in, req)
	for err == nil && resp.StatusCode >= 100 && resp.StatusCode < 200 { // interim, and without a body
		resp, err = http.ReadResponse(w.in, req)
	}
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	a.Status, a.Proto, a.Answer, a.WillClose = resp.StatusCode, resp.Proto, resp.Header, resp.Close
	a.Text, err = io.ReadAll(io.LimitReader(resp.Body, delivery.DefaultMaxAnswer))
	a.TextSize = int64(len(a.Text))
	a.Timing.LastByte = time.Since(start)
	return err
}

// all writes head and body at once.
func all(w *wire, head, body []byte) error {
	_, err := w.Write(append(bytes.Clone(head), body...))
	return err
}
