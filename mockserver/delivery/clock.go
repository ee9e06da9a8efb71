package delivery

import (
	"crypto/tls"
	"net/http/httptrace"
	"sync"
	"time"
)

// phase is how far an attempt has got.
type phase int

const (
	phaseNone phase = iota // the transport has not asked for a connection, or traces nothing
	phaseConnect
	phaseTLS
	phaseSent
)

// clock takes an attempt's times. Its callbacks may still run when the attempt
// has been given up, hence the mutex.
type clock struct {
	start time.Time

	mu                      sync.Mutex
	dnsAt, connectAt, tlsAt time.Time
	dns, connect, tls       time.Duration
	wroteAt, firstAt        time.Time
	at                      phase
	remote                  string
	reused                  bool
}

func newClock() *clock { return &clock{start: time.Now()} }

func (c *clock) do(f func(now time.Time)) {
	now := time.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	f(now)
}

// dialing is do for the callbacks of a connection being made. The transport may
// go on with that in the background when another connection has become free
// for the attempt: what happens then is not part of it.
func (c *clock) dialing(f func(now time.Time)) {
	c.do(func(now time.Time) {
		if c.at != phaseSent {
			f(now)
		}
	})
}

func (c *clock) trace() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		// Called again when a kept connection turned out to be dead and the
		// transport, having written nothing to it, takes another.
		GetConn: func(string) {
			c.do(func(time.Time) { c.at, c.dns, c.connect, c.tls = phaseConnect, 0, 0, 0 })
		},
		DNSStart:     func(httptrace.DNSStartInfo) { c.dialing(func(now time.Time) { c.dnsAt = now }) },
		DNSDone:      func(httptrace.DNSDoneInfo) { c.dialing(func(now time.Time) { c.dns = now.Sub(c.dnsAt) }) },
		ConnectStart: func(string, string) { c.dialing(func(now time.Time) { c.connectAt = now }) },
		ConnectDone: func(_, _ string, err error) {
			c.dialing(func(now time.Time) {
				if err == nil {
					c.connect = now.Sub(c.connectAt)
				}
			})
		},
		TLSHandshakeStart: func() { c.dialing(func(now time.Time) { c.tlsAt, c.at = now, phaseTLS }) },
		TLSHandshakeDone: func(tls.ConnectionState, error) {
			c.dialing(func(now time.Time) { c.tls = now.Sub(c.tlsAt) })
		},
		GotConn: func(i httptrace.GotConnInfo) {
			c.do(func(time.Time) {
				c.at, c.reused, c.remote = phaseSent, i.Reused, i.Conn.RemoteAddr().String()
				if i.Reused {
					c.dns, c.connect, c.tls = 0, 0, 0
				}
			})
		},
		WroteRequest:         func(httptrace.WroteRequestInfo) { c.do(func(now time.Time) { c.wroteAt = now }) },
		GotFirstResponseByte: func() { c.do(func(now time.Time) { c.firstAt = now }) },
	}
}

// sent notes that an answer came, for transports that trace nothing.
func (c *clock) sent() { c.do(func(time.Time) { c.at = phaseSent }) }

func (c *clock) reached() phase {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

// finish writes the times into a; the attempt ends now.
func (c *clock) finish(a *Attempt) {
	c.do(func(now time.Time) {
		a.Remote, a.Reused = c.remote, c.reused
		a.Timing = Timing{DNS: c.dns, Connect: c.connect, TLS: c.tls, Total: now.Sub(c.start)}
		// A receiver may answer before it has read the request to its end: then
		// the wait is zero, never negative.
		if wrote := c.wroteAt; !wrote.IsZero() {
			if !c.firstAt.IsZero() {
				a.Timing.FirstByte = max(c.firstAt.Sub(wrote), 0)
			}
			a.Timing.LastByte = max(now.Sub(wrote), 0)
		}
	})
}
