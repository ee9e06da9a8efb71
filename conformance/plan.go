package conformance

import (
	"net/netip"
	"time"
)

// Plan is what a run would do.
type Plan struct {
	Target   string
	Mode     Mode
	Profile  string
	Checks   []*Check // in the order of the run
	Requests int      // deliveries to a conforming receiver
	Events   int      // of these, events that it accepts
	Wrong    int      // of these, requests with a wrong credential
	Expected time.Duration
}

// Times that an estimate assumes for one request.
const (
	assumedRemote = 150 * time.Millisecond
	assumedLocal  = 4 * time.Millisecond
)

// Estimate says what Run would do, without sending anything or asking a name
// server: mode Auto takes any name but localhost for a public one. The error
// is a *ConfigError.
func Estimate(url string, o Options) (Plan, error) {
	o, u, err := o.normalize(url)
	if err != nil {
		return Plan{}, err
	}
	p := Plan{Target: o.redactor(u).Clean(u.String()), Mode: o.Mode, Profile: o.Profile}
	if p.Mode == Auto {
		p.Mode = Certify
		if a, err := netip.ParseAddr(u.Hostname()); u.Hostname() == "localhost" || err == nil && !public(a) {
			p.Mode = Dev
		}
	}
	o.Mode = p.Mode // what a check costs may depend on it
	guarded, gate := false, false
	for _, c := range ordered() {
		if ok, _ := o.selected(c); !ok || c.needs == needAuth && !o.authenticated() || c.needs == needTLS && u.Scheme != "https" ||
			c.observed && o.Observe == nil {
			continue
		}
		p.Checks = append(p.Checks, c)
		cost := c.cost(&o)
		if !gate && (c.needs >= needBaseline || c.phase == phaseBaseline) {
			gate = true
			cost.Requests, cost.Events = cost.Requests+baselineSize, cost.Events+baselineSize
		}
		if c.negative && !guarded {
			cost.Requests, cost.Events = cost.Requests+1, cost.Events+1
		}
		guarded = c.negative && cost.Wrong == 0
		if c.Hostile {
			cost.Requests, cost.Events = cost.Requests+1, cost.Events+1
			guarded = true
		}
		p.Requests, p.Events, p.Wrong = p.Requests+cost.Requests, p.Events+cost.Events, p.Wrong+cost.Wrong
		p.Expected += cost.Pause
	}
	per := assumedRemote
	if p.Mode == Dev {
		per = assumedLocal
	}
	p.Expected += time.Duration(p.Requests)*max(per, o.Pace) + time.Duration(p.Wrong)*o.authGap(p.Mode)
	return p, nil
}
