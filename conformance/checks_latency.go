package conformance

import (
	"context"
	"fmt"
	"net/http"
	"time"
)

// Latency of an acknowledgement: documented limit, our comfort, and how many
// samples are judged.
const (
	hardLimit    = 2 * time.Second
	comfortLimit = time.Second
	outlierLimit = 4 * time.Second
	samples      = 20
)

func latencyHard() *Check {
	return &Check{
		ID: "ack/latency-hard", Title: "events are acknowledged within 2 seconds", Level: Must, Basis: []Basis{BestPractice}, Impact: Events,
		Requirement: "The endpoint responds within 2 seconds.", Source: srcPractice,
		Probe: "20 plain events one after another on a warm connection; time from the request written to the last byte of the answer.",
		Doc: Doc{
			Passes:       "The 95th percentile is at most 2 s; more fails. A single outlier of at most 4 s warns.",
			Alternatives: "Working before answering, if it is always done in time.",

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
				p.warn(slowest, "slow-once", "one of %d events took %s to acknowledge; CometChat gives up after 2 s", len(times), ms(slowest.attempt.Timing.LastByte))
			case over > 0:
				p.fail(slowest, "slow", "%d of %d events took longer than 2 s to acknowledge, the slowest %s", over, len(times), ms(slowest.attempt.Timing.LastByte))
			}
			return nil
		},
	}
}

func latencyComfort() *Check {
	return &Check{
		ID: "ack/latency-comfort", Title: "events are acknowledged within 1 second", Level: Should, Basis: []Basis{Judgement}, Impact: Events,
		Requirement: "The 95th percentile of the acknowledgement times is at most 1 second.", Source: srcOurs,
		Probe: "Nothing of its own: the times of ack/latency-hard.",
		Doc: Doc{
			Passes:       "The 95th percentile is at most 1 s; more warns.",
			Alternatives: "Up to 2 s conforms.",

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
				p.fail(slowest, "slow", "the 95th percentile of %d acknowledgements is %s", len(times), ms(p95))
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
		if x.attempt.Status == http.StatusServiceUnavailable {
			return nil, nil, &unclearError{"a plain event was answered 503: an overload or a rate limit (--pace spaces the requests of a run)"}
		}
		if x.answer == unclear {
			return nil, nil, &unclearError{x.why}
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
		p.measure(name, float64(percentile(times, q).Microseconds())/1000, "ms")
	}
}

func ms(d time.Duration) string {
	if d < 10*time.Millisecond {
		return d.Round(10 * time.Microsecond).String()
	}
	return d.Round(time.Millisecond).String()
}
