package main

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"net/url"
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

// check refuses a mapping of a host that is not the target's: the run would go
// to the target's real address instead of the one that was meant.
func (r resolveFlag) check(target string) error {
	u, err := url.Parse(target)
	if err != nil {
		return nil // for others to refuse
	}
	for host := range r {
		if !strings.EqualFold(host, u.Hostname()) {
			return usagef("--resolve: is for another host than that of the URL, %s", printable(u.Hostname()))
		}
	}
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
