package conformance

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"sync"
	"time"

	"hookproof/fixtures"
	"hookproof/mockserver/delivery"
)

// Limits of one attempt and of a run.
const (
	// answerLimit is longer than the provider's 2 s, so that a late answer is
	// told from none.
	answerLimit = 5 * time.Second
	// maxWrong is how many requests with a wrong credential a run may send.
	maxWrong = 14
	// worldAhead is how far in the past a run's world starts: its events take
	// seconds each and never reach the future.
	worldAhead = 40 * time.Minute
	// maxRetries is how often an inconclusive check is tried again.
	maxRetries = 2
)

// session is one run against one target: what its checks share.
type session struct {
	opts   Options
	target *url.URL
	mode   Mode
	run    string
	start  time.Time
	net    *network
	red    *redactor
	rng    *rand.Rand
	// refusal says why nothing may be sent to the target; culprit is the check that reports it.
	refusal *obstacle

	world *fixtures.World
	peer  func() handshake // the target's TLS as every check sees it

	mu       sync.Mutex
	sent     []*sent // in order of completion
	results  map[string]Result
	base     *baseline
	dead     *obstacle // the receiver stopped answering
	locked   string    // why no more wrong credentials are sent
	wrong    int
	rejected []string // triggers that ack/all-triggers found rejected
	times    []time.Duration
	slowest  *sent
	// guarded tells that a control was accepted and nothing but negative
	// checks came after it.
	guarded bool
	// planned tells whether a check is going to be tried in this run.
	planned func(id string) bool
}

// obstacle keeps checks from being tried; culprit is the check that says why.
type obstacle struct{ culprit, reason string }

func newSession(ctx context.Context, target string, o Options) (*session, error) {
	o, u, err := o.normalize(target)
	if err != nil {
		return nil, err
	}
	s := &session{
		opts: o, target: u, mode: o.Mode, start: time.Now(),
		red:     newRedactor(&o, u),
		rng:     rand.New(rand.NewPCG(o.Seed, 0x686f6f6b)),
		net:     resolve(ctx, u.Hostname(), port(u), &o),
		results: map[string]Result{},
	}
	s.planned = func(id string) bool {
		c, ok := lookup(id)
		if !ok {
			return false
		}
		ok, _ = s.opts.selected(c)
		return ok
	}
	if s.mode == Auto {
		s.mode = Certify
		if s.net.private() {
			s.mode = Dev
		}
	}
	s.refuse()
	// Eight digits: message ids are numeric strings, so that is what a marker
	// in them can be.
	s.run = fmt.Sprint(10_000_000 + s.rng.IntN(90_000_000))
	s.world = newWorld(&s.opts, o.Seed, s.start, s.marker(), s.firstID())
	s.peer = sync.OnceValue(func() handshake { return s.shake(context.WithoutCancel(ctx), nil) })
	return s, nil
}

// refuse finds out whether anything may be sent to the target in this mode.
func (s *session) refuse() {
	if s.net.err != nil {
		s.refusal = &obstacle{"tls/dns-resolves", "the host name does not resolve"}
	}
	if s.mode != Certify {
		return
	}
	if s.net.private() {
		s.refusal = &obstacle{"tls/dns-public", "the target is not public, and mode certify sends nothing to it"}
	}
	s.net.keepPublic()
	if s.target.Scheme != "https" {
		s.refusal = &obstacle{"preflight/url-scheme", "credentials and events are not sent in clear in mode certify"}
	}
}

// marker is in everything that the run sends.
func (s *session) marker() string { return "hpt-" + s.run }

// storyOffset keeps the message ids of a run's two worlds apart.
const storyOffset = 50_000

// newWorld makes a world whose events a run sends. Everything in it carries the
// marker, and its clock starts far enough in the past that no event is in the future.
func newWorld(o *Options, seed uint64, start time.Time, marker string, firstID int64) *fixtures.World {
	return fixtures.NewWorld(fixtures.Options{
		Seed: seed, AppID: o.AppID, Region: o.Region, WebhookID: o.WebhookID,
		UIDPrefix: "hpt-", Marker: marker, FirstID: firstID,
		Start: start.Add(-worldAhead), Hurry: true, Documented: true, PlainText: true,
	})
}

