package traffic

import (
	"context"
	"net/http"
	"time"

	"hookproof/mockserver/delivery"
)

// streamsPerConn is how many lines share an HTTP/2 connection: receivers let about
// 100 to 250 streams be open on one.
const streamsPerConn = 64

// http2 is a line over streams of a connection that others use as well.
type http2 struct {
	to     *endpoint
	sender delivery.Sender
	ctx    context.Context // ends with abort
	end    context.CancelFunc
}

// http2Transport returns a transport for streamsPerConn lines.
func http2Transport(to *endpoint) *http.Transport {
	t := to.transport.Clone()
	t.Protocols = new(http.Protocols)
	t.Protocols.SetHTTP2(true)
	t.Protocols.SetUnencryptedHTTP2(!to.https)
	return t
}

func newHTTP2(to *endpoint, t *http.Transport) *http2 {
	l := &http2{to: to, sender: delivery.Sender{Transport: t, MaxAnswer: 1}}
	l.ctx, l.end = context.WithCancel(context.Background())
	return l
}

func (l *http2) exchange(body []byte, deadline time.Time) outcome {
	req, err := l.to.NewRequest(l.ctx, body)
	if err != nil {
		return failed(err, delivery.Connecting)
	}
	sender := l.sender
	sender.Timeout = max(1, time.Until(deadline))
	a := sender.Send(req, body)
	o := outcome{status: a.Status, failure: a.Failure, err: a.Err, opened: !a.Reused && a.Remote != "", out: len(body), in: int(a.TextSize)}
	if o.failure != "" {
		o.status = 0
	}
	return o
}

func (l *http2) abort()       { l.end() }
func (l *http2) usable() bool { return l.ctx.Err() == nil }

func (l *http2) close() {
	l.end()
	if t, ok := l.sender.Transport.(*http.Transport); ok {
		t.CloseIdleConnections()
	}
}
