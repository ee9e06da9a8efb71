package conformance

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"hookproof/fixtures"
	"hookproof/schemas"
)

// Latency of an acknowledgement: documented limit, our comfort, and how many
// samples are judged.
const (
	hardLimit    = 2 * time.Second
	comfortLimit = time.Second
	outlierLimit = 4 * time.Second
	samples      = 20
)

func acceptsEvents() *Check {
	return &Check{
		ID: "ack/accept", Title: "a plain valid event is accepted", Level: Must, Basis: []Basis{Documented}, Impact: Events,
		Requirement: "The endpoint acknowledges the receipt of an event.", Source: srcEndpoint,
		Probe: "The baseline, five times; 2xx each. Everything after it depends on it.",
		Doc: Doc{
			Why: "What is not acknowledged with 2xx counts as a failed delivery; without retryOnFailure it is lost at once.",
			Fix: "acknowledge every event with 200 at once, and work on it afterwards",
		},
		phase: phaseBaseline, needs: needTransport,
		Run: func(ctx context.Context, p *Pass) error {
			return p.judgeBaseline(ctx, "not-accepted", "a plain valid event was not accepted: %s")
		},
	}
}

func completeAnswers() *Check {
	return &Check{
		ID: "ack/complete", Title: "answers end", Level: Must, Basis: []Basis{Standard}, Impact: Events,
		Requirement: "The answer is complete: its framing is valid and its body ends in time.", Source: "RFC 9112 §8",
		Probe: "The baseline; an answer that begins also ends.",
		Doc: Doc{
			Why: "A sender waits for the end of the answer; one that never ends is a timeout.", Cause: "Content-Length promises more than is sent, or a stream is left open",
			Fix: "end the response; let the framework set Content-Length",
		},
		phase: phaseBaseline, needs: needTransport,
		Run: func(ctx context.Context, p *Pass) error {
			return p.judgeBaseline(ctx, "incomplete", "the receiver %s")
		},
	}
}

func exactly200() *Check {
	return &Check{
		ID: "ack/exact-200", Title: "the status is exactly 200", Level: Must, Basis: []Basis{Documented}, Impact: Events,
		Requirement: "The endpoint responds with 200 OK.", Source: srcEndpoint,
		Probe: "All accepted answers of the run are looked at again.",
		Doc: Doc{
			Why:   "The requirement is 200 OK. CometChat's API text calls only non-2xx a failure, so another 2xx counts as delivered today.",
			Cause: "the handler sets another status, or sets none and the framework chooses",
			Fix:   "set the status to 200",
		},
		needs: needBaseline, phase: phaseFinal,
		Run: func(_ context.Context, p *Pass) error {
			other := map[int]int{}
			var first *sent
			total := 0
			for _, x := range p.s.stored() {
				// The refusals that were accepted, and other methods, are not acknowledgements.
				if !x.accepted() || x.probe.auth.custom || x.attempt.Method != http.MethodPost {
					continue
				}
				total++
				if x.attempt.Status != http.StatusOK {
					other[x.attempt.Status]++
					if first == nil {
						first = x
					}
				}
			}
			if first != nil {
				p.Fail(first, "other-2xx", "%d of %d accepted events were answered with %s: that counts as delivered, but the requirement is 200 OK", other[first.attempt.Status], total, status(first.attempt.Status))
			}
			return nil
		},
	}
}

func acceptsTriggers() *Check {
	return &Check{
		ID: "ack/all-triggers", Title: "every subscribed trigger is accepted", Level: Must, Basis: []Basis{Documented}, Impact: Events,
		Requirement: "Each trigger that the webhook subscribes to is acknowledged.", Source: srcTriggers,
		Probe: "One event or more of each subscribed trigger in its documented shape, each after the events that lead to it; 2xx each.",
		Doc: Doc{
			Why:   "Each of them is delivered; one that is refused is retried twice at most and then lost.",
			Cause: "the handler knows only some triggers, or reads members that this one does not have",
			Fix:   "acknowledge every trigger with 200, and ignore those without a handler",
		},
		needs: needBaseline, phase: phaseProbe,
		Cost: func(o *Options) Cost {
			events, err := parade(storyWorld(o, time.Now(), "hpt-00000000", storyOffset), o.Triggers)
			if err != nil {
				return Cost{}
			}
			return Cost{Requests: len(events), Events: len(events)}
		},
		Run: func(ctx context.Context, p *Pass) error {
			events, err := parade(storyWorld(&p.s.opts, p.s.start, p.s.marker(), p.s.firstID()+storyOffset), p.s.opts.Triggers)
			if err != nil {
				return err
			}
			sent := map[string]bool{} // trigger -> every event of it was accepted
			for _, e := range events {
				if ok, again := sent[e.Trigger]; again && !ok {
					continue // one finding a trigger is enough
				}
				x, err := p.wantAccepted(ctx, e.Trigger, probe{body: e.Body})
				if err != nil {
					return err
				}
				sent[e.Trigger] = x.accepted()
			}
			n := 0
			p.s.rejected = nil
			for name, ok := range sent {
				if ok {
					n++
				} else {
					p.s.rejected = append(p.s.rejected, name)
				}
			}
			p.Measure("accepted", float64(n), "triggers")
			p.Measure("sent", float64(len(sent)), "triggers")
			return nil
		},
	}
}

