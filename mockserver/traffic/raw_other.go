//go:build !linux

package traffic

import (
	"net"
	"syscall"
)

func rawOf(net.Conn) syscall.RawConn { return nil }

// write sends the request.
func (l *http1) write() (int, error) { return l.conn.Write(l.out) }

// put and get are for connections that rawOf knows.
func (l *http1) put(uintptr) (int, error) { return 0, nil }

func (l *http1) get(uintptr) bool { return true }

func (l *http1) writeRest(int, error) (int, error) { return l.conn.Write(l.out) }
