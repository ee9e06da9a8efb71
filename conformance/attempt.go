package conformance

import (
	"context"
	"slices"
	"time"
)

// try runs one check, again if it was inconclusive, and stores the result.
func (s *session) try(ctx context.Context, c *Check) Result {
	if s.opts.OnStart != nil {
		s.opts.OnStart(c)
	}
	start := time.Now()
	var p *Pass
	for retries := 0; ; retries++ {
		p = &Pass{Check: c, s: s, result: emptyResult(c)}
		p.result.Retries = retries
		if !s.ready(ctx, p) {
			break
		}
		s.attempt(ctx, p)
		if p.outcome() != Inconclusive || retries == maxRetries || !s.worthRetrying(ctx, p, retries) {
			break
		}
	}
	r := p.finish()
	r.Requests = s.count(c.ID)
	r.Duration = rounded(time.Since(start))
	s.results[c.ID] = r
	if s.opts.OnResult != nil {
		s.opts.OnResult(r)
	}
	return r
}

// ready sees to what the check needs and says in p why it cannot be tried.
func (s *session) ready(ctx context.Context, p *Pass) bool {
	if ctx.Err() != nil {
		p.inconclusive("the run was interrupted before this check")
		return false
	}
	for _, id := range p.Check.Implied {
		if subsumes(s.results[id]) {
			p.skip("would only repeat what %s says", id)
			return false
		}
	}
	if p.Check.needs >= needAuth && !s.opts.authenticated() {
		p.skip("no credentials are configured")
		return false
	}
	if p.Check.observed && s.opts.Observe == nil {
		p.skip("needs an observer, which tells how many effects an event had")
		return false
	}
	if p.Check.needs == needTLS && s.target.Scheme != "https" {
		p.skip("the target is http, so there is no TLS to check")
		return false
	}
	if o := s.obstacle(ctx, p.Check); o != nil {
		p.blockedBy(o)
		return false
	}
	wrong := p.Check.cost(&s.opts).Wrong > 0
	if wrong && s.locked != "" {
		p.inconclusive("no more wrong credentials are sent: %s", s.locked)
		return false
	}
	if p.Check.negative && !s.guarded && !s.controlBefore(ctx, p, wrong) {
		return false
	}
	// A wrong credential may lock the right ones out, and then everything is
	// refused: after each there is another control.
	s.guarded = p.Check.negative && !wrong
	return true
}

// subsumes tells whether a failure is such that the checks which it implies
// would only repeat it. A refusal of the wrong kind says nothing about others.
func subsumes(r Result) bool {
	return r.Outcome == Failed && slices.ContainsFunc(r.Findings, func(f Finding) bool {
		return f.Outcome == Failed && f.Code != "auth-error-5xx"
	})
}

// attempt runs the check once, and the control that a hostile one asks for.
func (s *session) attempt(ctx context.Context, p *Pass) {
	if err := p.Check.Run(ctx, p); err != nil {
		switch {
		case ctx.Err() != nil:
			p.inconclusive("the run was interrupted")
		case isUnclear(err):
			p.inconclusive("%s", err)
		default:
			p.conclude(Errored, "%s", err)
			s.opts.Logger.Error("check could not be tried", "check", p.Check.ID, "error", p.result.Reason)
		}
	}
	if p.Check.Hostile && ctx.Err() == nil {
		s.controlAfter(ctx, p)
	}
}

// worthRetrying waits as the answer asks and says whether to try again. A
// request with a wrong credential is never repeated: it would count as one
// more failed login.
func (s *session) worthRetrying(ctx context.Context, p *Pass, retries int) bool {
	if p.blocked || p.Check.phase == phaseBaseline || p.Check.cost(&s.opts).Wrong > 0 {
		return false
	}
	wait := time.Duration(retries+1) * 200 * time.Millisecond
	if x := s.lastUnclear(p.Check.ID); x != nil {
		wait = retryAfter(&x.attempt, wait)
	}
	return s.wait(ctx, wait)
}

// wait pauses because an answer or a doubt asks for it, as long as the run's
// patience lasts: a receiver that keeps asking for more time gets no more.
func (s *session) wait(ctx context.Context, d time.Duration) bool {
	if d > s.patience {
		return false
	}
	s.patience -= d
	return pause(ctx, d)
}

// pause waits and tells whether the time passed without interruption.
func pause(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}
