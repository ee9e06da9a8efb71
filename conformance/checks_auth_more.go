package conformance

import (
	"context"
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"time"

	"hookproof/schemas"
)

func encode(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

func authInQuery() *Check {
	return headerless("in-query", "credentials in the query are refused", "an event with the credentials in the query instead of the header",
		"The baseline without an Authorization header and with username and password in the query, so that they stand in access logs.",
		Doc{Why: "Query parameters end up in logs.", Cause: "the handler takes credentials from wherever it finds them", Fix: "read credentials from the Authorization header only"},
		func(p *Pass) (probe, error) {
			body, err := p.s.plainEvent()
			return probe{body: body, auth: noAuth, url: p.s.withQuery(url.Values{"username": {p.s.opts.Username}, "password": {p.s.opts.Password}})}, err
		})
}

func authInBody() *Check {
	return headerless("in-body", "credentials in the body are refused", "an event with the credentials in the body instead of the header",
		"The baseline without an Authorization header and with username and password as members of the event.",
		Doc{Why: "Bodies are stored and shown.", Cause: "the handler takes credentials from wherever it finds them", Fix: "read credentials from the Authorization header only"},
		func(p *Pass) (probe, error) {
			o, err := p.document()
			if err != nil {
				return probe{}, err
			}
			body, err := o.with(p.s.opts.Username, "username").with(p.s.opts.Password, "password").encode()
			return probe{body: body, auth: noAuth}, err
		})
}

// headerless is a check that an event without an Authorization header is refused.
func headerless(name, title, what, probeText string, doc Doc, make func(*Pass) (probe, error)) *Check {
	c := authCheck(name, title, what, probeText, doc, func(*session) []authorization { return []authorization{noAuth} })
	c.Implied = []string{"auth/none"}
	c.Run = func(ctx context.Context, p *Pass) error {
		pr, err := make(p)
		if err != nil {
			return err
		}
		_, err = p.wantRefused(ctx, what, pr)
		return err
	}
	return c
}

// spread picks at most n triggers, from as many groups as there are.
func (o *Options) spread(n int) []string {
	var out []string
	seen := map[string]int{}
	for round := 0; len(out) < min(n, len(o.known(o.Triggers))); round++ {
		clear(seen)
		for _, name := range o.known(o.Triggers) {
			t, _ := schemas.Lookup(name)
			if seen[t.Group] == round && len(out) < n && !slices.Contains(out, name) {
				out = append(out, name)
			}
			seen[t.Group]++
		}
	}
	return out
}

// authTriggers is how many triggers are tried without credentials: five, or in
// profile security all.
func (o *Options) authTriggers() int {
	if o.thorough() {
		return len(o.Triggers)
	}
	return 5
}

func authAllTriggers() *Check {
	c := authCheck("all-triggers", "events of every group are refused without credentials", "an event without an Authorization header",
		"Events of up to five subscribed triggers, spread over the groups, or in profile security of all of them, without an Authorization header.",
		Doc{Why: "Credentials that are checked in one branch only protect that branch.", Cause: "the check is inside the handler of one trigger", Fix: "check credentials before looking at the event"},
		nil)
	c.Implied = []string{"auth/none"}
	c.Cost = func(o *Options) Cost { return Cost{Requests: len(o.spread(o.authTriggers()))} }
	c.Run = func(ctx context.Context, p *Pass) error {
		for _, name := range p.s.opts.spread(p.s.opts.authTriggers()) {
			body, err := p.event(name)
			if err != nil {
				return err
			}
			if _, err := p.wantRefused(ctx, "a "+name+" without an Authorization header", probe{body: body, auth: noAuth}); err != nil {
				return err
			}
		}
		return nil
	}
	return c
}

func authEveryRequest() *Check {
	c := headerless("every-request", "credentials are checked on each request of a connection", "an event without credentials on a connection that carried one with them",
		"The baseline, then the baseline without an Authorization header on the same connection.",
		Doc{
			Passes:       "2xx, then any 4xx; a redirect warns, 2xx and 5xx fail.",
			Alternatives: "Closing the connection after each answer, which informs.",

			Why: "Proxies share connections between clients.", Cause: "the connection is authorised instead of the request", Fix: "check the credentials of each request",
		},
		nil)
	c.Cost = sends(2, 1, 0)
	c.Run = func(ctx context.Context, p *Pass) error {
		transport := p.s.transport()
		defer transport.CloseIdleConnections()
		body, err := p.s.plainEvent()
		if err != nil {
			return err
		}
		first, err := p.wantAccepted(ctx, "a plain event", probe{kind: kindBaseline, body: body, transport: transport})
		if err != nil || !first.accepted() {
			return err
		}
		if body, err = p.s.plainEvent(); err != nil {
			return err
		}
		x, err := p.wantRefused(ctx, "an event without credentials on a connection that carried one with them", probe{body: body, auth: noAuth, transport: transport})
		if x == nil || err != nil && !x.lost() {
			return err
		}
		if x.lost() || !x.attempt.Reused {
			p.info(nil, "connection-closed", "the receiver closes each connection, so there is no second request on one")
		}
		return nil
	}
	return c
}

func authChallenge() *Check {
	return &Check{
		ID: "auth/challenge", Title: "401 names the scheme", Level: Should, Basis: []Basis{Standard}, Impact: Quiet,
		Requirement: "An answer with 401 carries WWW-Authenticate.", Source: "RFC 9110 §11.6.1",
		Probe: "The answer to an event without credentials.",
		Doc: Doc{
			Passes:       "If it is 401, it has WWW-Authenticate; one without warns. Another answer informs.",
			Alternatives: "403, 404 or another 4xx in place of 401.",

			Why: "Clients and people learn from the header what is asked of them.", Cause: "the status is set by hand",
			Fix: `send WWW-Authenticate: Basic realm="webhook" with 401`,
		},
		needs: needAuth, phase: phaseAuth, negative: true, certain: true, Implied: []string{"auth/none"},
		Cost: func(o *Options) Cost {
			if ok, _ := o.selected(authNone()); ok || !o.authenticated() {
				return Cost{}
			}
			return Cost{Requests: 1}
		},
		Run: func(ctx context.Context, p *Pass) error {
			x := p.s.last("auth/none")
			if x == nil || x.kind != kindProbe {
				body, err := p.s.plainEvent()
				if err != nil {
					return err
				}
				if x, err = p.send(ctx, probe{body: body, auth: noAuth}); err != nil {
					return err
				}
			}
			switch {
			case x.answer == unclear:
				p.inconclusive("%s", x.why)
			case x.attempt.Status != http.StatusUnauthorized:
				p.info(x, "other-refusal", "an event without credentials: %s", describe(&x.attempt))
			case x.attempt.Answer.Get("Www-Authenticate") == "":
				p.fail(x, "no-challenge", "401 comes without WWW-Authenticate")
			}
			return nil
		},
	}
}

func authNoEffect() *Check {
	return &Check{
		ID: "auth/no-effect", Title: "refused events have no effect", Level: Must, Basis: []Basis{BestPractice}, Impact: Quiet,
		Requirement: "An event without the right credentials has no effect.", Source: srcEndpoint,
		Probe: "Nothing of its own: the observer is asked about every event that was sent with wrong credentials or none.",
		Doc: Doc{
			Passes:       "It sees no effect of any of them; one fails.",
			Alternatives: "Logging or counting refusals; acknowledging and dropping such events, if that is declared (--ack-and-drop).",

			Why: "Receivers have been seen that log a refusal and process the event all the same.", Cause: "the work is started before the credentials are checked",
			Fix: "check credentials before anything else, and return",
		},
		needs: needAuth, phase: phaseAuth, observed: true, Implied: []string{"auth/none"},
		Run: func(ctx context.Context, p *Pass) error {
			probes := map[string]*sent{}
			var keys []string
			let := map[string]bool{} // in: what was accepted has its own finding, if it is wrong
			for _, x := range p.s.stored() {
				if key, err := schemas.Key(x.probe.body); err == nil && (!x.probe.auth.custom || x.accepted() && !x.dropped) {
					let[key] = true // keys without a time in them come again
				}
			}
			for _, x := range p.s.stored() {
				if key, err := schemas.Key(x.probe.body); err == nil && key != "" && x.probe.auth.custom && !let[key] {
					probes[key] = x
					keys = append(keys, key)
				}
			}
			if len(keys) == 0 {
				p.skip("no event with wrong credentials was sent in this run")
				return nil
			}
			effects, err := p.s.opts.Observe(ctx, keys)
			if err != nil {
				return err
			}
			if p.s.opts.AckAndDrop {
				p.info(nil, "acknowledged-and-dropped", "events without the right credentials may be acknowledged, as is declared; the observer was asked about %d", len(keys))
			}
			for _, key := range keys {
				if n := effects[key]; n > 0 {
					p.fail(probes[key], "effect", "an event with wrong credentials had %d effects, although it was answered with %s", n, status(probes[key].attempt.Status))
				}
			}
			return nil
		},
	}
}

func authLockout() *Check {
	return &Check{
		ID: "auth/lockout", Title: "wrong credentials do not lock CometChat out", Level: Should, Basis: []Basis{Judgement}, Impact: Events,
		Requirement: "After requests with wrong credentials, one with the right ones is still accepted.", Source: srcOurs,
		Probe: "A plain event after all wrong credentials of the run, once more after Retry-After if it is limited.",
		Doc: Doc{
			Passes:       "2xx; anything else warns.",
			Alternatives: "Limits and delays that let the right credentials pass.",

			Why: "Anyone could stop the deliveries by guessing.", Cause: "failed logins lock the account or the address",
			Fix: "limit failed logins by address, slow them down instead of locking, or exempt the right credentials",
		},
		needs: needAuth, phase: phaseAuth, certain: true, Cost: sends(1, 1, 0),
		Run: func(ctx context.Context, p *Pass) error {
			if p.s.wrong == 0 {
				p.skip("no wrong credentials were sent in this run")
				return nil
			}
			body, err := p.s.plainEvent()
			if err != nil {
				return err
			}
			x, err := p.send(ctx, probe{body: body})
			if err != nil {
				return err
			}
			if x.answer == unclear && p.s.wait(ctx, retryAfter(&x.attempt, 500*time.Millisecond)) {
				if body, err = p.s.plainEvent(); err != nil {
					return err
				}
				if x, err = p.send(ctx, probe{body: body}); err != nil {
					return err
				}
			}
			if !x.accepted() {
				p.fail(x, "locked-out", "after %d requests with wrong credentials the right ones are not accepted: %s", p.s.wrong, describe(&x.attempt))
			}
			return nil
		},
	}
}
