package conformance

import (
	"cmp"
	"context"
	"strings"
)

func authConfigured() *Check {
	return &Check{
		ID: "auth/configured", Title: "Basic auth is configured", Level: Should, Basis: []Basis{BestPractice}, Impact: Quiet,
		Requirement: "The endpoint is protected with Basic auth.", Source: srcEndpoint,
		Probe: "The configuration of the run; nothing is sent.",
		Doc: Doc{
			Passes: "Credentials are configured; none warns.",

			Why: "Basic auth is the only protection that CometChat offers; without it anyone can send events.", Cause: "no credentials were given",
			Fix: "configure Basic auth for the webhook, and give the credentials: --auth USER:PASS or HOOKPROOF_AUTH",
		},
		Run: func(_ context.Context, p *Pass) error {
			if !p.s.opts.authenticated() {
				p.fail(nil, "unauthenticated", "no credentials are configured: the receiver was checked without authentication")
			}
			return nil
		},
	}
}

func authValid() *Check {
	return &Check{
		ID: "auth/valid", Title: "the right credentials are accepted", Level: Must, Basis: []Basis{Documented}, Impact: Events,
		Requirement: "A delivery with the configured Basic auth credentials is accepted.", Source: srcEndpoint,
		Probe: "The baseline, with the configured credentials.",
		Doc: Doc{
			Passes: "Anything but 401; that fails. Skipped without credentials.",

			Why: "A receiver that refuses the right credentials gets no event.", Cause: "the credentials differ, or the receiver wants another scheme than Basic",
			Fix: "check username and password on both sides",
		},
		phase: phaseBaseline, needs: needTransport,
		Run: func(ctx context.Context, p *Pass) error {
			if !p.s.opts.authenticated() {
				p.skip("no credentials are configured")
				return nil
			}
			return p.judgeBaseline(ctx, "refused", "the configured credentials were refused: %s")
		},
	}
}

// What passes where a request must be refused, and what is as right.
const (
	refusals  = "Any 4xx; 2xx fails, a redirect warns, and 5xx fails with a code of its own."
	asRefused = "403, 404 or another 4xx in place of 401: 404 hides that there is an endpoint. A connection that is closed without an answer informs."
)

// judgedOtherwise makes a check of another requirement out of one that wants refusals.
func (c *Check) judgedOtherwise(level Level, basis Basis, source, requirement string) {
	c.Level, c.Basis, c.Source, c.Requirement = level, []Basis{basis}, source, requirement
}

// authCheck is a check that a plain valid event is refused because of its Authorization alone.
func authCheck(name, title, what, probeText string, doc Doc, make func(*session) []authorization) *Check {
	doc.Passes, doc.Alternatives = cmp.Or(doc.Passes, refusals), cmp.Or(doc.Alternatives, asRefused)
	c := &Check{
		ID: "auth/" + name, Title: title, Level: Must, Basis: []Basis{BestPractice}, Impact: Quiet,
		Requirement: "An event without the right credentials is refused.", Source: srcEndpoint,
		Probe: probeText, Doc: doc,
		needs: needAuth, phase: phaseAuth, negative: true,
		Run: func(ctx context.Context, p *Pass) error {
			variants := make(p.s)
			if len(variants) == 0 {
				p.skip("the configured credentials do not allow this probe")
				return nil
			}
			for _, a := range variants {
				body, err := p.s.plainEvent()
				if err != nil {
					return err
				}
				if _, err := p.wantRefused(ctx, what, probe{body: body, auth: a}); err != nil {
					return err
				}
			}
			return nil
		},
	}
	c.Cost = func(o *Options) Cost {
		cost := Cost{}
		if !o.authenticated() {
			return cost
		}
		for _, a := range make(&session{opts: *o}) {
			cost.Requests++
			if a.wrong {
				cost.Wrong++
			}
		}
		return cost
	}
	switch name {
	case "none":
	case "any-basic", "empty", "scheme-bearer":
		c.Implied = []string{"auth/none"}
	default:
		c.Implied = []string{"auth/none", "auth/any-basic"}
	}
	return c
}

func one(make func(o *Options) authorization) func(*session) []authorization {
	return func(s *session) []authorization { return []authorization{make(&s.opts)} }
}

