//go:build !linux

package traffic

import (
	"net"
	"syscall"
)

func rawOf(net.Conn) syscall.RawConn { return nil }

// write sends the request.
func (l *http1) write() (int, error) { return l.conn.Write(l.out) }
