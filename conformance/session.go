package conformance

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
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
	// worldAhead is how far in the past a run's world starts: its events take
	// seconds each and never reach the future.
	worldAhead = 40 * time.Minute
	// maxPatience is how long a run waits in all for inconclusive answers, and
	// maxPatienceDev how long it does in mode dev.
	maxPatience    = 40 * time.Second
	maxPatienceDev = 6 * time.Second
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
	red    *delivery.Redactor
	rng    *rand.Rand
	// refusal says why nothing may be sent to the target; culprit is the check that reports it.
	refusal  *obstacle
	fragment bool // the URL was given with one

	world *fixtures.World
	peer  func() handshake // the target's TLS as every check sees it

	paced time.Time // when the next request may start, guarded by mu

	mu       sync.Mutex
	sent     []*sent // in order of completion
	results  map[string]Result
	base     *baseline
	dead     *obstacle // the receiver stopped answering
	locked   string    // why no more wrong credentials are sent
	wrong    int
	patience time.Duration // left, see maxPatience
	rejected []string      // triggers that ack/all-triggers found rejected
	sluggish []string      // triggers that it found too slow
	paraded  []timedEvent  // the events that it sent
	idled    []byte        // an event that was accepted before a pause of opts.Idle
	canary   *canary       // see canaryURL
	times    []time.Duration
	slowest  *sent
	load     *loadSource // of the checks of load
	burst    *surge      // of load/burst
	loaded   struct{ sent, accepted int }
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
		opts: o, target: u, mode: o.Mode, fragment: strings.Contains(target, "#"), start: time.Now(),
		red:     o.redactor(u),
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
	s.patience = maxPatience
	if s.mode == Dev {
		s.patience = maxPatienceDev
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
		for _, id := range transportMusts() {
			if s.results[id].Outcome == Failed {
				return &obstacle{id, "no trusted connection can be made"}
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

func (s *session) lastUnclear(check string) *sent {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := len(s.sent) - 1; i >= 0; i-- {
		if s.sent[i].check == check && s.sent[i].answer == unclear {
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