// parade returns one event or more of each trigger, each after the events that
// lead to it. Long stories come first: they tell most of the shorter ones, so
// that there are as few events as can be.
func parade(w *fixtures.World, triggers []string) ([]fixtures.Event, error) {
	var stories [][]fixtures.Event
	for _, name := range known(triggers) {
		story, err := w.Story(name)
		if err != nil {
			return nil, err
		}
		stories = append(stories, story)
	}
	slices.SortStableFunc(stories, func(a, b []fixtures.Event) int { return cmp.Compare(len(b), len(a)) })
	var events []fixtures.Event
	told := map[string]bool{}
	for _, story := range stories {
		if told[story[len(story)-1].Trigger] {
			continue
		}
		for _, e := range story {
			if told[e.Trigger] = true; contains(triggers, e.Trigger) {
				events = append(events, e)
			}
		}
	}
	return events, nil
}

// known are the names that the contract has.
func known(names []string) []string {
	var out []string
	for _, n := range names {
		if _, ok := schemas.Lookup(n); ok {
			out = append(out, n)
		}
	}
	return out
}

func latencyHard() *Check {
	return &Check{
		ID: "ack/latency-hard", Title: "events are acknowledged within 2 seconds", Level: Must, Basis: []Basis{BestPractice}, Impact: Events,
		Requirement: "The endpoint responds within 2 seconds.", Source: srcPractice,
		Probe: "20 plain events one after another on a warm connection; time from the request written to the last byte of the answer. The 95th percentile is at most 2 s; a single outlier of at most 4 s warns.",
		Doc: Doc{
			Why: "CometChat gives up after 2 seconds and counts the delivery as failed.", Cause: "the receiver works before it answers: it waits for a database, another API or a lock",
			Fix: "put the event on a queue, answer 200 at once and work afterwards",
		},
		needs: needBaseline, phase: phaseProbe, Cost: sends(samples+1, samples+1, 0),
		Run: func(ctx context.Context, p *Pass) error {
			times, slowest, err := p.s.latencies(ctx, p)
			if err != nil || len(times) == 0 {
				return err
			}
			p.measureLatency(times)
			over := 0
			for _, t := range times {
				if t > hardLimit {
					over++
				}
			}
			switch {
			case over == 1 && slowest.attempt.Timing.LastByte <= outlierLimit && slowest.attempt.Failure == "":
				p.Warn(slowest, "slow-once", "one of %d events took %s to acknowledge; CometChat gives up after 2 s", len(times), ms(slowest.attempt.Timing.LastByte))
			case over > 0:
				p.Fail(slowest, "slow", "%d of %d events took longer than 2 s to acknowledge, the slowest %s", over, len(times), ms(slowest.attempt.Timing.LastByte))
			}
			return nil
		},
	}
}

func latencyComfort() *Check {
	return &Check{
		ID: "ack/latency-comfort", Title: "events are acknowledged within 1 second", Level: Should, Basis: []Basis{Judgement}, Impact: Events,
		Requirement: "The 95th percentile of the acknowledgement times is at most 1 second.", Source: srcOurs,
		Probe: "The times of ack/latency-hard.",
		Doc: Doc{
			Why:   "How far CometChat's region is from the receiver is not known; a second of reserve is little.",
			Cause: "the receiver works before it answers",
			Fix:   "put the event on a queue, answer 200 at once and work afterwards",
		},
		Implied: []string{"ack/latency-hard"},
		needs:   needBaseline, phase: phaseProbe, Cost: latencyCost,
		Run: func(ctx context.Context, p *Pass) error {
			times, slowest, err := p.s.latencies(ctx, p)
			if err != nil || len(times) == 0 {
				return err
			}
			p.measureLatency(times)
			if p95 := percentile(times, 95); p95 > comfortLimit {
				p.Fail(slowest, "slow", "the 95th percentile of %d acknowledgements is %s", len(times), ms(p95))
			}
			return nil
		},
	}
}