func authNone() *Check {
	return authCheck("none", "an event without credentials is refused", "an event without an Authorization header",
		"The baseline without an Authorization header.",
		Doc{
			Why: "Anyone who knows the URL could send events.", Cause: "the handler does not check the Authorization header, or a proxy does so on another route only",
			Fix: "compare the Basic credentials of each request in constant time, and answer 401 with WWW-Authenticate: Basic if they differ",
		},
		func(*session) []authorization { return []authorization{noAuth} })
}

func authAnyBasic() *Check {
	return authCheck("any-basic", "made-up credentials are refused", "an event with the made-up credentials a:b",
		"The baseline with Basic a:b.",
		Doc{
			Why: "A check of the scheme alone protects nothing.", Cause: "the handler only looks whether the header starts with Basic, as some public samples do",
			Fix: "decode the header and compare username and password with the configured ones",
		},
		one(func(o *Options) authorization {
			if o.Username == "a" && o.Password == "b" {
				return basic("c", "d", `-u c:d`)
			}
			return basic("a", "b", `-u a:b`)
		}))
}

func authWrongPass() *Check {
	return authCheck("wrong-pass", "a wrong password is refused", "an event with a wrong password of the right length",
		"The baseline with the right username and a random password of the same length.",
		Doc{Why: "A username is no secret.", Cause: "only the username is compared", Fix: "compare both username and password"},
		func(s *session) []authorization {
			return []authorization{basic(s.opts.Username, s.otherPassword(), `-u "$WEBHOOK_USER:wrong"`)}
		})
}

// otherPassword is random letters, as many as the password has, but not the password.
func (s *session) otherPassword() string {
	if s.rng == nil {
		return "" // only the cost is asked for
	}
	for {
		b := make([]byte, max(len(s.opts.Password), 1))
		for i := range b {
			b[i] = byte('a' + s.rng.IntN(26))
		}
		if string(b) != strings.ToLower(s.opts.Password) {
			return string(b)
		}
	}
}

func authWrongUser() *Check {
	return authCheck("wrong-user", "a wrong username is refused", "an event with a wrong username",
		"The baseline with another username and the right password.",
		Doc{Why: "Credentials are a pair.", Cause: "only the password is compared", Fix: "compare both username and password"},
		one(func(o *Options) authorization {
			return basic("not-"+o.Username, o.Password, `-u "not-$WEBHOOK_USER:$WEBHOOK_PASS"`)
		}))
}

func authSwapped() *Check {
	return authCheck("swapped", "swapped credentials are refused", "an event with username and password swapped",
		"The baseline with PASS:USER. Skipped if both are the same.",
		Doc{Why: "Credentials are an ordered pair.", Cause: "the parts are looked up in a set", Fix: "compare username with username and password with password"},
		func(s *session) []authorization {
			if s.opts.Username == s.opts.Password {
				return nil
			}
			return []authorization{basic(s.opts.Password, s.opts.Username, `-u "$WEBHOOK_PASS:$WEBHOOK_USER"`)}
		})
}

func authEmptyPass() *Check {
	return authCheck("empty-pass", "an empty password is refused", "an event with an empty password",
		"The baseline with USER: and no password. Skipped if the configured one is empty.",
		Doc{Why: "Some realms treat an empty password as an anonymous login.", Cause: "an empty value is taken for one that was not given", Fix: "compare the password even if it is empty"},
		func(s *session) []authorization {
			if s.opts.Password == "" {
				return nil
			}
			return []authorization{basic(s.opts.Username, "", `-u "$WEBHOOK_USER:"`)}
		})
}

func authEmptyUser() *Check {
	return authCheck("empty-user", "an empty username is refused", "an event with an empty username",
		"The baseline with :PASS and no username. Skipped if the configured one is empty.",
		Doc{Why: "Credentials are a pair.", Cause: "only the password is compared, or an empty username matches any", Fix: "compare the username even if it is empty"},
		func(s *session) []authorization {
			if s.opts.Username == "" {
				return nil
			}
			return []authorization{basic("", s.opts.Password, `-u ":$WEBHOOK_PASS"`)}
		})
}

func authPrefix() *Check {
	return authCheck("prefix", "the beginning of the password is refused", "an event with the password less its last character",
		"The baseline with the last character of the password missing.",
		Doc{Why: "Whoever can try prefixes finds the password letter by letter.", Cause: "the header is compared with startsWith, or only up to the shorter length", Fix: "compare whole values in constant time (hmac.compare_digest, crypto.timingSafeEqual, subtle.ConstantTimeCompare)"},
		func(s *session) []authorization {
			if len(s.opts.Password) < 2 {
				return nil
			}
			return []authorization{basic(s.opts.Username, s.opts.Password[:len(s.opts.Password)-1], `-u "$WEBHOOK_USER:${WEBHOOK_PASS%?}"`)}
		})
}

