package conformance

import (
	"bytes"
	"context"
	"net/http"
	"regexp"
	"strings"
)

var versioned = regexp.MustCompile(`/\d|\d+\.\d+`)

func versionBanner() *Check {
	return securityLook("version-banner", "headers name no version", May,
		"The answers' headers name no program with its version.", srcOurs,
		"Nothing: the headers Server, X-Powered-By and X-AspNet-Version of the run's answers are read.",
		Doc{
			Passes:       "Always; a version in Server, or one of the other two at all, informs.",
			Alternatives: "A name without a version.",

			Why: "A version tells which of the known holes to try.", Cause: "the default configuration of the server or the framework",
			Fix: "server_tokens off in nginx, app.disable('x-powered-by') in Express, expose_php=Off in PHP",
		},
		func(p *Pass, all []*sent) {
			for _, x := range all {
				for _, name := range []string{"Server", "X-Powered-By", "X-Aspnet-Version"} {
					if v := x.attempt.Answer.Get(name); v != "" && (name != "Server" || versioned.MatchString(v)) {
						p.info(x, "banner", "the answers carry %s: %s", name, cut(strings.ToValidUTF8(v, "�"), 80))
						return
					}
				}
			}
		})
}

func browserHeaders() *Check {
	return securityLook("security-headers", "browsers' security headers are not needed", May,
		"A webhook is no page, so headers for browsers are neither required nor wrong.", srcOurs,
		"Nothing: the headers Content-Security-Policy, X-Frame-Options and Referrer-Policy of accepted answers are read.",
		Doc{
			Passes:       "Always; that one is there informs.",
			Alternatives: "With them or without.",

			Why: "It tells that a website's middleware is in front of the webhook, which may also bring sessions and CSRF tokens.", Cause: "the route shares the middleware of a website",
			Fix: "nothing has to be done; take the route out of the website's middleware if it gets in the way",
		},
		func(p *Pass, all []*sent) {
			for _, x := range all {
				for _, name := range []string{"Content-Security-Policy", "X-Frame-Options", "Referrer-Policy"} {
					if x.accepted() && x.attempt.Answer.Get(name) != "" {
						p.info(x, "browser-headers", "accepted events are answered with %s, as pages of a website are", name)
						return
					}
				}
			}
		})
}

func crossOrigin() *Check {
	return &Check{
		ID: "security/cors", Title: "other origins are not let in", Level: May, Basis: []Basis{Judgement}, Impact: Quiet,
		Requirement: "The endpoint does not tell browsers that pages of any origin may post with credentials.", Source: srcOurs,
		Probe: "OPTIONS with Origin and Access-Control-Request-Method, without an Authorization header.",
		Doc: Doc{
			Passes:       "Always; Access-Control-Allow-Origin of * or of the made-up origin informs.",
			Alternatives: "Any other answer, 404 and 405 included.",

			Why: "No browser delivers events, so nothing is gained by letting them.", Cause: "CORS middleware that allows every origin for the whole application",
			Fix: "take the webhook route out of the CORS middleware",
		},
		needs: needBaseline, phase: phaseProbe, lenient: true, Cost: sends(1, 0, 0),
		Run: func(ctx context.Context, p *Pass) error {
			const origin = "https://origin.hookproof.invalid"
			x, err := p.send(ctx, probe{method: http.MethodOptions, auth: noAuth, edit: func(r *http.Request) {
				r.Header.Del("Content-Type")
				r.Header.Set("Origin", origin)
				r.Header.Set("Access-Control-Request-Method", http.MethodPost)
			}})
			switch {
			case err != nil:
				return err
			case x.answer == unclear:
				return &unclearError{x.why}
			}
			if v := x.attempt.Answer.Get("Access-Control-Allow-Origin"); v == "*" || v == origin {
				p.info(x, "any-origin", "pages of any origin may post: Access-Control-Allow-Origin: %s, Access-Control-Allow-Credentials: %q", v, x.attempt.Answer.Get("Access-Control-Allow-Credentials"))
			}
			return nil
		},
	}
}

func contains(x *sent, text string) bool { return bytes.Contains(x.attempt.Text, []byte(text)) }
