package conformance

import (
	"context"

	"hookproof/fixtures"
)

// canaryCheck is a check with events whose URLs lead to the run's canary.
func canaryCheck(id, title string, level Level, basis Basis, requirement, source, probeText string, doc Doc, run func(context.Context, *Pass, *canary) error) *Check {
	return aboutMessages(aboutType(&Check{
		ID: id, Title: title, Level: level, Basis: []Basis{basis}, Impact: Events,
		Requirement: requirement, Source: source,
		Probe: probeText + " The canary is a server of the run, on loopback if the receiver is on loopback; otherwise it has to be given a public URL (--canary, --canary-addr), and without one this is skipped.",
		Doc:   doc, needs: needBaseline, phase: phaseProbe, Cost: sends(1, 1, 0),
		Run: func(ctx context.Context, p *Pass) error {
			c, why, err := p.s.startCanary(ctx)
			if err != nil {
				return err
			}
			if why != "" {
				p.skip("%s", why)
				return nil
			}
			return run(ctx, p, c)
		},
	}, "image"))
}

func media401() *Check {
	c := canaryCheck("payload/media-401", "an event whose media cannot be fetched is accepted", Should, Documented,
		"An event is acknowledged although its media URL answers 401: with token-based access to files it does, and links expire after minutes.", srcTriggers,
		"A message with a picture at the run's canary, which answers 401.",
		Doc{
			Passes:       "2xx within 2 s; anything else warns.",
			Alternatives: "Fetching the picture or not.",

			Why:   "Media URLs may answer 401, or have expired when a retry comes; an event that is refused for that is retried in vain and lost.",
			Cause: "the receiver fetches the file before it answers, and takes its failure for its own",
			Fix:   "acknowledge the event first; fetch files afterwards, with the token, and let a failure be one of that work",
		},
		func(ctx context.Context, p *Pass, c *canary) error {
			mark := p.s.marker() + "/media"
			body, err := p.message(fixtures.MessageSpec{Type: "image", AttachmentURL: c.base + mark + "/picture.png"})
			if err != nil {
				return err
			}
			x, err := p.wantAccepted(ctx, "a message with a picture that answers 401", probe{body: body})
			if err == nil && x.accepted() && c.fetched(mark) > 0 {
				p.info(x, "fetched", "the picture was fetched before the event was acknowledged, and its failure is no harm")
			}
			return err
		})
	c.certain = true
	return c
}

func ssrfCanary() *Check {
	c := canaryCheck("security/ssrf-canary", "URLs in events are not fetched", May, Judgement,
		"Whoever can send a message chooses the URLs in it: fetching them is restricted to where files are expected.", srcOurs,
		"A message with a picture, metadata and its sender's avatar at the run's canary, for which 0.2 s are waited.",
		Doc{
			Passes:       "Always; that one is fetched informs, whatever the answer is.",
			Alternatives: "Fetching media from hosts that are known, outside of the internal network.",

			Why:   "A receiver that fetches any URL lets users of the chat reach what only the receiver can: metadata services, databases, admin pages.",
			Cause: "pictures, avatars or links are fetched from wherever the event says",
			Fix:   "fetch from the hosts of CometChat's files only, resolve the name once, refuse addresses that are not public, and follow no redirect",
		},
		func(ctx context.Context, p *Pass, c *canary) error {
			mark := p.s.marker() + "/ssrf"
			at := c.base + mark + "/"
			body, err := p.message(fixtures.MessageSpec{Type: "image", AttachmentURL: at + "picture.png", Metadata: map[string]any{"link": at + "link"}})
			if err != nil {
				return err
			}
			o, err := parseObject(body)
			if err != nil {
				return err
			}
			if body, err = o.with(at+"avatar.png", "data", "message", "data", "entities", "sender", "entity", "avatar").encode(); err != nil {
				return err
			}
			x, err := p.send(ctx, probe{body: body})
			if err != nil {
				return err
			}
			if n := c.watch(ctx, mark); n > 0 {
				p.info(x, "fetched", "the receiver fetches URLs that it finds in events, %d of them here: restrict where it may fetch from", n)
			}
			return nil
		})
	c.lenient = true
	cost := c.Cost
	c.Cost = func(o *Options) Cost {
		full := cost(o)
		if full.Requests > 0 {
			full.Pause = canaryPatience
		}
		return full
	}
	return c
}
