package conformance_test

import (
	"errors"
	"regexp"
	"strings"
	"testing"

	"hookproof/conformance"
)

func TestBadConfigurationNamesWhatIsWrongAndWhatIsAllowed(t *testing.T) {
	for name, c := range map[string]struct {
		url   string
		o     conformance.Options
		field string
		says  string
	}{
		"no url":             {"", conformance.Options{}, "url", "https://host/path"},
		"no scheme":          {"example.com/hook", conformance.Options{}, "url", "https://host/path"},
		"another scheme":     {"ftp://example.com", conformance.Options{}, "url", "https://host/path"},
		"no host":            {"https:///hook", conformance.Options{}, "url", "no host"},
		"not a url":          {"https://exa mple.com\x7f", conformance.Options{}, "url", "parsed"},
		"a huge url":         {"https://example.com/" + strings.Repeat("x", 9000), conformance.Options{}, "url", "at most"},
		"a port of 99999":    {"http://127.0.0.1:99999/", conformance.Options{}, "url", "want 1 to 65535"},
		"port 0":             {"http://127.0.0.1:0/", conformance.Options{}, "url", "want 1 to 65535"},
		"an umlaut":          {"https://bücher.example/", conformance.Options{}, "url", "xn--"},
		"nothing selected":   {"https://example.com/", conformance.Options{Skip: []string{"*"}}, "run/skip", "no check"},
		"a control":          {"https://example.com/", conformance.Options{AppID: "a\x01b"}, "app", "control"},
		"an unknown mode":    {"https://example.com", conformance.Options{Mode: "prod"}, "mode", "auto, certify or dev"},
		"an unknown profile": {"https://example.com", conformance.Options{Profile: "gold"}, "profile", "core, recommended"},
		"a colon":            {"https://example.com", conformance.Options{Username: "a:b", Password: "c"}, "username", "colon"},
		"a huge password":    {"https://example.com", conformance.Options{Password: strings.Repeat("x", 2000)}, "password", "at most"},
		"a typo in run":      {"https://example.com", conformance.Options{Run: []string{"auht/*"}}, "run/skip", "matches no check"},
		"a bad glob":         {"https://example.com", conformance.Options{Skip: []string{"auth/["}}, "run/skip", "no valid pattern"},
		"a negative pace":    {"https://example.com", conformance.Options{Pace: -1}, "pace", "want 0 to 1m0s"},
		"a pace of an hour":  {"https://example.com", conformance.Options{Pace: 3600e9}, "pace", "want 0 to 1m0s"},
		"a huge trigger":     {"https://example.com", conformance.Options{Triggers: []string{strings.Repeat("x", 300)}}, "triggers", "at most 200"},
		"a huge app id":      {"https://example.com", conformance.Options{AppID: strings.Repeat("x", 300)}, "app", "at most 200"},
		"no UTF-8":           {"https://example.com", conformance.Options{WebhookID: "\xff"}, "webhook-id", "UTF-8"},
		"effects unseen":     {"https://example.com", conformance.Options{Profile: "effects"}, "profile", "observer"},
		"a long silence":     {"https://example.com", conformance.Options{Idle: 3 * 3600e9}, "idle", "want 0 to 2h0m0s"},
		"a canary of ftp":    {"https://example.com", conformance.Options{Canary: "ftp://x/"}, "canary", "http or https"},
		"a canary's secret":  {"https://example.com", conformance.Options{Canary: "https://x/?token=y"}, "canary", "without credentials, query"},
		"a canary nowhere":   {"https://example.com", conformance.Options{Canary: "https://x/", CanaryAddr: "9000"}, "canary-addr", "HOST:PORT"},
		"an unnamed canary":  {"https://example.com", conformance.Options{CanaryAddr: "127.0.0.1:0"}, "canary-addr", "a URL"},
		"an old colon":       {"https://example.com", conformance.Options{PreviousUsername: "a:b"}, "previous username", "colon"},
		"nothing changed":    {"https://example.com", conformance.Options{Username: "a", Password: "b", PreviousUsername: "a", PreviousPassword: "b"}, "previous password", "valid"},
		"a huge message":     {"https://example.com", conformance.Options{BlockedText: strings.Repeat("x", 9001)}, "blocked-text", "at most 9000"},
		"too many triggers":  {"https://example.com", conformance.Options{Triggers: make([]string, 2000)}, "triggers", "at most"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := conformance.Run(t.Context(), c.url, c.o)
			bad, ok := errors.AsType[*conformance.ConfigError](err)
			if !ok || bad.Field != c.field || !strings.Contains(bad.Message, c.says) || strings.Contains(err.Error(), "\n") {
				t.Errorf("Run(%.40q) = %v, want a one-line ConfigError of %s that says %q", c.url, err, c.field, c.says)
			}
			if _, again := conformance.Estimate(c.url, c.o); again == nil || again.Error() != err.Error() {
				t.Errorf("Estimate = %v, want the error of Run", again)
			}
		})
	}
}

