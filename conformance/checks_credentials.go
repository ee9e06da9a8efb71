package conformance

import (
	"context"
)

func credentialRotation() *Check {
	c := authCheck("credential-rotation", "the previous credentials are refused", "", "The baseline with the credentials that were valid before (--previous-auth). Skipped without them.",
		Doc{
			Passes: "Anything but 2xx, which warns.",

			Why: "Credentials are changed because somebody may know them who should not.", Cause: "the old pair stays in a list of valid ones, or an instance has not been restarted",
			Fix: "accept both pairs while CometChat's configuration changes, then remove the old one and restart every instance",
		}, previousAuth)
	c.ID = "security/credential-rotation"
	c.judgedOtherwise(May, Judgement, srcOurs, "Credentials that were replaced are not valid any more.")
	c.strains = true
	c.Run = func(ctx context.Context, p *Pass) error {
		if !p.s.opts.hasPrevious() {
			p.skip("no previous credentials are configured (--previous-auth)")
			return nil
		}
		body, err := p.s.plainEvent()
		if err != nil {
			return err
		}
		x, err := p.send(ctx, probe{body: body, auth: previousAuth(p.s)[0]})
		switch {
		case err != nil:
			return err
		case x.answer == unclear:
			p.lock(x, x.probe)
			return &unclearError{x.why}
		case x.accepted() && !p.s.opts.AckAndDrop:
			p.fail(x, "still-valid", "the previous credentials are still valid: an event with them was accepted with %s", status(x.attempt.Status))
		}
		return nil
	}
	return c
}

// previousAuth is what credentials that were replaced look like on the wire.
func previousAuth(s *session) []authorization {
	if !s.opts.hasPrevious() {
		return nil
	}
	return []authorization{basic(s.opts.PreviousUsername, s.opts.PreviousPassword, `-u "$WEBHOOK_PREVIOUS_USER:$WEBHOOK_PREVIOUS_PASS"`)}
}

// Size of security/rate-limit-scope: so many waves of so many wrong credentials at once.
const (
	floodWaves = 5
	floodWave  = 8
)

func rateLimitScope() *Check {
	const wrong = floodWaves * floodWave
	return &Check{
		ID: "security/rate-limit-scope", Title: "a flood of wrong credentials does not keep the right ones out", Level: May, Basis: []Basis{Judgement}, Impact: Load,
		Requirement: "Events with the right credentials are acknowledged while strangers try wrong ones.", Source: srcOurs,
		Probe: "40 plain events with a wrong password, eight at once, and beside each eight one with the right password.",
		Doc: Doc{
			Passes:       "Always; that the right one is not accepted beside them, or afterwards, informs.",
			Alternatives: "Limiting whoever sends wrong credentials.",

			Why: "A limit that counts all callers together lets anyone who knows the URL stop CometChat's deliveries.", Cause: "failed logins are counted by user name or by route, or all come from one proxy's address",
			Fix: "count failed logins by the client's address, and do not lock the webhook's user out",
		},
		needs: needAuth, phase: phaseFlood, negative: true, lenient: true, certain: true,
		Cost: sends(wrong+floodWaves, floodWaves, wrong),
		Run: func(ctx context.Context, p *Pass) error {
			var blocked *sent
			n := 0
			for wave := range floodWaves {
				if wave > 0 && !pause(ctx, p.s.opts.authGap(p.s.mode)) {
					return ctx.Err()
				}
				x, err := p.flood(ctx)
				switch {
				case err != nil:
					return err
				case !x.accepted():
					n++
					blocked = x
				}
			}
			if n == 0 {
				return nil
			}
			after := "; a little later it is accepted again"
			if !p.s.alive(ctx, p.Check.ID) {
				after = ", and afterwards it still is not"
			}
			p.info(blocked, "blocked", "while %d wrong credentials were sent, %d of %d events with the right ones were not accepted: %s%s", wrong, n, floodWaves, describe(&blocked.attempt), after)
			return nil
		},
	}
}

// flood sends a wave of wrong credentials, and returns what came of the right ones beside it.
func (p *Pass) flood(ctx context.Context) (*sent, error) {
	var all [floodWave + 1]probe
	for i := range all {
		body, err := p.s.plainEvent()
		if err != nil {
			return nil, err
		}
		all[i] = probe{kind: kindRecovery, body: body, together: true}
		if i > 0 {
			all[i].auth = basic(p.s.opts.Username, p.s.otherPassword(), `-u "$WEBHOOK_USER:wrong"`)
			all[i].kind, all[i].flood = kindProbe, true
		}
	}
	if !p.s.keepPace(ctx, len(all)) {
		return nil, ctx.Err()
	}
	sent, err := p.atOnce(ctx, all[:])
	if err != nil {
		return nil, err
	}
	return sent[0], nil
}
