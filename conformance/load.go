package conformance

import (
	"context"
	"net/http"
	"slices"
	"time"

	"hookproof/fixtures"
	"hookproof/mockserver/delivery"
	"hookproof/mockserver/traffic"
	"hookproof/schemas"
)

// Bounds and defaults of the checks of load.
const (
	defaultLoadRate     = 20
	defaultLoadDuration = 10 * time.Second
	maxLoadRate         = 1000
	maxLoadDuration     = 10 * time.Minute

	// Of load/burst's rate and duration.
	spikeFactor     = 5  // as many a second, for a tenth of the time
	sustainedLonger = 30 // as long, at a quarter of the rate
	deployLonger    = 6  // as long, at a tenth of the rate
	stormEvents     = 50

	// mostUndelivered percent of the events of a burst may fail.
	mostUndelivered = 0.5
)

// loadIDs is where the message ids of load begin, above those of all other worlds and
// below what a float64 can tell apart.
const loadIDs = 100_000_000_000_000

// loadSource makes the events of load: those of a world that lives, of the triggers
// that the webhook subscribes to.
type loadSource struct {
	world    *fixtures.World
	triggers []string
	bodies   [][]byte // of all that were made for a surge
}

func (s *session) loadSource() *loadSource {
	if s.load != nil {
		return s.load
	}
	const people, aMinute = 500, 150 // so many events of so many people
	all := s.opts.LoadRate * s.opts.LoadDuration.Seconds() * (2 + sustainedLonger/4)
	s.load = &loadSource{triggers: s.opts.Triggers, world: fixtures.NewWorld(fixtures.Options{
		Seed: s.opts.Seed + 2, AppID: s.opts.AppID, Region: s.opts.Region, WebhookID: s.opts.WebhookID, UIDPrefix: "hpt-", Marker: s.marker(),
		FirstID: loadIDs + s.firstID()*10, Users: people, Documented: true,
		// In the past, as far as they will come.
		Start: s.start.Add(-worldAhead - time.Duration(all/aMinute*float64(time.Minute))),
	})}
	return s.load
}

// Next implements traffic.Source.
func (l *loadSource) Next(dst []byte) ([]byte, string) {
	const patience = 500 // events that are none of the webhook's
	start := len(dst)
	for range patience {
		all, trigger, _ := l.world.AppendNext(dst)
		if slices.Contains(l.triggers, trigger) {
			l.bodies = append(l.bodies, slices.Clone(all[start:]))
			return all, trigger
		}
		dst = all[:start]
	}
	trigger := l.triggers[len(l.bodies)%len(l.triggers)]
	e, err := l.world.Do(trigger)
	if err != nil {
		return nil, ""
	}
	l.bodies = append(l.bodies, e.Body)
	return append(dst, e.Body...), trigger
}

// fixedSource is events that are there already.
type fixedSource struct{ bodies [][]byte }

// Next implements traffic.Source.
func (f *fixedSource) Next(dst []byte) ([]byte, string) {
	if len(f.bodies) == 0 {
		return nil, ""
	}
	body := f.bodies[0]
	f.bodies = f.bodies[1:]
	return append(dst, body...), "" // which it is does not matter
}

// surge is what came of many events.
type surge struct {
	*traffic.Result
	attempts []traffic.Attempt // in the order in which they ended
	bodies   [][]byte          // by Attempt.N
}

// surge sends many events on a schedule that waits for no answer. An error says that
// nothing can be concluded, since this machine could not.
func (s *session) surge(ctx context.Context, check string, a traffic.Arrivals, source traffic.Source) (*surge, error) {
	out := &surge{}
	if l, ok := source.(*loadSource); ok {
		l.bodies = nil
	}
	res, err := traffic.Run(ctx, traffic.Options{
		Endpoint: delivery.Endpoint{
			URL: s.target.String(), Username: s.opts.Username, Password: s.opts.Password, UserAgent: s.userAgent(check),
		},
		RootCAs: s.opts.RootCAs, Dial: s.net.dial, Source: source, Arrivals: a, Timeout: hardLimit,
		Log: func(batch []traffic.Attempt) { out.attempts = append(out.attempts, batch...) },
	})
	if err != nil {
		return nil, err
	}
	out.Result = res
	if l, ok := source.(*loadSource); ok {
		out.bodies = l.bodies
	}
	s.loaded.sent += int(res.Sent)
	s.loaded.accepted += int(res.Delivered)
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case max(res.Deviation.Quantile(99), res.Starved) > hardLimit/4: // what is less falsifies no verdict
		return nil, &unclearError{"this machine could not send the events when they were due"}
	}
	return out, nil
}

