package main

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strings"
)

// resolveFlag maps hosts to the addresses to use for them.
type resolveFlag map[string][]netip.Addr

func (r *resolveFlag) String() string { return "" }
func (r *resolveFlag) Type() string   { return "HOST:ADDRESS" }

func (r *resolveFlag) Set(s string) error {
	host, address, _ := strings.Cut(s, ":")
	address = strings.TrimSuffix(strings.TrimPrefix(address, "["), "]")
	addr, err := netip.ParseAddr(address)
	if err != nil || host == "" {
		return errors.New("want HOST:ADDRESS, such as staging.example.com:192.0.2.7")
	}
	if *r == nil {
		*r = resolveFlag{}
	}
	host = strings.ToLower(host)
	(*r)[host] = append((*r)[host], addr)
	return nil
}

// lookup is a resolver that asks the system about all other hosts, nil if no
// host is mapped.
func (r resolveFlag) lookup() func(context.Context, string) ([]netip.Addr, error) {
	if r == nil {
		return nil
	}
	return func(ctx context.Context, host string) ([]netip.Addr, error) {
		if addrs, ok := r[strings.ToLower(host)]; ok {
			return addrs, nil
		}
		return net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	}
}
