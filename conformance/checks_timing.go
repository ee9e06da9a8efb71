package conformance

import (
	"context"
	"math/rand/v2"
	"slices"
	"time"
)

// Size of security/timing: how many passwords of each kind it tries, and how many
// samples its interval is made of.
const (
	timingProbes    = 100
	timingResamples = 2000
)

func timing() *Check {
	return &Check{
		ID: "security/timing", Title: "the time of a refusal tells nothing about the password", Level: May, Basis: []Basis{Judgement}, Impact: Quiet,
		Requirement: "Credentials are compared in a time that does not depend on how much of them is right.", Source: srcOurs,
		Probe: "100 wrong passwords that begin with the right character and 100 that do not, mixed, on one connection; the difference of the median times is taken with its 95 % confidence interval. Only if --run names it, for it sends more wrong credentials than any other check.",
		Doc: Doc{
			Passes: "Always; the difference informs: over a network nothing else can be said.",

			Why: "A comparison that stops at the first difference tells, by its time, how much of a guess is right.", Cause: "the credentials are compared with ==",
			Fix: "compare digests in constant time (hmac.compare_digest, crypto.timingSafeEqual, subtle.ConstantTimeCompare)",
		},
		needs: needAuth, phase: phaseAuth, negative: true, byName: true, strains: true, lenient: true, certain: true,
		Implied: []string{"auth/none", "auth/any-basic", "auth/wrong-pass"},
		Cost:    sends(2*timingProbes, 0, 2*timingProbes),
		Run: func(ctx context.Context, p *Pass) error {
			if len(p.s.opts.Password) < 2 {
				p.skip("the password is too short to be partly right")
				return nil
			}
			right, wrong, err := p.timeGuesses(ctx)
			if err != nil {
				return err
			}
			low, high := medianDifference(right, wrong, p.s.rng)
			difference := percentile(right, 50) - percentile(wrong, 50)
			p.measure("difference", float64(difference.Nanoseconds())/1e6, "ms")
			p.measure("low", float64(low.Nanoseconds())/1e6, "ms")
			p.measure("high", float64(high.Nanoseconds())/1e6, "ms")
			if low > 0 || high < 0 {
				p.info(nil, "differs", "a password whose first character is right takes %s longer than one that is all wrong (95%% confidence interval %s to %s): it may be compared character by character", small(difference), small(low), small(high))
				return nil
			}
			p.info(nil, "same", "no difference is seen between a password whose first character is right and one that is all wrong: %s (95%% confidence interval %s to %s)", small(difference), small(low), small(high))
			return nil
		},
	}
}

// timeGuesses takes the times of the two kinds of wrong passwords.
func (p *Pass) timeGuesses(ctx context.Context) (right, wrong []time.Duration, err error) {
	transport := p.s.transport()
	defer transport.CloseIdleConnections()
	for i := range 2 * timingProbes {
		begins := i%2 == 0
		guess := p.s.guess(begins)
		body, err := p.s.plainEvent()
		if err != nil {
			return nil, nil, err
		}
		if !pause(ctx, p.s.opts.authGap(p.s.mode)) {
			return nil, nil, ctx.Err()
		}
		x, err := p.send(ctx, probe{body: body, transport: transport, flood: true, auth: basic(p.s.opts.Username, guess, `-u "$WEBHOOK_USER:wrong"`)})
		switch {
		case err != nil:
			return nil, nil, err
		case x.answer == unclear && !x.lost():
			p.lock(x, x.probe)
			return nil, nil, &unclearError{x.why}
		case x.answer != refused && !x.lost():
			return nil, nil, &unclearError{"a wrong password was not refused: " + describe(&x.attempt)}
		case x.lost():
		case begins:
			right = append(right, x.attempt.Timing.FirstByte)
		default:
			wrong = append(wrong, x.attempt.Timing.FirstByte)
		}
	}
	if len(right) < timingProbes/2 || len(wrong) < timingProbes/2 {
		return nil, nil, &unclearError{"too many connections were closed to compare times"}
	}
	return right, wrong, nil
}

// guess is a wrong password of the right length whose first character is right, or not.
func (s *session) guess(begins bool) string {
	pass := s.opts.Password
	b := []byte(s.otherPassword())
	if begins {
		b[0] = pass[0]
	}
	for !begins && b[0] == pass[0] || string(b) == pass {
		b[len(b)-1] = byte('A' + s.rng.IntN(26))
		if !begins {
			b[0] = byte('0' + s.rng.IntN(10))
		}
	}
	return string(b)
}

// medianDifference is the 95 % confidence interval of the difference of the medians of
// a and b, by resampling both.
func medianDifference(a, b []time.Duration, rng *rand.Rand) (low, high time.Duration) {
	again := func(times []time.Duration) time.Duration {
		drawn := make([]time.Duration, len(times))
		for i := range drawn {
			drawn[i] = times[rng.IntN(len(times))]
		}
		return median(drawn)
	}
	differences := make([]time.Duration, timingResamples)
	for i := range differences {
		differences[i] = again(a) - again(b)
	}
	slices.Sort(differences)
	return differences[timingResamples*25/1000], differences[timingResamples*975/1000-1]
}

// small is a short time for a person.
func small(d time.Duration) string { return d.Round(time.Microsecond).String() }