func authSuffix() *Check {
	return authCheck("suffix", "a longer password is refused", "an event with the password and one more character",
		"The baseline with an x after the password; in profile security also with a NUL after it.",
		Doc{Why: "A password that is cut before comparing is weaker than it looks.", Cause: "the header is compared with startsWith the other way round, or the value is truncated", Fix: "compare whole values in constant time"},
		func(s *session) []authorization {
			o := &s.opts
			all := []authorization{basic(o.Username, o.Password+"x", `-u "$WEBHOOK_USER:${WEBHOOK_PASS}x"`)}
			if o.thorough() {
				all = append(all, basic(o.Username, o.Password+"\x00", `-H "Authorization: Basic $(printf '%s\0' "$WEBHOOK_USER:$WEBHOOK_PASS" | base64)"`))
			}
			return all
		})
}

func authCase() *Check {
	return authCheck("case", "the password in another case is refused", "an event with the password's case swapped",
		"The baseline with upper and lower case of the password swapped. Skipped if it has no letters.",
		Doc{Why: "Passwords are case-sensitive.", Cause: "the comparison is case-insensitive, as by a database's collation", Fix: "compare bytes, in constant time"},
		func(s *session) []authorization {
			swapped := swapCase(s.opts.Password)
			if swapped == s.opts.Password {
				return nil
			}
			return []authorization{basic(s.opts.Username, swapped, `-u "$WEBHOOK_USER:$(printf %s "$WEBHOOK_PASS" | tr 'a-zA-Z' 'A-Za-z')"`)}
		})
}

func swapCase(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case 'a' <= r && r <= 'z':
			return r - 'a' + 'A'
		case 'A' <= r && r <= 'Z':
			return r - 'A' + 'a'
		}
		return r
	}, s)
}

func authEmpty() *Check {
	return authCheck("empty", "an empty Authorization header is refused", "an event with an empty Authorization header",
		"The baseline with an empty Authorization header, and with Basic and nothing after it.",
		Doc{Why: "A header without a value has no credentials.", Cause: "the header is only looked for, or splitting it fails", Fix: "refuse whatever cannot be decoded with 401"},
		func(*session) []authorization {
			return []authorization{header("", `-H 'Authorization;'`), header("Basic", `-H 'Authorization: Basic'`)}
		})
}

func authBadBase64() *Check {
	return authCheck("bad-base64", "credentials that are no base64 are refused", "an event with credentials that are no base64",
		"The baseline with Basic %%%.",
		Doc{Why: "A decoder's exception must not become an outage.", Cause: "the decoder's error is ignored or not caught", Fix: "answer 401 if the header cannot be decoded"},
		func(*session) []authorization {
			return []authorization{header("Basic %%%", `-H 'Authorization: Basic %%%'`)}
		})
}

func authNoColon() *Check {
	return authCheck("no-colon", "credentials without a colon are refused", "an event with credentials that have no colon",
		"The baseline with base64 of username and password run together.",
		Doc{Why: "Splitting at a colon that is not there must not become an outage.", Cause: "the result of splitting is used without looking", Fix: "answer 401 if there is no colon"},
		one(func(o *Options) authorization {
			h := basic(o.Username+o.Password, "", `-H "Authorization: Basic $(printf %s "$WEBHOOK_USER$WEBHOOK_PASS" | base64)"`)
			h.values = []string{"Basic " + encode(o.Username+o.Password)}
			return h
		}))
}

func authBearer() *Check {
	return authCheck("scheme-bearer", "another scheme than Basic is refused", "an event with the right credentials under the scheme Bearer",
		"The baseline with Bearer and the base64 of the right credentials; in profile security also with Digest.",
		Doc{Why: "The credentials of another scheme mean something else.", Cause: "only what comes after the first space is compared", Fix: "check the scheme too"},
		func(s *session) []authorization {
			schemes := []string{"Bearer"}
			if s.opts.thorough() {
				schemes = append(schemes, "Digest")
			}
			var all []authorization
			for _, scheme := range schemes {
				all = append(all, header(scheme+" "+encode(s.opts.Username+":"+s.opts.Password), `-H "Authorization: `+scheme+` $(printf %s "$WEBHOOK_USER:$WEBHOOK_PASS" | base64)"`))
			}
			return all
		})
}
