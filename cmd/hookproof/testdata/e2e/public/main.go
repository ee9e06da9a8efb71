//go:build linux

// Command public gives the loopback interface of the network namespace in which it was
// started a public address and becomes another command: public ADDRESS COMMAND ARG….
package main

import (
	"fmt"
	"net/netip"
	"os"
	"os/exec"

	"golang.org/x/sys/unix"
)

func main() {
	if len(os.Args) < 3 {
		fail(fmt.Errorf("usage: public ADDRESS COMMAND ARG…"))
	}
	address, err := netip.ParseAddr(os.Args[1])
	fail(err)
	socket, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM, 0)
	fail(err)
	set(socket, "lo", unix.SIOCSIFFLAGS, func(r *unix.Ifreq) error { r.SetUint16(unix.IFF_UP | unix.IFF_RUNNING); return nil })
	set(socket, "lo:1", unix.SIOCSIFADDR, func(r *unix.Ifreq) error { return r.SetInet4Addr(address.AsSlice()) })
	path, err := exec.LookPath(os.Args[2])
	fail(err)
	fail(unix.Exec(path, os.Args[2:], os.Environ()))
}

// set changes one thing about an interface.
func set(socket int, name string, request uint, change func(*unix.Ifreq) error) {
	r, err := unix.NewIfreq(name)
	fail(err)
	fail(change(r))
	fail(unix.IoctlIfreq(socket, request, r))
}

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "public:", err)
		os.Exit(1)
	}
}
