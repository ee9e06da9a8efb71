package conformance

import (
	"context"
	"net/http"
	"strings"
)

func authPathVariants() *Check {
	c := headerless("path-variants", "other spellings of the path are no way around the credentials", "",
		"The baseline without an Authorization header at path/, //path, path%2f, PATH, path;x and path?x.",
		Doc{
			Passes:       "None is accepted; 2xx warns.",
			Alternatives: "404, redirects and any 4xx. A server that accepts everything at a made-up path as well has no path to go around; that informs.",

			Why: "A proxy that protects one spelling of the path passes the others on to the same handler.", Cause: "credentials are checked by a rule about the path, in front of a router that is less strict",
			Fix: "check credentials in the handler, or in the proxy for every path",
		}, nil)
	c.judgedOtherwise(Should, Judgement, srcOurs, "An event without credentials is accepted at no other spelling of the path.")
	c.Cost = func(o *Options) Cost { return Cost{Requests: 6} }
	c.Run = func(ctx context.Context, p *Pass) error {
		for _, v := range p.s.spellings() {
			body, err := p.s.plainEvent()
			if err != nil {
				return err
			}
			x, err := p.send(ctx, probe{body: body, auth: noAuth, url: v.url})
			if err != nil {
				return err
			}
			switch {
			case x.answer == unclear:
				return &unclearError{v.name + ": " + x.why}
			case !x.accepted():
				continue
			}
			if body, err = p.s.plainEvent(); err != nil {
				return err
			}
			if other, err := p.send(ctx, probe{body: body, auth: noAuth, url: p.s.nowhere()}); err != nil {
				return err
			} else if other.accepted() {
				p.info(x, "catch-all", "the server accepts events at any path but the configured one without credentials, as a catch-all in front of the receiver would")
				return nil
			}
			p.fail(x, "accepted", "an event without credentials was accepted with %s at the path written as %s", status(x.attempt.Status), v.name)
		}
		return nil
	}
	return c
}

type spelling struct{ name, url string }

// spellings are other ways to write the target's path, each with the name by
// which a finding calls it.
func (s *session) spellings() []spelling {
	base := s.target.Scheme + "://" + s.target.Host
	path, query := s.target.EscapedPath(), ""
	if s.target.RawQuery != "" {
		query = "?" + s.target.RawQuery
	}
	bare := "/" + strings.Trim(path, "/")
	other := bare + "/"
	if strings.HasSuffix(path, "/") && bare != "/" {
		other = bare
	}
	return []spelling{
		{other, base + other + query},
		{"/" + bare, base + "/" + bare + query},
		{bare + "%2f", base + bare + "%2f" + query},
		{swapCase(bare), base + swapCase(bare) + query},
		{bare + ";x", base + bare + ";x" + query},
		{bare + "?x", base + bare + "?x"},
	}
}

// nowhere is a URL of the target's host that nobody has configured.
func (s *session) nowhere() string {
	u := *s.target
	u.Path, u.RawPath = strings.TrimRight(u.Path, "/")+"-hookproof-nonexistent", ""
	return u.String()
}

func methodOverride() *Check {
	return &Check{
		ID: "method/override", Title: "a method override is no way around the credentials", Level: Should, Basis: []Basis{Judgement}, Impact: Quiet,
		Requirement: "An event without credentials is refused whatever method an override header names.", Source: srcOurs,
		Probe: "The baseline without an Authorization header and with X-HTTP-Method-Override: GET.",
		Doc: Doc{
			Passes:       "Anything but 2xx, which warns.",
			Alternatives: "Refusing it with 401, 405 or another status.",

			Why: "Middleware that guards POST may be passed by a POST that calls itself GET.", Cause: "a method override is applied before the check of the credentials, which is about POST only",
			Fix: "remove the method override, or check credentials whatever the method",
		},
		needs: needAuth, phase: phaseAuth, negative: true, Implied: []string{"auth/none"}, Cost: sends(1, 0, 0),
		Run: func(ctx context.Context, p *Pass) error {
			body, err := p.s.plainEvent()
			if err != nil {
				return err
			}
			x, err := p.send(ctx, probe{body: body, auth: noAuth, edit: func(r *http.Request) { r.Header.Set("X-HTTP-Method-Override", "GET") }})
			switch {
			case err != nil:
				return err
			case x.answer == unclear:
				return &unclearError{x.why}
			case x.accepted():
				p.fail(x, "accepted", "an event without credentials was accepted with %s because of X-HTTP-Method-Override: GET", status(x.attempt.Status))
			}
			return nil
		},
	}
}
