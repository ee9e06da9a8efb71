package traffic

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"net"
	"os"
	"strconv"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/valyala/fasthttp"

	"hookproof/mockserver/delivery"
)

const (
	// headRoom bounds the head of an answer.
	headRoom = 16 << 10
	// maxInterim bounds the 1xx answers before the answer.
	maxInterim = 10
	// idleCheck is for how long a connection may have been idle to be used without
	// a look at whether the receiver has closed it meanwhile.
	idleCheck = 20 * time.Millisecond
)

// http1 is a line over one connection, which is made when it is needed. net/http's
// own client spends more on handing requests between goroutines than all else takes.
type http1 struct {
	to      *endpoint
	aborted atomic.Bool
	conn    net.Conn
	shared  atomic.Pointer[net.Conn] // conn, for abort
	raw     syscall.RawConn          // of conn, if it can be used
	in      *bufio.Reader
	counted counter
	out     []byte
	early   [512]byte // the beginning of an answer: see write
	answer  fasthttp.ResponseHeader
	used    time.Time // when the last exchange ended
	resting resting   // see idle
}

// requestHead returns what net/http sends before the body of a delivery, in two
// parts: up to the body's length, and from there.
func requestHead(e delivery.Endpoint) (head, rest []byte, err error) {
	req, err := e.NewRequest(context.Background(), []byte("1"))
	if err != nil {
		return nil, nil, err
	}
	var all bytes.Buffer
	if err := req.Write(&all); err != nil {
		return nil, nil, err
	}
	text, ok := bytes.CutSuffix(all.Bytes(), []byte("1"))
	length := []byte("\r\nContent-Length: 1\r\n")
	i := bytes.LastIndex(text, length)
	if !ok || i < 0 {
		return nil, nil, errors.New("net/http sent no Content-Length")
	}
	number := i + len(length) - len("1\r\n")
	return text[:number:number], text[number+1:], nil
}

func newHTTP1(to *endpoint) *http1 {
	l := &http1{to: to, in: bufio.NewReaderSize(nil, headRoom)}
	l.answer.DisableNormalizing()
	return l
}

func (l *http1) exchange(body []byte, deadline time.Time) outcome {
	if l.aborted.Load() {
		return failed(context.Canceled, delivery.Connecting)
	}
	if l.conn != nil && time.Since(l.used) > idleCheck {
		_ = l.conn.SetDeadline(deadline) // that of the last exchange may have passed
		if closedByPeer(l.conn) {
			l.close()
		}
	}
	opened := false
	if l.conn == nil {
		if o := l.open(deadline); o != nil {
			return *o
		}
		opened = true
	}
	o, keep := l.on(body, deadline)
	o.opened = opened
	l.ended(&o, keep)
	return o
}

// ended is what follows every exchange.
func (l *http1) ended(o *outcome, keep bool) {
	if l.used = time.Now(); !keep {
		l.close()
	}
	if o.failure != "" && l.aborted.Load() {
		o.failure, o.err = delivery.FailCanceled, context.Canceled
	}
}

// open makes the connection.
func (l *http1) open(deadline time.Time) *outcome {
	ctx, cancel := context.WithDeadline(context.Background(), deadline)
	defer cancel()
	conn, o := l.to.connect(ctx)
	if o != nil {
		if ctx.Err() != nil { // which of the two noticed first is chance
			o.failure = delivery.FailTimeout
		}
		return o
	}
	l.conn, l.counted = conn, counter{Conn: conn}
	l.shared.Store(&conn)
	l.in.Reset(&l.counted)
	l.raw = rawOf(conn)
	return nil
}

// on makes an exchange on the connection, and tells whether it can carry another.
func (l *http1) on(body []byte, deadline time.Time) (o outcome, keep bool) {
	_ = l.conn.SetDeadline(deadline) // what is wrong with the connection shows at once
	if l.aborted.Load() {            // before the deadline was moved
		return failed(context.Canceled, delivery.Exchanging), false
	}
	l.compose(body)
	wrote, err := l.write()
	return l.conclude(wrote, err)
}

// compose makes the request.
func (l *http1) compose(body []byte) {
	l.out = append(l.out[:0], l.to.head...)
	l.out = strconv.AppendInt(l.out, int64(len(body)), 10)
	l.out = append(append(l.out, l.to.rest...), body...)
	l.counted.n, l.counted.err = 0, nil
}

// conclude reads the answer to a request of which so much was written.
func (l *http1) conclude(wrote int, err error) (o outcome, keep bool) {
	if err != nil && wrote < len(l.out) && errors.Is(err, os.ErrDeadlineExceeded) {
		o = failed(err, delivery.Exchanging)
		o.out = wrote
		return o, false
	}
	// A receiver may answer before it has read everything, and close: the answer counts.
	status, keep, readErr := l.read()
	switch {
	case readErr == nil:
		o = outcome{status: status}
		// What came unasked would be taken for the next answer.
		keep = keep && err == nil && l.in.Buffered() == 0 && len(l.counted.ahead) == 0
	case err != nil:
		o, keep = failed(err, delivery.Exchanging), false
	default:
		o, keep = failed(readErr, delivery.Exchanging), false
		if errors.Is(readErr, errEndless) {
			o.failure = delivery.FailOversize
		}
	}
	o.out, o.in = wrote, l.counted.n
	return o, keep
}

func (l *http1) abort() {
	l.aborted.Store(true)
	if conn := l.shared.Load(); conn != nil {
		_ = (*conn).SetDeadline(time.Unix(1, 0))
	}
}

func (l *http1) usable() bool { return !l.aborted.Load() }

func (l *http1) close() {
	if l.conn != nil {
		l.conn.Close()
		l.conn = nil
		l.shared.Store(nil)
	}
}
