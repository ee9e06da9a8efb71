package conformance

import (
	"context"
	"net"
	"net/netip"
	"strings"

	"hookproof/mockserver/delivery"
)

func dnsIPv4() *Check {
	c := tlsCheck("dns-ipv4", "the host has an IPv4 address", Should, Judgement,
		"The host has at least one IPv4 address.", srcOurs,
		"The host's addresses are looked at. Skipped in mode dev.",
		Doc{
			Passes:       "At least one is IPv4; IPv6 only warns.",
			Alternatives: "IPv4 without IPv6.",

			Why: "Whether CometChat delivers over IPv6 is not documented.", Cause: "the host has an AAAA record only",
			Fix: "publish an A record as well",
		},
		func(_ context.Context, p *Pass) error {
			n := p.s.net
			switch {
			case p.s.mode == Dev:
				p.skip("mode dev allows any address")
			case len(n.addrs) == 0: // a matter of tls/dns-resolves or tls/dns-public
			default:
				for _, a := range n.addrs {
					if a.Is4() {
						return nil
					}
				}
				p.fail(nil, "no-ipv4", "%s has IPv6 addresses only: %s", n.host, addressList(n))
			}
			return nil
		})
	c.needs = needTransport
	return c
}

// maxServing is how many addresses are tried.
const maxServing = 4

func dnsAllServe() *Check {
	c := tlsCheck("dns-all-serve", "every address of the host serves", Should, Judgement,
		"An event is accepted at each address of the host.", srcOurs,
		"If the host has several addresses, the baseline goes to each of them, four at most. Skipped in mode dev.",
		Doc{
			Passes:       "2xx from each; an address that gives none warns.",
			Alternatives: "One address only. An IPv6 address that cannot be reached from here informs.",

			Why: "A sender picks any of the addresses; one that is dead costs some of the deliveries, at random.", Cause: "a machine was taken out of service and its record was left",
			Fix: "remove the records of addresses that do not serve",
		},
		func(ctx context.Context, p *Pass) error {
			if p.s.mode == Dev {
				p.skip("mode dev takes the address that answers")
				return nil
			}
			addrs := p.s.net.addrs[:min(len(p.s.net.addrs), maxServing)]
			if len(addrs) < 2 {
				return nil
			}
			for _, a := range addrs {
				if err := p.serves(ctx, a); err != nil {
					return err
				}
			}
			return nil
		})
	c.needs, c.phase, c.Impact, c.certain = needBaseline, phaseProbe, Events, true
	return c
}

func (p *Pass) serves(ctx context.Context, a netip.Addr) error {
	transport := delivery.NewTransport(delivery.TransportOptions{RootCAs: p.s.opts.RootCAs,
		Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
			conn, _, err := p.s.net.connect(ctx, a)
			return conn, err
		}})
	defer transport.CloseIdleConnections()
	body, err := p.s.plainEvent()
	if err != nil {
		return err
	}
	x, err := p.send(ctx, probe{body: body, transport: transport})
	switch {
	case err != nil:
		return err
	case x.answer == unclear:
		return &unclearError{a.String() + ": " + x.why}
	case !a.Is4() && !x.attempt.Answered():
		p.info(x, "no-ipv6-here", "the IPv6 address %s could not be reached from here: %s", a, describe(&x.attempt))
	case !x.accepted():
		p.fail(x, "dead-address", "%s is an address of %s, and an event is not accepted there: %s", a, p.s.net.host, describe(&x.attempt))
	}
	return nil
}

func usualPort() *Check {
	return tlsCheck("port", "the port is the usual one", May, Documented,
		"The port is usually 443.", srcEndpoint,
		"The URL is read.",
		Doc{
			Passes:       "The port is 443; another informs.",
			Alternatives: "Any port that the firewalls on the way let pass.",

			Why: "Firewalls on the way may let only the usual port pass.", Cause: "the URL names a port",
			Fix: "serve the webhook at port 443 if deliveries do not arrive",
		},
		func(_ context.Context, p *Pass) error {
			if p.s.net.port != "443" {
				p.info(nil, "other-port", "the port is %s; CometChat's documentation says that it is usually 443", p.s.net.port)
			}
			return nil
		})
}

func plainHTTPLure() *Check {
	c := tlsCheck("port80-nolure", "plain http does not take events", Should, Judgement,
		"An event that comes over plain http is not accepted.", srcOurs,
		"The baseline without credentials over plain http to port 80 of the host. Skipped in mode dev.",
		Doc{
			Passes:       "It is not accepted; 2xx warns.",
			Alternatives: "A closed port, a redirect to https and any 4xx or 5xx.",

			Why: "A URL with http by mistake would work, and show every message and the credentials on the way.", Cause: "the same server listens on port 80 without redirecting",
			Fix: "close port 80, or let it answer with a redirect to https only",
		},
		func(ctx context.Context, p *Pass) error {
			if p.s.mode == Dev {
				p.skip("mode dev allows http")
				return nil
			}
			u := *p.s.target
			u.Scheme, u.Host = "http", u.Hostname()
			if strings.Contains(u.Host, ":") {
				u.Host = "[" + u.Host + "]"
			}
			transport := delivery.NewTransport(delivery.TransportOptions{Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
				return p.s.net.dialPort(ctx, "80")
			}})
			defer transport.CloseIdleConnections()
			body, err := p.s.plainEvent()
			if err != nil {
				return err
			}
			x, err := p.send(ctx, probe{body: body, auth: noAuth, url: u.String(), transport: transport})
			if err == nil && x.accepted() {
				p.fail(x, "plain-http", "an event over plain http at port 80 was accepted with %s", status(x.attempt.Status))
			}
			return err
		})
	c.phase, c.lenient, c.certain = phaseProbe, true, true
	c.Cost = func(o *Options) Cost {
		if o.Mode == Dev {
			return Cost{}
		}
		return Cost{Requests: 1}
	}
	return c
}

// dialPort connects to another port of the target's first address.
func (n *network) dialPort(ctx context.Context, port string) (net.Conn, error) {
	if len(n.addrs) == 0 {
		return nil, n.err
	}
	ctx, cancel := context.WithTimeout(ctx, connectLimit)
	defer cancel()
	return n.dialer(ctx, "tcp", net.JoinHostPort(n.addrs[0].String(), port))
}

func strictTransport() *Check {
	c := tlsCheck("hsts", "browsers' strict transport security is not needed", May, Judgement,
		"Strict-Transport-Security is for browsers and neither required nor wrong.", srcOurs,
		"The answers of the run are read again.",
		Doc{
			Passes:       "Always; that Strict-Transport-Security is there informs.",
			Alternatives: "With the header or without it.",

			Why: "It tells that the host as a whole is served over https only.", Cause: "the server sets it for every answer",
			Fix: "nothing has to be done",
		},
		func(_ context.Context, p *Pass) error {
			for _, x := range p.s.stored() {
				if v := x.attempt.Answer.Get("Strict-Transport-Security"); v != "" {
					p.info(x, "hsts", "the answers carry Strict-Transport-Security: %s", cut(strings.ToValidUTF8(v, "�"), 80))
					return nil
				}
			}
			return nil
		})
	c.phase = phaseFinal
	return c
}