func TestFiltersChooseChecks(t *testing.T) {
	for name, c := range map[string]struct {
		run, skip []string
		profile   string
		want      []string
	}{
		"an id":                    {run: []string{"auth/none"}, want: []string{"auth/none"}},
		"an id beyond the profile": {run: []string{"auth/challenge"}, want: []string{"auth/challenge"}},
		"a glob":                   {run: []string{"auth/empty-*"}, want: []string{"auth/empty-pass", "auth/empty-user"}},
		"a group":                  {run: []string{"method"}, want: []string{"method/post"}},
		"a group, less one":        {run: []string{"method/*"}, skip: []string{"method/post", "method/trace"}, profile: "recommended", want: []string{"method/override"}},
	} {
		t.Run(name, func(t *testing.T) {
			plan, err := conformance.Estimate("http://127.0.0.1/", conformance.Options{Run: c.run, Skip: c.skip, Profile: c.profile, Username: user, Password: pass})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, k := range plan.Checks {
				got = append(got, k.ID)
			}
			if strings.Join(got, " ") != strings.Join(c.want, " ") {
				t.Errorf("Estimate selects %v, want %v", got, c.want)
			}
		})
	}
}

func TestModeAutoPicksDevForWhatIsNotPublic(t *testing.T) {
	for url, want := range map[string]conformance.Mode{
		"http://127.0.0.1:8080/": conformance.Dev, "http://[::1]/": conformance.Dev, "http://10.0.0.5/": conformance.Dev,
		"http://192.168.1.9/": conformance.Dev, "http://100.64.0.1/": conformance.Dev, "http://169.254.169.254/": conformance.Dev,
		"http://[fd00::1]/": conformance.Dev, "http://localhost/": conformance.Dev, "http://[::ffff:127.0.0.1]/": conformance.Dev,
		"http://203.0.113.9/": conformance.Dev, "https://8.8.8.8/": conformance.Certify, "https://example.com/": conformance.Certify,
		"https://[2606:4700::1111]/": conformance.Certify,
	} {
		plan, err := conformance.Estimate(url, conformance.Options{})
		if err != nil || plan.Mode != want {
			t.Errorf("Estimate(%s): mode %s, %v; want %s", url, plan.Mode, err, want)
		}
	}
}

func TestSuiteIsWellDocumented(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range conformance.Suite() {
		if seen[c.ID] || c.Group() == "" || c.Group() == c.ID {
			t.Errorf("%q: want a unique id of the form group/name", c.ID)
		}
		seen[c.ID] = true
		for what, text := range map[string]string{
			"a title": c.Title, "a requirement": c.Requirement, "a source": c.Source, "a probe": c.Probe, "a rule of what passes": c.Doc.Passes, "a why": c.Doc.Why, "a fix": c.Doc.Fix,
		} {
			if text == "" {
				t.Errorf("%s has no %s", c.ID, strings.TrimPrefix(what, "a "))
			}
		}
		// The rule says what a failure weighs, and that is the check's level.
		weight := map[conformance.Level]*regexp.Regexp{
			conformance.Must: regexp.MustCompile(`\bfails?\b`), conformance.Should: regexp.MustCompile(`\b(informs?|warns?)\b`), conformance.May: regexp.MustCompile(`\b(informs?|warns?)\b`),
		}[c.Level]
		if !weight.MatchString(c.Doc.Passes) {
			t.Errorf("%s (%s): the rule %q does not say what comes of a failure, want %s", c.ID, c.Level, c.Doc.Passes, weight)
		}
		if c.Hostile && !strings.Contains(c.Doc.Passes, "plain event") {
			t.Errorf("%s: the rule %q says nothing of the plain event afterwards", c.ID, c.Doc.Passes)
		}
		for _, id := range c.Implied {
			if !seen[id] {
				t.Errorf("%s is implied by %s, which comes later or does not exist", c.ID, id)
			}
		}
		if len(c.Basis) == 0 || c.Level == "" || c.Impact == "" || c.Run == nil {
			t.Errorf("%s lacks a basis, level, impact or Run", c.ID)
		}
	}
}
