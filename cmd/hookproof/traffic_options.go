package main

import (
	"crypto/x509"
	"errors"
	"iter"
	"math/rand/v2"
	"net/netip"
	"net/url"
	"os"
	"strings"
	"time"

	"hookproof/fixtures"
	"hookproof/mockserver/delivery"
	"hookproof/mockserver/traffic"
	"hookproof/schemas"
)

// trafficPlan is what a run is made of, on this machine or on others.
type trafficPlan struct {
	URL, Username, Password string
	AllowHTTP               bool
	CA                      []byte // PEM; nil is the system's authorities
	Arrivals                traffic.Arrivals
	Warmup                  time.Duration
	Connections             int
	HTTP2, Ordered          bool
	World                   fixtures.Options // without its mix
	Mix                     string
	Scenario                []byte // source of a scenario; nil is a world that lives
}

// plan makes the plan of the flags.
func (f *trafficFlags) plan(p *program, target string) (*trafficPlan, error) {
	t := &trafficPlan{
		URL: target, AllowHTTP: f.allowHTTP,
		Arrivals: traffic.Arrivals{Model: traffic.Model(f.arrival.value), Rate: traffic.Rate(f.rate), Duration: f.duration},
		Warmup:   f.warmup, Connections: f.connections, HTTP2: f.http2, Ordered: f.ordered,
	}
	if err := f.check(p, target); err != nil {
		return nil, err
	}
	var err error
	if t.Username, t.Password, err = f.auth.split(p.getenv); err != nil {
		return nil, err
	}
	if f.caFile != "" {
		if _, err := readRoots("ca-file", f.caFile); err != nil {
			return nil, err
		}
		if t.CA, err = os.ReadFile(f.caFile); err != nil {
			return nil, usagef("--ca-file %q: cannot be read: %w", f.caFile, cause(err))
		}
	}
	if t.World, err = f.people.options(f.given("seed")); err != nil {
		return nil, err
	}
	t.Mix, t.World.Mix = t.World.Mix.String(), fixtures.Mix{}
	t.World.AppID, t.World.WebhookID, t.World.UIDPrefix = "hookproof", "hookproof", "hpt-"
	if !f.given("seed") { // with one, the same bytes each time
		t.World.Start = time.Now().Add(-time.Hour)
	}
	t.Arrivals.Seed = rand.New(rand.NewPCG(f.people.seed, 1)).Uint64()
	if f.scenario != "" {
		s, err := f.findScenario(t.World)
		if err != nil {
			return nil, err
		}
		t.Scenario = s.Source
	}
	return t, nil
}

// check finds what is wrong with the flags on their own.
func (f *trafficFlags) check(p *program, target string) error {
	switch {
	case f.duration <= 0 || f.duration > traffic.MaxDuration:
		return usagef("--duration %s: want above 0 and at most %s", f.duration, traffic.MaxDuration)
	case f.warmup < 0 || f.warmup >= f.duration:
		return usagef("--warmup %s: want 0 or more, and less than the duration of %s", f.warmup, f.duration)
	case f.connections < 1 || f.connections > traffic.MaxConnections:
		return usagef("--connections %d: want 1 to %d", f.connections, traffic.MaxConnections)
	case f.http1 && f.http2:
		return usagef("--http1 and --http2: want one of them")
	case traffic.Rate(f.rate) == traffic.Max && f.given("arrival"):
		return usagef("--arrival: with --rate max nothing is scheduled: leave it out")
	case public(target) && !(f.yes && f.given("rate") && f.given("duration")):
		return usagef("URL: is a public address: want --yes, if it is yours to load, with --rate and --duration")
	}
	return f.checkWorkers(p)
}

func (f *trafficFlags) findScenario(w fixtures.Options) (*fixtures.Scenario, error) {
	for _, flag := range []string{"users", "groups", "mix"} {
		if f.given(flag) {
			return nil, usagef("--%s: a scenario has its own people and says what they do: leave it out", flag)
		}
	}
	if w.Generation == schemas.Legacy {
		return nil, usagef("--scenario: all that is told of scenarios is modern: leave out --generation legacy")
	}
	return findScenario("--scenario", f.scenario)
}

