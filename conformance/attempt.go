package conformance

import (
	"context"
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
		if s.results[id].Outcome == Failed || s.results[id].Outcome == Warned {
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
	if p.Check.negative && !s.guarded && !s.alive(ctx, p.Check.ID, kindControl) {
		p.inconclusive("the control before it, a plain valid event, was not accepted")
		return false
	}
	s.guarded = p.Check.negative
	return true
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
	if last := s.last(p.Check.ID); last != nil {
		wait = retryAfter(&last.attempt, wait)
	}
	return s.wait(ctx, wait)
}

// wait pauses because an answer or a doubt asks for it, as long as the run's
// patience lasts: a receiver that keeps asking for more time gets no more.
func (s *session) wait(ctx context.Context, d time.Duration) bool {
	if s.patience -= d; s.patience < 0 {
		return false
	}
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
