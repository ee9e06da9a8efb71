package delivery

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"time"
)

// rewrite sends req with another body of the same declared length; requests
// without a body go as they are.
func (f *faulty) rewrite(req *http.Request, wrap func(io.ReadCloser) io.ReadCloser) (*http.Response, error) {
	if req.Body == nil || req.ContentLength <= 0 {
		return f.next.RoundTrip(req)
	}
	f.note(req.Context())
	clone := req.WithContext(req.Context())
	clone.Body = wrap(req.Body)
	if req.GetBody != nil {
		clone.GetBody = func() (io.ReadCloser, error) {
			body, err := req.GetBody()
			if err != nil {
				return nil, err
			}
			return wrap(body), nil
		}
	}
	return f.next.RoundTrip(clone)
}

func corrupt(f *faulty, req *http.Request, random *rand.Rand) (*http.Response, error) {
	flips := map[int64]byte{}
	if size := req.ContentLength; size > 0 {
		for range 1 + random.IntN(8) {
			flips[random.Int64N(size)] = byte(1 + random.IntN(255))
		}
	}
	return f.rewrite(req, func(body io.ReadCloser) io.ReadCloser {
		return &corrupted{ReadCloser: body, flips: flips}
	})
}

// corrupted is a body with other bytes at some offsets.
type corrupted struct {
	io.ReadCloser
	flips map[int64]byte // what a byte is combined with by exclusive or, never 0
	at    int64
}

func (c *corrupted) Read(p []byte) (int, error) {
	n, err := c.ReadCloser.Read(p)
	for offset, flip := range c.flips {
		if i := offset - c.at; i >= 0 && i < int64(n) {
			p[i] ^= flip
		}
	}
	c.at += int64(n)
	return n, err
}

var errTruncated = fmt.Errorf("the body was cut on purpose: %w", io.ErrUnexpectedEOF)

func truncate(f *faulty, req *http.Request, random *rand.Rand) (*http.Response, error) {
	left := random.Int64N(max(req.ContentLength, 1))
	return f.rewrite(req, func(body io.ReadCloser) io.ReadCloser {
		return &truncated{body, left}
	})
}

// truncated is a body that fails before its end. net/http sends what came
// before, because it knows nothing of such a body, and closes the connection.
type truncated struct {
	io.ReadCloser
	left int64
}

func (t *truncated) Read(p []byte) (int, error) {
	if t.left == 0 {
		return 0, errTruncated
	}
	n, err := t.ReadCloser.Read(p[:min(int64(len(p)), t.left)])
	t.left -= int64(n)
	return n, err
}

// slowPieces is in how many pieces a slow body goes out.
const slowPieces = 16

func slowBody(f *faulty, req *http.Request, _ *rand.Rand) (*http.Response, error) {
	piece := (req.ContentLength + slowPieces - 1) / slowPieces
	perByte := float64(f.Time) / float64(max(req.ContentLength, 1))
	return f.rewrite(req, func(body io.ReadCloser) io.ReadCloser {
		return &slow{body, req.Context(), piece, perByte}
	})
}

// slow is a body that takes its time before each piece, until ctx ends. net/http
// sends each read as it comes, because it knows nothing of such a body.
type slow struct {
	io.ReadCloser
	ctx     context.Context
	piece   int64
	perByte float64 // nanoseconds
}

func (s *slow) Read(p []byte) (int, error) {
	n, err := s.ReadCloser.Read(p[:min(int64(len(p)), s.piece)])
	timer := time.NewTimer(time.Duration(float64(n) * s.perByte))
	defer timer.Stop()
	select {
	case <-timer.C:
		return n, err
	case <-s.ctx.Done():
		return 0, context.Cause(s.ctx)
	}
}
