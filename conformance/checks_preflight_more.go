package conformance

import (
	"context"
	"slices"
	"strings"
	"unicode"
)

// preflightCheck is a check of the configuration: nothing is sent.
func preflightCheck(name, title string, basis Basis, requirement, source, probeText string, doc Doc, look func(*Pass)) *Check {
	return &Check{
		ID: "preflight/" + name, Title: title, Level: Should, Basis: []Basis{basis}, Impact: Quiet,
		Requirement: requirement, Source: source, Probe: probeText, Doc: doc,
		Run: func(_ context.Context, p *Pass) error {
			look(p)
			return nil
		},
	}
}

// tokenNames are parameters of a query that are taken for secrets.
var tokenNames = []string{"token", "access_token", "key", "api_key", "apikey", "secret", "password", "passwd", "pwd", "sig", "signature"}

func urlUserinfo() *Check {
	return preflightCheck("url-userinfo", "the URL has no secret in it", Judgement,
		"The URL has no credentials and no parameter that looks like a secret.", srcOurs,
		"The URL's query is read; nothing is sent. User and password in the URL are refused before a run begins.",
		Doc{
			Passes:       "No parameter with a value is called token, key, secret or the like; one that is warns.",
			Alternatives: "Parameters of other names, such as the tenant that a URL is for.",

			Why: "URLs stand in access logs, monitors and error reports, where a secret is none.", Cause: "the query has a token by which the receiver knows its sender",
			Fix: "authenticate with Basic auth, and take the token out of the URL",
		},
		func(p *Pass) {
			for name, values := range p.s.target.Query() {
				if slices.Contains(tokenNames, strings.ToLower(name)) && strings.Join(values, "") != "" {
					p.fail(nil, "token-in-url", "the query parameter %q looks like a secret", cut(strings.ToValidUTF8(name, "�"), 60))
				}
			}
		})
}

func urlFragment() *Check {
	return preflightCheck("url-fragment", "the URL has no fragment", Standard,
		"The URL has no fragment: it is never sent.", "RFC 9110 §7.1",
		"The URL is searched for #; nothing is sent.",
		Doc{
			Passes: "It has no fragment; one warns.",

			Why: "What follows # never reaches the receiver, so a route that depends on it is never met.", Cause: "the address of a page was copied from a browser",
			Fix: "remove # and what follows it",
		},
		func(p *Pass) {
			if p.s.fragment {
				p.fail(nil, "fragment", "the URL has a fragment, which is not sent")
			}
		})
}

// common are passwords that everybody tries first.
var common = strings.Fields(`123456 123456789 12345678 password qwerty 111111 12345 123123 1234567 1234567890 000000 abc123 password1 iloveyou admin
	welcome monkey login princess qwertyuiop solo passw0rd starwars letmein dragon master hello freedom whatever qazwsx trustno1 654321 jordan harley
	password123 hunter2 shadow 1q2w3e4r 1q2w3e 1qaz2wsx zaq12wsx superman michael football baseball secret changeme changeit default root toor test
	test123 guest admin123 administrator webhook webhook123 cometchat cometchat123 user username demo example sample supersecret topsecret mysecret
	password1234 p@ssw0rd p@ssword qwerty123 qwerty1234 asdfgh asdfghjkl zxcvbnm 666666 888888 121212 112233 987654321 access pass pass123 secret123
	correcthorsebatterystaple letmein123 welcome1 welcome123 abcd1234 a1b2c3d4 sunshine flower computer internet charlie donald batman`)

const strongPassword = 16

func credStrength() *Check {
	return preflightCheck("cred-strength", "the password is strong", Judgement,
		"The password has at least 16 characters, is not the username and not a common one.", srcOurs,
		"The configured password is measured and looked up in a short list of common ones; nothing is sent.",
		Doc{
			Passes:       "It has 16 characters or more, is not the username and not in the list; else it warns, and in mode dev informs.",
			Alternatives: "Without credentials there is nothing to look at: auth/configured is about that.",

			Why: "The password is the only thing that keeps strangers from sending events.", Cause: "it was chosen by hand",
			Fix: "let a generator choose at least 16 letters and digits, different for each endpoint",
		},
		func(p *Pass) {
			o := &p.s.opts
			weak, code := "", ""
			switch {
			case !o.authenticated():
				return
			case slices.Contains(common, strings.ToLower(o.Password)):
				weak, code = "the password is one of the most common", "common"
			case o.Password == o.Username:
				weak, code = "the password is the username", "same"
			case len([]rune(o.Password)) < strongPassword:
				weak, code = "the password is short", "short"
			default:
				return
			}
			if p.s.mode == Dev {
				p.info(nil, code, "%s, which does not matter in mode dev", weak)
				return
			}
			p.fail(nil, code, "%s: want %d characters or more from a generator", weak, strongPassword)
		})
}

// maxWebhookID is documented.
const maxWebhookID = 50

func idLimits() *Check {
	return preflightCheck("id-limits", "the webhook's id fits CometChat's limits", Documented,
		"The id of a webhook has at most 50 characters and no white space.", srcManagement,
		"The configured webhook id is measured; nothing is sent.",
		Doc{
			Passes:       "It has at most 50 characters and no white space; anything else warns.",
			Alternatives: "Letters, digits, _ and -: every documented example has an underscore.",

			Why: "The API refuses another id, so events would carry a different one.", Cause: "the name was given instead of the id",
			Fix: "use the id that the dashboard shows",
		},
		func(p *Pass) {
			id := p.s.opts.WebhookID
			if n := len([]rune(id)); n > maxWebhookID {
				p.fail(nil, "too-long", "the webhook id has %d characters; CometChat accepts %d", n, maxWebhookID)
			}
			if strings.ContainsFunc(id, unicode.IsSpace) {
				p.fail(nil, "white-space", "the webhook id has white space in it")
			}
		})
}

// ephemeral are the domains of tunnels and of inspectors of requests.
var ephemeral = []string{
	"ngrok.io", "ngrok.app", "ngrok.dev", "ngrok-free.app", "ngrok-free.dev", "trycloudflare.com", "webhook.site", "pipedream.net", "localhost.run",
	"lhr.life", "loca.lt", "localtunnel.me", "serveo.net", "requestbin.com", "requestbin.net", "beeceptor.com", "hookdeck.com", "smee.io", "tunnelmole.net",
	"bore.pub", "pagekite.me", "devtunnels.ms", "expose.dev", "requestcatcher.com", "mockbin.io", "typedwebhook.tools", "telebit.io",
}

func hostEphemeral() *Check {
	return preflightCheck("host-ephemeral", "the host is no tunnel and no inspector", Judgement,
		"The host is made to last.", srcOurs,
		"The host is compared with a list of tunnels and of inspectors of requests; nothing is sent.",
		Doc{
			Passes:       "It is none of them; one of them warns, and in mode dev informs.",
			Alternatives: "A tunnel while you develop: mode dev.",

			Why: "A tunnel ends with the terminal that it runs in, and an inspector keeps every message where others can read it.", Cause: "the URL of an experiment was left in place",
			Fix: "give the receiver a host of its own before it goes into production",
		},
		func(p *Pass) {
			host := strings.ToLower(strings.TrimSuffix(p.s.target.Hostname(), "."))
			for _, domain := range ephemeral {
				if host != domain && !strings.HasSuffix(host, "."+domain) {
					continue
				}
				if p.s.mode == Dev {
					p.info(nil, "ephemeral", "%s is a tunnel or an inspector of requests", host)
				} else {
					p.fail(nil, "ephemeral", "%s is a tunnel or an inspector of requests, which is nothing for production", host)
				}
			}
		})
}
