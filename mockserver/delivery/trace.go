package delivery

import (
	"crypto/tls"
	"net"
	"net/http/httptrace"
	"net/netip"
	"time"
)

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
				c.at, c.reused, c.remote = phaseSent, i.Reused, hostPort(i.Conn.RemoteAddr())
				if i.Reused {
					c.dns, c.connect, c.tls = 0, 0, 0
				}
			})
		},
		WroteRequest:         func(httptrace.WroteRequestInfo) { c.do(func(now time.Time) { c.wroteAt = now }) },
		GotFirstResponseByte: func() { c.do(func(now time.Time) { c.firstAt = now }) },
	}
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

// hostPort is addr.String with fewer allocations.
func hostPort(addr net.Addr) string {
	tcp, ok := addr.(*net.TCPAddr)
	if !ok {
		return addr.String()
	}
	ap := tcp.AddrPort()
	return netip.AddrPortFrom(ap.Addr().Unmap(), ap.Port()).String()
}
