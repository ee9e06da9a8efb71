//go:build unix

package traffic

import (
	"crypto/tls"
	"net"
	"syscall"

	"golang.org/x/sys/unix"
)

// closedByPeer tells whether the receiver has closed a connection that nobody uses.
// What it has sent unasked, such as the end of a TLS session, makes it useless too.
func closedByPeer(conn net.Conn) bool {
	if t, ok := conn.(*tls.Conn); ok {
		conn = t.NetConn()
	}
	sc, ok := conn.(syscall.Conn)
	if !ok {
		return false
	}
	raw, err := sc.SyscallConn()
	if err != nil {
		return true
	}
	closed := false
	err = raw.Read(func(fd uintptr) bool {
		var b [1]byte
		n, _, err := unix.Recvfrom(int(fd), b[:], unix.MSG_PEEK|unix.MSG_DONTWAIT)
		closed = n > 0 || err == nil || err != unix.EAGAIN && err != unix.EWOULDBLOCK && err != unix.EINTR
		return true
	})
	return closed || err != nil
}
