package conformance

import (
	"bytes"
	"context"
	"net/http"
	"strings"
)

func authOtherHeader() *Check {
	forms := []struct {
		name, what string
		value      func(o *Options) string
	}{
		{"X-Authorization", "the right credentials in X-Authorization", rightBasic},
		{"Proxy-Authorization", "the right credentials in Proxy-Authorization", rightBasic},
		{"X-Forwarded-User", "the right username in X-Forwarded-User", func(o *Options) string { return o.Username }},
	}
	c := headerless("other-header", "credentials in other headers are refused", "",
		"The baseline without an Authorization header, with the right credentials in X-Authorization, then in Proxy-Authorization, then the right username in X-Forwarded-User.",
		Doc{
			Passes: "Any 4xx each; 2xx, a redirect and 5xx warn.",

			Why: "Headers by which a proxy says whom it has let in can be sent by anyone who reaches the receiver without the proxy.", Cause: "a forwarded identity is trusted wherever it comes from",
			Fix: "read credentials from the Authorization header only, and strip forwarded identities at the edge",
		}, nil)
	c.Level, c.Basis, c.Source = Should, []Basis{Judgement}, srcOurs
	c.Cost = sends(len(forms), 0, 0)
	c.Run = func(ctx context.Context, p *Pass) error {
		for _, form := range forms {
			body, err := p.s.plainEvent()
			if err != nil {
				return err
			}
			value := form.value(&p.s.opts)
			_, err = p.wantRefused(ctx, "an event with "+form.what+" and no Authorization header", probe{body: body, auth: noAuth,
				edit: func(r *http.Request) { r.Header.Set(form.name, value) }})
			if err != nil {
				return err
			}
		}
		return nil
	}
	return c
}

func rightBasic(o *Options) string { return "Basic " + encode(o.Username+":"+o.Password) }

func authBeforeParse() *Check {
	c := headerless("before-parse", "credentials are checked before the body is parsed", "",
		"A body that is no JSON, without an Authorization header.",
		Doc{
			Passes:       "Any 4xx but 400 and 422. Those two inform, as the body was looked at first, and so do 2xx and 5xx.",
			Alternatives: "Parsing first, if nothing comes of it.",

			Why: "Whoever has no credentials should not reach the parser.", Cause: "the body parser runs before the check of the credentials",
			Fix: "check credentials before the body is read",
		}, nil)
	c.judgedOtherwise(May, Judgement, srcOurs, "Credentials are better checked before the body is parsed.")
	c.Run = func(ctx context.Context, p *Pass) error {
		x, err := p.send(ctx, probe{body: []byte(`{"trigger":`), auth: noAuth})
		if err != nil {
			return err
		}
		switch {
		case x.answer == unclear:
			return &unclearError{x.why}
		case x.answer == accepted:
			p.info(x, "acknowledged", "a malformed body without credentials is acknowledged with %s", status(x.attempt.Status))
		case x.attempt.Status == http.StatusBadRequest, x.attempt.Status == http.StatusUnprocessableEntity:
			p.info(x, "parsed-first", "a malformed body without credentials is answered with %s, so the body is parsed before credentials are checked", status(x.attempt.Status))
		case x.answer == failed: // a matter of payload/malformed
			p.info(x, "crashed", "a malformed body without credentials: %s", describe(&x.attempt))
		}
		return nil
	}
	return c
}

func authSchemeCase() *Check {
	return &Check{
		ID: "auth/scheme-case", Title: "the scheme is read without regard to case", Level: Should, Basis: []Basis{Standard}, Impact: Events,
		Requirement: "The name of an authentication scheme is case-insensitive.", Source: "RFC 9110 §11.1",
		Probe: "The baseline with the right credentials under the scheme basic.",
		Doc: Doc{
			Passes:       "Always; a refusal informs, because CometChat writes Basic.",
			Alternatives: "Refusing it.",

			Why: "Clients and proxies may write the scheme in lower case.", Cause: "the header's beginning is compared letter by letter",
			Fix: "compare the scheme without regard to case, or let the framework read Basic auth",
		},
		needs: needAuth, phase: phaseAuth, lenient: true, Cost: sends(1, 1, 0),
		Run: func(ctx context.Context, p *Pass) error {
			body, err := p.s.plainEvent()
			if err != nil {
				return err
			}
			o := &p.s.opts
			x, err := p.send(ctx, probe{body: body, auth: authorization{
				custom: true, values: []string{strings.Replace(rightBasic(o), "Basic", "basic", 1)},
				shell: `-H "Authorization: basic $(printf %s "$WEBHOOK_USER:$WEBHOOK_PASS" | base64)"`,
			}})
			switch {
			case err != nil:
				return err
			case x.answer == unclear:
				return &unclearError{x.why}
			case !x.accepted():
				p.info(x, "case-matters", "the scheme in lower case is not taken: %s", describe(&x.attempt))
			}
			return nil
		},
	}
}

func csrfHint() *Check {
	return &Check{
		ID: "auth/csrf-hint", Title: "no CSRF protection is in the way", Level: May, Basis: []Basis{Judgement}, Impact: Events,
		Requirement: "A delivery carries no token of a form, and needs none.", Source: srcOurs,
		Probe: "If the baseline is refused, its status, text and cookies are searched for what CSRF middleware answers.",
		Doc: Doc{
			Passes:       "Always: this only explains, and informs; ack/accept judges.",
			Alternatives: "CSRF protection of other routes.",

			Why: "403 or 419 to a valid POST is typical of CSRF middleware, and its text seldom says so to a machine.", Cause: "CSRF middleware refuses a POST that carries no token of a form",
			Fix: "exempt the webhook route from CSRF protection; Basic auth protects it",
		},
		phase: phaseBaseline, needs: needTransport,
		Run: func(ctx context.Context, p *Pass) error {
			b := p.s.baseline(ctx)
			if x := b.last(); x != nil && x.answer == refused && csrfRule(p.s, p.Check, x) != nil {
				p.info(x, "csrf", "the refusal of a valid event looks like that of CSRF middleware (%s): exempt the webhook route from it", describe(&x.attempt))
			}
			return nil
		},
	}
}

// sameText tells whether two answers are the same to whoever reads them.
func sameText(a, b *sent) bool {
	return a.attempt.Status == b.attempt.Status && bytes.Equal(a.attempt.Text, b.attempt.Text)
}
