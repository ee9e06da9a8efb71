package conformance

import (
	"context"
	"time"
)

// Run tries the checks that the options select on the receiver at url and
// returns what it found. The error is a *ConfigError: nothing was sent. A
// canceled context ends the run early; its report says that it was interrupted.
func Run(ctx context.Context, url string, o Options) (*Report, error) {
	s, err := newSession(ctx, url, o)
	if err != nil {
		return nil, err
	}
	defer s.close()
	for _, c := range ordered() {
		if ok, _ := s.opts.selected(c); ok {
			s.try(ctx, c)
		}
	}
	return s.report(ctx), nil
}

// report puts the results in the suite's order and concludes.
func (s *session) report(ctx context.Context) *Report {
	r := &Report{
		Format: ReportFormat,
		Tool:   Tool{Name: "hookproof", Version: s.opts.Version},
		Target: s.red.Clean(s.target.String()), Mode: s.mode, Profile: s.opts.Profile, Strict: s.opts.Strict,
		Run: s.run, Seed: s.opts.Seed, Triggers: s.opts.Triggers,
		Started: s.start.UTC().Round(time.Millisecond), Duration: rounded(time.Since(s.start)),
		RoundTrip: rounded(s.net.roundTrip()), Interrupted: ctx.Err() != nil,
	}
	s.mu.Lock()
	r.Requests, r.Events = len(s.sent)+s.loaded.sent, s.loaded.accepted
	for _, x := range s.sent {
		if x.accepted() {
			r.Events++
		}
	}
	s.mu.Unlock()
	for _, c := range Suite() {
		res, tried := s.results[c.ID]
		if !tried {
			res = emptyResult(c)
			res.Outcome = NotSelected
			_, res.Reason = s.opts.selected(c)
		}
		r.Results = append(r.Results, res)
	}
	r.Exchanges, r.LeftOut = s.recorded()
	r.Catalogue, r.Configuration = Catalogue(), s.configuration()
	s.waiveAll(r)
	r.Certifies, r.WhyNot = s.certifies()
	r.conclude()
	return r
}

// certifies tells whether this kind of run can be the base of a certificate.
func (s *session) certifies() (bool, string) {
	switch {
	case s.mode == Dev:
		return false, "mode dev allows what CometChat does not; only the public https URL can be certified"
	case s.opts.RootCAs != nil:
		return false, "the certificate was judged by the authorities of a file, not by the public ones"
	case s.opts.Resolve != nil || s.opts.Dial != nil:
		return false, "the run connected to an address of its own choice, not to the one that the name has"
	}
	if s.opts.legacy() {
		return false, "the profile legacy tries the legacy generation, for which there is no certificate"
	}
	for _, c := range Suite() {
		if ok, why := s.opts.selected(c); !ok && inCore(c) {
			return false, c.ID + " was " + why
		}
	}
	return true, ""
}
