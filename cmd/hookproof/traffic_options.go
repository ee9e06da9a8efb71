package main

import (
	"iter"
	"math/rand/v2"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"hookproof/fixtures"
	"hookproof/mockserver/delivery"
	"hookproof/mockserver/traffic"
	"hookproof/schemas"
)

// options makes the run's options of the flags.
func (f *trafficFlags) options(p *program, target string) (traffic.Options, error) {
	o := traffic.Options{
		Arrivals:    traffic.Arrivals{Model: traffic.Model(f.arrival.value), Rate: traffic.Rate(f.rate), Duration: f.duration},
		Warmup:      f.warmup,
		Connections: f.connections, HTTP2: f.http2,
	}
	switch {
	case f.duration <= 0 || f.duration > traffic.MaxDuration:
		return o, usagef("--duration %s: want above 0 and at most %s", f.duration, traffic.MaxDuration)
	case f.warmup < 0 || f.warmup >= f.duration:
		return o, usagef("--warmup %s: want 0 or more, and less than the duration of %s", f.warmup, f.duration)
	case f.connections < 1 || f.connections > traffic.MaxConnections:
		return o, usagef("--connections %d: want 1 to %d", f.connections, traffic.MaxConnections)
	case f.http1 && f.http2:
		return o, usagef("--http1 and --http2: want one of them")
	case o.Arrivals.Rate == traffic.Max && f.given("arrival"):
		return o, usagef("--arrival: with --rate max nothing is scheduled: leave it out")
	}
	if public(target) && !(f.yes && f.given("rate") && f.given("duration")) {
		return o, usagef("URL: is a public address: want --yes, if it is yours to load, with --rate and --duration")
	}
	user, pass, err := f.auth.split(p.getenv)
	if err != nil {
		return o, err
	}
	o.Endpoint = delivery.Endpoint{URL: target, Username: user, Password: pass, ContentType: delivery.LiveContentType}
	if f.people.documented {
		o.Endpoint.ContentType = delivery.DocumentedContentType
	}
	if o.RootCAs, err = readRoots("ca-file", f.caFile); err != nil {
		return o, err
	}
	o.Dial = (&sendFlags{allowHTTP: f.allowHTTP}).dial(o.Endpoint)
	w, err := f.people.options(f.given("seed"))
	if err != nil {
		return o, err
	}
	w.AppID, w.WebhookID, w.UIDPrefix = "hookproof", "hookproof", "hpt-"
	w.Start = time.Now().Add(-time.Hour)
	if f.given("seed") {
		w.Start = time.Time{} // the same bytes each time
	}
	o.Arrivals.Seed = rand.New(rand.NewPCG(f.people.seed, 1)).Uint64()
	if o.Source, err = f.source(w); err != nil {
		return o, err
	}
	if f.ordered {
		o.Conversation = (&fixtures.Conversations{}).Of
	}
	return o, nil
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

// source makes the events: of a world, or of a scenario.
func (f *trafficFlags) source(w fixtures.Options) (traffic.Source, error) {
	if f.scenario == "" {
		return worldSource{fixtures.NewWorld(w)}, nil
	}
	for _, flag := range []string{"users", "groups", "mix"} {
		if f.given(flag) {
			return nil, usagef("--%s: a scenario has its own people and says what they do: leave it out", flag)
		}
	}
	if w.Generation == schemas.Legacy {
		return nil, usagef("--scenario: all that is told of scenarios is modern: leave out --generation legacy")
	}
	s, err := findScenario("--scenario", f.scenario)
	if err != nil {
		return nil, err
	}
	next, stop := iter.Pull2(plays(s, w))
	f.stopSource = stop
	return scenarioSource{next}, nil
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
			o.FirstID += fixtures.MaxScenarioEvents
		}
	}
}

// scenarioSource is a scenario as a source of traffic.
type scenarioSource struct {
	next func() ([]byte, string, bool)
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

func (r *trafficRate) Type() string   { return "RATE" }
func (r *trafficRate) String() string { return traffic.Rate(*r).String() }
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