// shed counts the answers by which a receiver says that it has too much to do.
func (u *surge) shed() (n int64) {
	for _, s := range u.Statuses {
		if sheds(s.Status) {
			n += s.Count
		}
	}
	return n
}

func sheds(status int) bool {
	return status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable
}

// judgedElsewhere tells of an answer that it says something of the event, such as one
// about a message that the receiver does not know, and nothing of the load.
func judgedElsewhere(status int) bool {
	return status/100 == 4 && status != http.StatusRequestTimeout && !sheds(status)
}

// broken counts the events that the load has cost but for those that were shed, and
// names the most frequent reason.
func (u *surge) broken() (n int64, most string) {
	n = u.Undelivered() - u.shed()
	count := int64(0)
	for _, f := range u.Failures {
		if f.Count > count {
			count, most = f.Count, failureWords(f.Failure)
		}
	}
	for _, s := range u.Statuses {
		switch {
		case judgedElsewhere(s.Status):
			n -= s.Count
		case s.Status/100 != 2 && !sheds(s.Status) && s.Count > count:
			count, most = s.Count, "answered with "+status(s.Status)
		}
	}
	if u.Unsent > count {
		most = "never sent, as no answer came to those before them"
	}
	return n, most
}

func failureWords(f delivery.Failure) string {
	switch f {
	case delivery.FailTimeout:
		return "not answered within 2 s"
	case delivery.FailReset, delivery.FailClosed:
		return "cut off by a closed connection"
	case delivery.FailRefused, delivery.FailConnect, traffic.FailSkipped:
		return "not connected"
	}
	return "failed (" + string(f) + ")"
}

// keys returns the idempotency keys of the events that were accepted.
func (u *surge) keys() []string {
	var keys []string
	for _, a := range u.attempts {
		if a.Failure != "" || a.Status/100 != 2 || a.N >= int64(len(u.bodies)) {
			continue
		}
		if key, err := schemas.Key(u.bodies[a.N]); err == nil && key != "" {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// judgeSurge fails what a surge shows of a receiver that cannot keep up.
func (p *Pass) judgeSurge(u *surge, q float64) {
	for _, m := range []struct {
		name string
		q    float64
	}{{"p50", 50}, {"p95", 95}, {"p99", 99}} {
		p.measure(m.name, float64(u.Latency.Quantile(m.q).Microseconds())/1000, "ms")
	}
	p.measure("rate", u.Achieved(), "/s")
	n, most := u.broken()
	switch late := u.Latency.Quantile(q); {
	case float64(n) > mostUndelivered/100*float64(u.Scheduled):
		p.fail(nil, "lost", "of %d events %d were not acknowledged, most of them %s", u.Scheduled, n, most)
	case late > hardLimit:
		p.fail(nil, "slow", "the %gth percentile of the acknowledgements is %s, counted from when each event was due", q, ms(late))
	}
}

// observe asks for effects until all keys have as many as wanted or patience ends,
// and returns the last answer.
func (s *session) observe(ctx context.Context, keys []string, patience time.Duration, enough func(map[string]int) bool) (map[string]int, error) {
	for until := time.Now().Add(patience); ; {
		effects, err := s.opts.Observe(ctx, keys)
		if err != nil || enough(effects) || time.Now().After(until) {
			return effects, err
		}
		if !pause(ctx, 200*time.Millisecond) {
			return nil, ctx.Err()
		}
	}
}