// storyWorld is a world of its own for the events of all triggers, so that how
// many they are follows from the seed alone.
func storyWorld(o *Options, start time.Time, marker string, firstID int64) *fixtures.World {
	return newWorld(o, o.Seed+1, start, marker, firstID)
}

func (s *session) firstID() int64 {
	var run int64
	for _, c := range s.run {
		run = run*10 + int64(c-'0')
	}
	return run * 100_000
}

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
	r.Duration = Duration(time.Since(start))
	s.results[c.ID] = r
	if s.opts.OnResult != nil {
		s.opts.OnResult(r)
	}
	return r
}

// ready sees to what the check needs and says in p why it cannot be tried.
func (s *session) ready(ctx context.Context, p *Pass) bool {
	if ctx.Err() != nil {
		p.Inconclusive("the run was interrupted before this check")
		return false
	}
	for _, id := range p.Check.Implied {
		if s.results[id].Outcome == Failed || s.results[id].Outcome == Warned {
			p.Skip("would only repeat what %s says", id)
			return false
		}
	}
	if p.Check.needs >= needAuth && !s.opts.authenticated() {
		p.Skip("no credentials are configured")
		return false
	}
	if p.Check.observed && s.opts.Observe == nil {
		p.Skip("needs an observer, which tells how many effects an event had")
		return false
	}
	if p.Check.needs == needTLS && s.target.Scheme != "https" {
		p.Skip("the target is http, so there is no TLS to check")
		return false
	}
	if o := s.obstacle(ctx, p.Check); o != nil {
		p.blockedBy(o)
		return false
	}
	if p.Check.negative && !s.guarded && !s.alive(ctx, p.Check.ID, kindControl) {
		p.Inconclusive("the control before it, a plain valid event, was not accepted")
		return false
	}
	s.guarded = p.Check.negative
	return true
}

// obstacle finds what is in the way of a check.
func (s *session) obstacle(ctx context.Context, c *Check) *obstacle {
	if c.needs == needNothing {
		return nil
	}
	if s.refusal != nil && s.refusal.culprit != c.ID {
		return s.refusal
	}
	if s.dead != nil {
		return s.dead
	}
	if c.phase > phaseTransport {
		for _, t := range Suite() {
			if t.phase == phaseTransport && t.Level == Must && s.results[t.ID].Outcome == Failed {
				return &obstacle{t.ID, "no trusted connection can be made"}
			}
		}
	}
	if c.needs >= needBaseline {
		if b := s.baseline(ctx); b.culprit != "" {
			return b.obstacle()
		}
	}
	return nil
}

// attempt runs the check once, and the control that a hostile one asks for.
func (s *session) attempt(ctx context.Context, p *Pass) {
	if err := p.Check.Run(ctx, p); err != nil {
		switch {
		case ctx.Err() != nil:
			p.Inconclusive("the run was interrupted")
		case errors.As(err, new(*unclearError)):
			p.Inconclusive("%s", err)
		default:
			p.result.Outcome, p.result.Reason = Errored, err.Error()
			s.opts.Logger.Error("check could not be tried", "check", p.Check.ID, "error", s.red.clean(err.Error()))
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
	return pause(ctx, wait)
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

func (s *session) last(check string) *sent {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := len(s.sent) - 1; i >= 0; i-- {
		if s.sent[i].check == check {
			return s.sent[i]
		}
	}
	return nil
}

func (s *session) count(check string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, x := range s.sent {
		if x.check == check {
			n++
		}
	}
	return n
}

// transport returns a transport to the target with connections of its own.
func (s *session) transport() *http.Transport {
	return delivery.NewTransport(delivery.TransportOptions{RootCAs: s.opts.RootCAs, Dial: s.net.dial})
}
