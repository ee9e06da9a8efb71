package traffic

import (
	"net"
	"os"
	"syscall"
	"unsafe"
)

// rawOf gives access to the socket of a plain TCP connection, nil for any other.
func rawOf(c net.Conn) syscall.RawConn {
	t, ok := c.(*net.TCPConn)
	if !ok {
		return nil
	}
	raw, err := t.SyscallConn()
	if err != nil {
		return nil
	}
	return raw
}

// write sends the request, and over plain TCP waits for the beginning of the answer
// as well, which the connection's next read then finds.
//
// A read that begins too early costs a system call that finds nothing, and each call
// through net costs as much again in locks and in the scheduler. So the request is
// written from within the wait for the answer, which what comes afterwards ends, and
// by calls that the scheduler is not told of, since sockets of Go never block in them.
func (l *http1) write() (n int, err error) {
	if l.raw == nil {
		return l.conn.Write(l.out)
	}
	begun := false
	_ = l.raw.Read(func(fd uintptr) (done bool) { // what fails here fails in the next read
		if !begun {
			begun = true
			n, err = l.put(fd)
			return n < len(l.out)
		}
		return l.get(fd)
	})
	return l.writeRest(n, err)
}

// put writes as much of the request as the socket takes.
func (l *http1) put(fd uintptr) (n int, err error) {
	r, _, e := syscall.RawSyscall(syscall.SYS_WRITE, fd, uintptr(unsafe.Pointer(&l.out[0])), uintptr(len(l.out)))
	switch e {
	case 0:
		return int(r), nil
	case syscall.EAGAIN, syscall.EINTR:
		return 0, nil
	}
	return 0, os.NewSyscallError("write", e)
}

// get reads the beginning of an answer, and tells whether there was one, or an end.
func (l *http1) get(fd uintptr) bool {
	r, _, e := syscall.RawSyscall(syscall.SYS_READ, fd, uintptr(unsafe.Pointer(&l.early[0])), uintptr(len(l.early)))
	switch e {
	case 0:
		l.counted.ahead = l.early[:r]
	case syscall.EAGAIN:
		return false
	case syscall.EINTR:
	default:
		l.counted.err = os.NewSyscallError("read", e) // a socket says it only once
	}
	return true
}

// writeRest writes what put has left.
func (l *http1) writeRest(n int, err error) (int, error) {
	if n == len(l.out) || err != nil {
		return n, err
	}
	m, err := l.conn.Write(l.out[n:])
	return n + m, err
}