// latencyCost is nothing when ack/latency-hard runs before and takes the times.
func latencyCost(o *Options) Cost {
	if ok, _ := o.selected(latencyHard()); ok {
		return Cost{}
	}
	return Cost{Requests: samples + 1, Events: samples + 1}
}

// latencies takes the times of the run's plain events once, on one connection
// that the first, untimed one has warmed. It stops when the verdict is certain.
func (s *session) latencies(ctx context.Context, p *Pass) ([]time.Duration, *sent, error) {
	if s.times != nil {
		return s.times, s.slowest, nil
	}
	transport := s.transport()
	defer transport.CloseIdleConnections()
	var times []time.Duration
	var slowest *sent
	over, lost := 0, 0
	// More than the percentile forgives decides the matter.
	for i := 0; i <= samples && over <= samples-samples*95/100; i++ {
		body, err := s.plainEvent()
		if err != nil {
			return nil, nil, err
		}
		x, err := s.send(ctx, p.Check.ID, probe{kind: kindBaseline, body: body, transport: transport})
		if err != nil {
			return nil, nil, err
		}
		if x.lost() && lost < samples {
			lost++
			x.kind = kindProbe // a matter of http/keepalive
			i--
			continue
		}
		if x.answer == unclear {
			p.Inconclusive("%s", x.why)
			return nil, nil, nil
		}
		if i == 0 {
			continue
		}
		took := x.attempt.Timing.LastByte
		times = append(times, took)
		if slowest == nil || took > slowest.attempt.Timing.LastByte {
			slowest = x
		}
		if took > hardLimit {
			over++
		}
	}
	s.times, s.slowest = times, slowest
	return times, slowest, nil
}

func (p *Pass) measureLatency(times []time.Duration) {
	for _, q := range []int{50, 95, 100} {
		name := fmt.Sprintf("p%d", q)
		if q == 100 {
			name = "max"
		}
		p.Measure(name, float64(percentile(times, q).Microseconds())/1000, "ms")
	}
}

func ms(d time.Duration) string {
	if d < 10*time.Millisecond {
		return d.Round(10 * time.Microsecond).String()
	}
	return d.Round(time.Millisecond).String()
}

func stableAnswers() *Check {
	return &Check{
		ID: "ack/stable", Title: "the same event is always accepted", Level: Must, Basis: []Basis{Documented}, Impact: Events,
		Requirement: "Every delivery is acknowledged, not only most.", Source: srcEndpoint,
		Probe: "All plain valid events of the run before the wrong credentials begin are looked at again; 2xx each.",
		Doc: Doc{
			Why:   "An event that meets the broken half of a fleet is lost.",
			Cause: "one of several backends behind a balancer is broken, or the receiver fails now and then",
			Fix:   "compare the answers' headers to find the backend; look into its log at this time",
		},
		needs: needBaseline, phase: phaseLook,
		Run: func(_ context.Context, p *Pass) error {
			total, bad := 0, []*sent{}
			for _, x := range p.s.stored() {
				if x.kind != kindBaseline && x.kind != kindControl {
					continue
				}
				if total++; !x.accepted() && x.answer != unclear {
					bad = append(bad, x)
				}
			}
			if len(bad) > 0 {
				p.Fail(bad[0], "unstable", "%d of %d plain valid events were not accepted: %s%s", len(bad), total, describe(&bad[0].attempt), backend(bad[0]))
			}
			return nil
		},
	}
}

// backend quotes what an answer says about who gave it.
func backend(x *sent) string {
	for _, name := range []string{"X-Served-By", "X-Backend", "X-Instance", "X-Amzn-Requestid", "Fly-Request-Id", "Via", "Server"} {
		if v := x.attempt.Answer.Get(name); v != "" {
			return fmt.Sprintf(" (%s: %s)", name, cut(strings.ToValidUTF8(v, "�"), 80))
		}
	}
	return ""
}

// stored returns the deliveries so far.
func (s *session) stored() []*sent {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]*sent(nil), s.sent...)
}
