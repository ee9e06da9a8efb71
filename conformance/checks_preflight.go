package conformance

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"

	"hookproof/schemas"
)

// Limits of a webhook's configuration, documented.
const (
	maxWebhookURL = 255
	maxUsername   = 50
	maxPassword   = 100
)

func urlScheme() *Check {
	return &Check{
		ID: "preflight/url-scheme", Title: "the URL is https", Level: Must, Basis: []Basis{Documented}, Impact: Quiet,
		Requirement: "The webhook's URL uses HTTPS.", Source: srcEndpoint,
		Probe: "The URL is parsed; nothing is sent.",
		Doc: Doc{
			Passes:       "The scheme is https. With http a run in mode dev informs, any other run fails and sends nothing.",
			Alternatives: "Mode dev allows http for a receiver on your own machine, and certifies nothing.",

			Why: "Basic auth over plain http shows the credentials and every message to whoever listens on the way.",
			Fix: "serve the receiver over https and configure that URL",
		},
		Run: func(_ context.Context, p *Pass) error {
			switch {
			case p.s.target.Scheme == "https":
			case p.s.mode == Dev:
				p.info(nil, "http-in-dev", "the URL is http, which mode dev allows; CometChat itself refuses it")
			default:
				p.fail(nil, "not-https", "the URL is http; CometChat accepts https only, so nothing was sent")
			}
			return nil
		},
	}
}

func urlLength() *Check {
	return &Check{
		ID: "preflight/url-length", Title: "the URL has at most 255 characters", Level: Must, Basis: []Basis{Documented}, Impact: Quiet,
		Requirement: "The webhook's URL has at most 255 characters.", Source: srcManagement,
		Probe: "The URL is measured; nothing is sent.",
		Doc: Doc{
			Passes: "It has at most 255 characters. A longer one fails.",

			Why: "The dashboard and the API refuse a longer URL.", Fix: "shorten the path or the query of the URL",
		},
		Run: func(_ context.Context, p *Pass) error {
			if n := len(p.s.target.String()); n > maxWebhookURL {
				p.fail(nil, "url-too-long", "the URL has %d characters; CometChat accepts %d", n, maxWebhookURL)
			}
			return nil
		},
	}
}

var alphanumeric = regexp.MustCompile(`^[A-Za-z0-9]*$`)

func credLimits() *Check {
	return &Check{
		ID: "preflight/cred-limits", Title: "the credentials fit CometChat's limits", Level: Must, Basis: []Basis{Documented}, Impact: Quiet,
		Requirement: "The username has at most 50 characters, the password at most 100.", Source: srcManagement,
		Probe: "The configured credentials are measured; nothing is sent.",
		Doc: Doc{
			Passes:       "The username has at most 50 characters and the password at most 100; more fails. Other characters than letters and digits warn.",
			Alternatives: "Characters such as _ or - may work: the documentation breaks its rule of letters and digits in its own examples.",

			Why: "The dashboard and the API refuse longer credentials.", Fix: "choose credentials of letters and digits within the limits",
		},
		Run: func(_ context.Context, p *Pass) error {
			for _, c := range []struct {
				name, value string
				limit       int
			}{{"username", p.s.opts.Username, maxUsername}, {"password", p.s.opts.Password, maxPassword}} {
				if n := len([]rune(c.value)); n > c.limit {
					p.fail(nil, "too-long", "the %s has %d characters; CometChat accepts %d", c.name, n, c.limit)
				}
				if !alphanumeric.MatchString(c.value) {
					p.warn(nil, "not-alphanumeric", "the %s has other characters than letters and digits, which CometChat's documentation does not allow", c.name)
				}
			}
			return nil
		},
	}
}

func triggersKnown() *Check {
	return &Check{
		ID: "preflight/triggers-known", Title: "every configured trigger exists", Level: Must, Basis: []Basis{Documented}, Impact: Quiet,
		Requirement: "Every trigger that the webhook subscribes to is one that CometChat sends.", Source: srcTriggers,
		Probe: "The configured triggers are looked up in the contract; nothing is sent.",
		Doc: Doc{
			Passes:       "At least one is configured, and each is known and of the run's generation; anything else fails. One whose payload is not known informs.",
			Alternatives: "A trigger that is named somewhere without a known payload is right; it is not tried.",

			Why: "A misspelt trigger is never delivered, and nothing else tells.",
			Fix: "use the names that `hookproof triggers` lists",
		},
		Run: func(_ context.Context, p *Pass) error {
			if len(p.s.opts.Triggers) == 0 {
				p.fail(nil, "no-triggers", "no trigger is configured, so nothing would be delivered")
			}
			for _, name := range p.s.opts.Triggers {
				if p.s.opts.canBeMade(name) {
					continue
				}
				if t, ok := schemas.Lookup(name); ok && t.Generation == p.s.opts.generation() {
					p.info(nil, "no-schema", "%s exists, but no payload of it is known, so it is not tried", name)
					continue
				} else if ok && p.s.opts.legacy() && (t.Tier == schemas.Provider || slices.Contains(legacyReceipts, name)) {
					continue // a name of both generations
				} else if ok && p.s.opts.legacy() {
					p.fail(nil, "modern-trigger", "%s is not of the legacy generation, which an app has instead of all others", name)
					continue
				} else if ok {
					p.fail(nil, "legacy-trigger", "%s is of the legacy generation, which an app has instead of all others", name)
					continue
				}
				hint := ""
				var unknown *schemas.UnknownTriggerError
				if errors.As(schemas.Validate(name, nil), &unknown) && unknown.Nearest != "" {
					hint = "; did you mean " + unknown.Nearest + "?"
				}
				p.fail(nil, "unknown-trigger", "there is no trigger %q%s", cut(strings.ToValidUTF8(name, "�"), 100), hint)
			}
			return nil
		},
	}
}
