package conformance

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"
)

// Bounds of what is done below HTTP.
const (
	resolveLimit = 5 * time.Second
	connectLimit = 2 * time.Second // documented as the provider's limit for a whole answer
	maxAddresses = 16
)

// special are the blocks of the IANA special-purpose registries that netip's
// own predicates leave out: no webhook can be delivered to them from outside.
var special = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"),
	netip.MustParsePrefix("100.64.0.0/10"), // carrier-grade NAT
	netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("192.0.2.0/24"), // documentation
	netip.MustParsePrefix("198.18.0.0/15"),
	netip.MustParsePrefix("198.51.100.0/24"),
	netip.MustParsePrefix("203.0.113.0/24"),
	netip.MustParsePrefix("240.0.0.0/4"),
	netip.MustParsePrefix("64:ff9b:1::/48"),
	netip.MustParsePrefix("100::/64"),
	netip.MustParsePrefix("2001:db8::/32"),
	netip.MustParsePrefix("3fff::/20"),
	netip.MustParsePrefix("fec0::/10"),
}

// public tells whether an address can be reached from the internet.
func public(a netip.Addr) bool {
	a = a.Unmap()
	if !a.IsGlobalUnicast() || a.IsPrivate() {
		return false
	}
	return !slices.ContainsFunc(special, func(p netip.Prefix) bool { return p.Contains(a) })
}

// network holds the addresses of the target, resolved once and pinned.
type network struct {
	host, port string
	addrs      []netip.Addr
	err        error
	dialer     func(ctx context.Context, network, addr string) (net.Conn, error)

	mu       sync.Mutex
	first    int // index of the address that connected last
	connects []time.Duration
}

func resolve(ctx context.Context, host, port string, o *Options) *network {
	n := &network{host: host, port: port, dialer: o.Dial}
	if n.dialer == nil {
		n.dialer = (&net.Dialer{}).DialContext
	}
	ctx, cancel := context.WithTimeout(ctx, resolveLimit)
	defer cancel()
	if a, err := netip.ParseAddr(strings.Trim(host, "[]")); err == nil {
		n.addrs = []netip.Addr{a.Unmap()}
		return n
	}
	lookup := o.Resolve
	if lookup == nil {
		lookup = func(ctx context.Context, host string) ([]netip.Addr, error) {
			return net.DefaultResolver.LookupNetIP(ctx, "ip", host)
		}
	}
	addrs, err := lookup(ctx, host)
	for i := range addrs {
		addrs[i] = addrs[i].Unmap()
	}
	n.addrs, n.err = addrs[:min(len(addrs), maxAddresses)], err
	if err == nil && len(addrs) == 0 {
		n.err = &net.DNSError{Err: "no address", Name: host, IsNotFound: true}
	}
	return n
}

// private tells whether there are addresses and none of them is public.
func (n *network) private() bool {
	return len(n.addrs) > 0 && !slices.ContainsFunc(n.addrs, public)
}

// keepPublic drops the addresses that a certifying run must not talk to.
func (n *network) keepPublic() {
	n.addrs = slices.DeleteFunc(n.addrs, func(a netip.Addr) bool { return !public(a) })
}

// dial connects to the target whatever address is asked for: names were
// resolved once, and a second answer of the name server changes nothing.
func (n *network) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	if n.err != nil {
		return nil, n.err
	}
	n.mu.Lock()
	first := n.first
	n.mu.Unlock()
	var last error = fmt.Errorf("%s has no address that may be used", n.host)
	for i := range n.addrs {
		at := (first + i) % len(n.addrs)
		conn, took, err := n.connect(ctx, n.addrs[at])
		if err == nil {
			n.mu.Lock()
			n.first = at
			n.connects = append(n.connects, took)
			n.mu.Unlock()
			return conn, nil
		}
		last = err
		if ctx.Err() != nil {
			break
		}
	}
	return nil, last
}

func (n *network) connect(ctx context.Context, a netip.Addr) (net.Conn, time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, connectLimit)
	defer cancel()
	start := time.Now()
	conn, err := n.dialer(ctx, "tcp", net.JoinHostPort(a.String(), n.port))
	return conn, time.Since(start), err
}

// roundTrip is the median time to connect, 0 before anything connected.
func (n *network) roundTrip() time.Duration {
	n.mu.Lock()
	defer n.mu.Unlock()
	return median(n.connects)
}

func median(d []time.Duration) time.Duration {
	if len(d) == 0 {
		return 0
	}
	d = slices.Sorted(slices.Values(d))
	return d[len(d)/2]
}

// percentile returns the nearest-rank percentile p (0 < p ≤ 100) of d, which is not empty.
func percentile(d []time.Duration, p int) time.Duration {
	d = slices.Sorted(slices.Values(d))
	return d[(len(d)*p+99)/100-1]
}