// options returns the run's, without a source.
func (t *trafficPlan) options() (traffic.Options, error) {
	o := traffic.Options{Arrivals: t.Arrivals, Warmup: t.Warmup, Connections: t.Connections, HTTP2: t.HTTP2}
	o.Endpoint = delivery.Endpoint{URL: t.URL, Username: t.Username, Password: t.Password, ContentType: delivery.LiveContentType}
	if t.World.Documented {
		o.Endpoint.ContentType = delivery.DocumentedContentType
	}
	if t.CA != nil {
		o.RootCAs = x509.NewCertPool()
		if !o.RootCAs.AppendCertsFromPEM(t.CA) {
			return o, errors.New("no certificates")
		}
	}
	o.Dial = (&sendFlags{allowHTTP: t.AllowHTTP}).dial(o.Endpoint)
	if t.Ordered {
		o.Conversation = (&fixtures.Conversations{}).Of
	}
	return o, nil
}

// source makes the events of part n, whose ids are none of any other part.
func (t *trafficPlan) source(n int, most int64) (traffic.Source, error) {
	w := t.World
	var err error
	if w.Mix, err = fixtures.ParseMix(t.Mix); err != nil {
		return nil, err
	}
	w.Seed += uint64(n)
	w.FirstID += int64(n) * most
	if t.Scenario == nil {
		return worldSource{fixtures.NewWorld(w)}, nil
	}
	s, err := fixtures.ParseScenario(t.Scenario)
	if err != nil {
		return nil, err
	}
	next, stop := iter.Pull2(plays(s, w))
	return scenarioSource{next, stop}, nil
}

// public reports whether a URL surely leads over other people's networks, or may.
func public(target string) bool {
	u, err := url.Parse(target)
	if err != nil {
		return false // it is refused for that
	}
	host := u.Hostname()
	if a, err := netip.ParseAddr(host); err == nil {
		return exposed(a)
	}
	return host != "localhost" && !strings.HasSuffix(host, ".localhost")
}

// plays yields the events of a scenario, which is played again and again, each time
// by a world of its own.
func plays(s *fixtures.Scenario, o fixtures.Options) iter.Seq2[[]byte, string] {
	return func(yield func([]byte, string) bool) {
		for {
			for d := range s.Run(fixtures.NewWorld(o)) {
				if !yield(d.Body, d.Trigger) {
					return
				}
			}
			o.Seed++
			o.FirstID += int64(2*s.Events() + 100) // more than it has messages and calls
		}
	}
}

// scenarioSource is a scenario as a source of traffic.
type scenarioSource struct {
	next func() ([]byte, string, bool)
	stop func()
}

// Close implements io.Closer.
func (s scenarioSource) Close() error {
	s.stop()
	return nil
}

// Next implements traffic.Source.
func (s scenarioSource) Next(dst []byte) ([]byte, string) {
	body, trigger, ok := s.next()
	if !ok {
		return nil, ""
	}
	return append(dst, body...), trigger
}

// worldSource is a world as a source of traffic.
type worldSource struct{ w *fixtures.World }

// Next implements traffic.Source.
func (s worldSource) Next(dst []byte) ([]byte, string) {
	all, trigger, _ := s.w.AppendNext(dst)
	return all, trigger
}

// trafficRate is a flag.
type trafficRate traffic.Rate

func (r *trafficRate) Type() string { return "RATE" }
func (r *trafficRate) String() string {
	if *r == 0 {
		return ""
	}
	return traffic.Rate(*r).String()
}
func (r *trafficRate) Set(text string) error {
	rate, err := traffic.ParseRate(text)
	*r = trafficRate(rate)
	return err
}

// conditions is a flag.
type conditions struct{ list []traffic.Condition }

func (c *conditions) Type() string { return "CONDITIONS" }
func (c *conditions) String() string {
	var all []string
	for _, one := range c.list {
		all = append(all, one.String())
	}
	return strings.Join(all, ",")
}

func (c *conditions) Set(text string) (err error) {
	c.list, err = traffic.ParseConditions(text)
	return err
}
