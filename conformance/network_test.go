package conformance

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"slices"
	"testing"
	"time"
)

func TestPublicKnowsTheSpecialPurposeBlocks(t *testing.T) {
	for addr, want := range map[string]bool{
		"8.8.8.8": true, "1.1.1.1": true, "2606:4700::1111": true, "172.32.0.1": true, "100.128.0.1": true, "192.0.1.1": true,
		"127.0.0.1": false, "10.0.0.1": false, "172.16.0.1": false, "172.31.255.255": false, "192.168.0.1": false,
		"100.64.0.1": false, "100.127.255.255": false, "169.254.169.254": false, "0.0.0.0": false, "255.255.255.255": false,
		"224.0.0.1": false, "240.0.0.1": false, "192.0.2.1": false, "198.51.100.7": false, "203.0.113.7": false, "198.19.0.1": false,
		"::1": false, "::": false, "fe80::1": false, "fc00::1": false, "fd12::1": false, "2001:db8::1": false, "ff02::1": false,
		"::ffff:10.0.0.1": false, "::ffff:8.8.8.8": true, "fec0::1": false, "3fff::1": false,
	} {
		if got := public(netip.MustParseAddr(addr)); got != want {
			t.Errorf("public(%s) = %v, want %v", addr, got, want)
		}
	}
}

func TestDialPinsTheAddressesAndRemembersTheOneThatWorks(t *testing.T) {
	var dialled []string
	lookups := 0
	o := &Options{
		Resolve: func(context.Context, string) ([]netip.Addr, error) {
			lookups++
			return []netip.Addr{netip.MustParseAddr("8.8.8.8"), netip.MustParseAddr("::ffff:1.1.1.1")}, nil
		},
		Dial: func(_ context.Context, _, addr string) (net.Conn, error) {
			dialled = append(dialled, addr)
			if addr == "8.8.8.8:443" {
				return nil, errors.New("unreachable")
			}
			c, _ := net.Pipe()
			return c, nil
		},
	}
	n := resolve(t.Context(), "receiver.test", "443", o)
	for range 2 {
		c, err := n.dial(t.Context(), "tcp", "elsewhere.test:80")
		if err != nil {
			t.Fatal(err)
		}
		c.Close()
	}
	if want := []string{"8.8.8.8:443", "1.1.1.1:443", "1.1.1.1:443"}; !slices.Equal(dialled, want) || lookups != 1 {
		t.Errorf("dialled %v after %d lookups, want %v after one", dialled, lookups, want)
	}
}

func TestResolveBoundsTheAddresses(t *testing.T) {
	o := &Options{Resolve: func(context.Context, string) ([]netip.Addr, error) {
		return slices.Repeat([]netip.Addr{netip.MustParseAddr("8.8.8.8")}, 500), nil
	}}
	if got := len(resolve(t.Context(), "receiver.test", "443", o).addrs); got != maxAddresses {
		t.Errorf("%d addresses are kept, want %d", got, maxAddresses)
	}
	o.Resolve = func(context.Context, string) ([]netip.Addr, error) { return nil, nil }
	if n := resolve(t.Context(), "receiver.test", "443", o); n.err == nil {
		t.Errorf("no address is no error")
	}
}

func TestPercentileIsNearestRank(t *testing.T) {
	var d []time.Duration
	for i := 20; i > 0; i-- {
		d = append(d, time.Duration(i))
	}
	for p, want := range map[int]time.Duration{50: 10, 95: 19, 100: 20, 1: 1} {
		if got := percentile(d, p); got != want {
			t.Errorf("percentile(1…20, %d) = %d, want %d", p, got, want)
		}
	}
	if got := percentile([]time.Duration{7}, 95); got != 7 {
		t.Errorf("percentile of one = %d, want it", got)
	}
}

func TestAuthGapDependsOnTheMode(t *testing.T) {
	for _, c := range []struct {
		gap  time.Duration
		mode Mode
		want time.Duration
	}{{0, Certify, 200 * time.Millisecond}, {0, Dev, 0}, {time.Second, Dev, time.Second}, {-1, Certify, 0}} {
		if got := (&Options{AuthGap: c.gap}).authGap(c.mode); got != c.want {
			t.Errorf("authGap of %s in mode %s = %s, want %s", c.gap, c.mode, got, c.want)
		}
	}
}
