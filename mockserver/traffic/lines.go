package traffic

import (
	"net/http"
	"sync"

	"hookproof/mockserver/delivery"
)

// Lines keeps the connections of a run between its parts. The zero value is ready; it
// is safe for concurrent use, of parts of the same run.
type Lines struct {
	mu    sync.Mutex
	to    *endpoint
	lines []line
}

// endpoint is where they all lead.
func (l *Lines) endpoint(o *Options) (*endpoint, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.to == nil {
		to, err := newEndpoint(o.Endpoint, delivery.TransportOptions{RootCAs: o.RootCAs, Dial: o.Dial})
		if err != nil {
			return nil, err
		}
		l.to = to
	}
	return l.to, nil
}

// take returns as many as the options say, new ones if need be.
func (l *Lines) take(to *endpoint, o *Options) []line {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := min(o.Connections, len(l.lines))
	lines := append([]line(nil), l.lines[len(l.lines)-n:]...)
	l.lines = l.lines[:len(l.lines)-n]
	var t *http.Transport
	for i := 0; len(lines) < o.Connections; i++ {
		if o.HTTP2 {
			if i%streamsPerConn == 0 {
				t = http2Transport(to)
			}
			lines = append(lines, newHTTP2(to, t))
			continue
		}
		lines = append(lines, newHTTP1(to))
	}
	return lines
}

// put gives lines back.
func (l *Lines) put(lines []line) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, one := range lines {
		if one.usable() {
			l.lines = append(l.lines, one)
		} else {
			one.close()
		}
	}
}

// Close closes all connections that no part uses.
func (l *Lines) Close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, one := range l.lines {
		one.close()
	}
	l.lines = nil
}
