package main

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strings"
	"syscall"

	"hookproof/mockserver/delivery"
)

var errInClear = errors.New("http would show the credentials to anyone on the way to a public address: want https, or --allow-http")

// dial returns what connects to the endpoint: nil, the default, unless
// credentials could go out in clear. Then the address that a connection is about
// to be made to is looked at, whatever its name: the networks at home are fine.
func (f *sendFlags) dial(e delivery.Endpoint) func(context.Context, string, string) (net.Conn, error) {
	if f.allowHTTP || e.Username == "" || !strings.HasPrefix(strings.ToLower(e.URL), "http:") {
		return nil
	}
	return (&net.Dialer{
		Timeout: delivery.DefaultTimeout,
		Control: func(_, address string, _ syscall.RawConn) error {
			to, err := netip.ParseAddrPort(address)
			if err != nil || exposed(to.Addr()) {
				return errInClear
			}
			return nil
		},
	}).DialContext
}

// exposed tells whether the way to an address leads over other people's networks.
func exposed(a netip.Addr) bool {
	a = a.Unmap()
	return a.IsGlobalUnicast() && !a.IsPrivate()
}
