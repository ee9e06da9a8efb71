package traffic

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httputil"

	"github.com/valyala/fasthttp"

	"hookproof/mockserver/delivery"
)

// counter counts what is read.
type counter struct {
	net.Conn
	n     int
	ahead []byte // was read already
	err   error  // how reading ended
}

func (c *counter) Read(p []byte) (int, error) {
	if len(c.ahead) > 0 {
		n := copy(p, c.ahead)
		c.ahead = c.ahead[n:]
		c.n += n
		return n, nil
	}
	if c.err != nil {
		return 0, c.err
	}
	n, err := c.Conn.Read(p)
	c.n, c.err = c.n+n, err
	return n, err
}

// read reads an answer, and tells whether another may follow.
func (l *http1) read() (status int, keep bool, err error) {
	for range maxInterim {
		if err := l.answer.Read(l.in); err != nil {
			return 0, false, l.headError(err)
		}
		status = l.answer.StatusCode()
		if status >= 200 || status == http.StatusSwitchingProtocols {
			keep, err = l.discard(status)
			return status, keep && !l.answer.ConnectionClose() && status >= 200, err
		}
	}
	return 0, false, fmt.Errorf("more than %d interim answers", maxInterim)
}

// headError hides what the library quotes of the answer.
func (l *http1) headError(err error) error {
	var small *fasthttp.ErrSmallBuffer
	switch {
	case l.counted.err != nil && !errors.Is(l.counted.err, io.EOF):
		return l.counted.err // which the library takes for an end
	case errors.As(err, &small):
		return fmt.Errorf("the head of the answer is longer than %d bytes", headRoom)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return io.ErrUnexpectedEOF
	}
	return err
}

// errEndless means that a body goes on beyond what a delivery reads.
var errEndless = errors.New("the body of the answer is too long")

// discard reads the body, and tells whether the connection still has an end.
func (l *http1) discard(status int) (keep bool, err error) {
	if status == http.StatusNoContent || status == http.StatusNotModified || status < 200 {
		return true, nil
	}
	length := l.answer.ContentLength()
	var n int64
	switch {
	case length > delivery.DefaultMaxRead:
		return false, errEndless
	case length >= 0:
		_, err = l.in.Discard(length)
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return err == nil, err
	case length == -1: // chunked
		n, err = io.CopyN(io.Discard, httputil.NewChunkedReader(l.in), delivery.DefaultMaxRead+1)
		if errors.Is(err, io.EOF) {
			keep, err = true, l.trailers()
		}
	default: // until the connection ends
		n, err = io.CopyN(io.Discard, l.in, delivery.DefaultMaxRead+1)
		if errors.Is(err, io.EOF) {
			err = nil
		}
	}
	if n > delivery.DefaultMaxRead {
		return false, errEndless
	}
	return keep && err == nil, err
}

// trailers reads what may follow the last chunk, up to the empty line.
func (l *http1) trailers() error {
	for read := 0; read < headRoom; {
		text, err := l.in.ReadSlice('\n')
		if err != nil {
			if errors.Is(err, io.EOF) {
				err = io.ErrUnexpectedEOF
			}
			return err
		}
		if read += len(text); len(bytes.TrimRight(text, "\r\n")) == 0 {
			return nil
		}
	}
	return fmt.Errorf("the trailers of the answer are longer than %d bytes", headRoom)
}
