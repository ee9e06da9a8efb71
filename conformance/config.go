package conformance

import (
	"cmp"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"hookproof/schemas"
)

// ConfigError says what is wrong with a run's configuration. Nothing was sent.
type ConfigError struct {
	Field   string // the URL or the option
	Message string // what is wrong, what is allowed and what to do
}

func (e *ConfigError) Error() string { return e.Field + ": " + e.Message }

func badConfig(field, format string, args ...any) error {
	return &ConfigError{Field: field, Message: fmt.Sprintf(format, args...)}
}

// Limits of a configuration that keep a run and its report within bounds.
const (
	maxURL        = 8 << 10
	maxCredential = 1 << 10
	maxTriggers   = 1000
	maxName       = 200 // of an id, a region or a trigger

	maxBlockedText = 9000 // characters are what live messages have at most
)

// normalize checks what the caller gave and fills in defaults.
func (o Options) normalize(target string) (Options, *url.URL, error) {
	u, err := parseTarget(target)
	if err != nil {
		return o, nil, err
	}
	o.Mode = cmp.Or(o.Mode, Auto)
	if !slices.Contains([]Mode{Auto, Certify, Dev}, o.Mode) {
		return o, nil, badConfig("mode", "%q: want auto, certify or dev", o.Mode)
	}
	o.Profile = cmp.Or(o.Profile, Core)
	if _, ok := profile(o.Profile); !ok {
		return o, nil, badConfig("profile", "%q: want one of %s", o.Profile, strings.Join(profileNames(), ", "))
	}
	if err := o.checkCredentials(); err != nil {
		return o, nil, err
	}
	if o.Profile == EffectsProfile && o.Observe == nil {
		return o, nil, badConfig("profile", "effects needs an observer, which tells how many effects an event had")
	}
	if err := o.checkCanary(); err != nil {
		return o, nil, err
	}
	if err := checkGlobs(o.Run, o.Skip); err != nil {
		return o, nil, err
	}
	if o.AckAndDrop && o.Observe == nil {
		return o, nil, badConfig("ack-and-drop", "wants an observer, which sees that what is dropped has no effect")
	}
	if err := checkWaivers(o.Waivers); err != nil {
		return o, nil, err
	}
	if err := o.checkMessageTypes(); err != nil {
		return o, nil, err
	}
	if !slices.ContainsFunc(Suite(), func(c *Check) bool { ok, _ := o.selected(c); return ok }) {
		return o, nil, badConfig("run/skip", "leave no check of profile %s to try", o.Profile)
	}
	o.LoadRate, o.LoadDuration = cmp.Or(o.LoadRate, defaultLoadRate), cmp.Or(o.LoadDuration, defaultLoadDuration)
	if !(o.LoadRate > 0 && o.LoadRate <= maxLoadRate) {
		return o, nil, badConfig("load-rate", "%g: want above 0 and at most %d events a second", o.LoadRate, maxLoadRate)
	}
	if o.LoadDuration < 0 || o.LoadDuration > maxLoadDuration {
		return o, nil, badConfig("load-duration", "%s: want above 0 and at most %s", o.LoadDuration, maxLoadDuration)
	}
	if o.Budget < 0 || o.Budget > MaxBudget {
		return o, nil, badConfig("budget", "%d: want 1 to %d", o.Budget, MaxBudget)
	}
	if o.Pace < 0 || o.Pace > MaxPace {
		return o, nil, badConfig("pace", "%s: want 0 to %s", o.Pace, MaxPace)
	}
	if o.Idle < 0 || o.Idle > MaxIdle {
		return o, nil, badConfig("idle", "%s: want 0 to %s", o.Idle, MaxIdle)
	}
	if len(o.BlockedText) > maxBlockedText || !utf8.ValidString(o.BlockedText) {
		return o, nil, badConfig("blocked-text", "%d bytes: want at most %d of UTF-8", len(o.BlockedText), maxBlockedText)
	}
	if len(o.Triggers) > maxTriggers {
		return o, nil, badConfig("triggers", "%d names: want at most %d", len(o.Triggers), maxTriggers)
	}
	for _, n := range []struct{ field, value string }{
		{"app", o.AppID}, {"region", o.Region}, {"webhook-id", o.WebhookID}, {"triggers", longest(o.Triggers)},
	} {
		if len(n.value) > maxName || !utf8.ValidString(n.value) || strings.ContainsFunc(n.value, unicode.IsControl) {
			return o, nil, badConfig(n.field, "%.20q…: want at most %d bytes of UTF-8 without control characters", n.value, maxName)
		}
	}
	if o.Triggers == nil && o.legacy() {
		o.Triggers = []string{afterMessage, beforeMessage, connectionStatus}
	}
	if o.Triggers == nil {
		o.Triggers = schemas.Names(schemas.Required)
	}
	o.Triggers = unique(o.Triggers)
	for o.Seed == 0 {
		o.Seed = rand.Uint64() >> 11 // exact in every JSON reader
	}
	o.AppID = cmp.Or(o.AppID, "hookproof")
	o.Region = cmp.Or(o.Region, "us")
	o.WebhookID = cmp.Or(o.WebhookID, "hookproof")
	o.Version = cmp.Or(o.Version, "dev")
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return o, u, nil
}

func parseTarget(target string) (*url.URL, error) {
	if len(target) > maxURL {
		return nil, badConfig("url", "%d bytes: want at most %d", len(target), maxURL)
	}
	u, err := url.Parse(target)
	switch {
	case err != nil:
		return nil, badConfig("url", "cannot be parsed: want https://host/path")
	case u.User != nil:
		return nil, badConfig("url", "carries credentials, which would end up in logs: leave them out and give them as username and password")
	case u.Scheme != "https" && u.Scheme != "http":
		return nil, badConfig("url", "%q: want https://host/path", u.Redacted())
	case u.Hostname() == "":
		return nil, badConfig("url", "%q has no host: want https://host/path", u.Redacted())
	}
	if strings.ContainsFunc(u.Hostname(), func(c rune) bool { return c >= utf8.RuneSelf }) {
		return nil, badConfig("url", "the host %q is not in ASCII: want its form that begins with xn--", u.Hostname())
	}
	if p := u.Port(); p != "" {
		if n, err := strconv.ParseUint(p, 10, 16); err != nil || n == 0 {
			return nil, badConfig("url", "port %.10s: want 1 to 65535", p)
		}
	}
	u.Fragment, u.RawFragment = "", ""
	return u, nil
}

func port(u *url.URL) string {
	if p := u.Port(); p != "" {
		return p
	}
	if u.Scheme == "https" {
		return "443"
	}
	return "80"
}

// checkGlobs refuses patterns that are malformed or match no check: a typo must
// not silently try nothing.
func checkGlobs(lists ...[]string) error {
	for _, list := range lists {
		for _, pattern := range list {
			if _, err := path.Match(pattern, ""); err != nil {
				return badConfig("run/skip", "%q is no valid pattern: want an id or a glob such as auth/*", pattern)
			}
			if !slices.ContainsFunc(Suite(), func(c *Check) bool { return matches(pattern, c.ID) }) {
				return badConfig("run/skip", "%q matches no check: the catalogue of checks lists the ids", pattern)
			}
		}
	}
	return nil
}

// matches tells whether a pattern selects an id. "auth" and "auth/*" select a group.
func matches(pattern, id string) bool {
	if ok, err := path.Match(pattern, id); err == nil && ok {
		return true
	}
	group, _, _ := strings.Cut(id, "/")
	return pattern == "*" || pattern == group
}

// selected tells whether the options choose a check, and if not, why not.
func (o *Options) selected(c *Check) (bool, string) {
	byPattern := func(list []string) bool {
		return slices.ContainsFunc(list, func(p string) bool { return matches(p, c.ID) })
	}
	p, _ := profile(o.Profile)
	switch {
	case byPattern(o.Skip):
		return false, "left out by a filter"
	case slices.Contains(o.Run, c.ID):
		return true, ""
	case len(o.Run) > 0 && !byPattern(o.Run):
		return false, "left out by a filter"
	case !p.Has(c):
		return false, "not in profile " + o.Profile
	default:
		return true, ""
	}
}

// authGap is the pause before a request with a wrong credential.
func (o *Options) authGap(m Mode) time.Duration {
	switch {
	case o.AuthGap < 0:
		return 0
	case o.AuthGap > 0:
		return o.AuthGap
	case m == Certify:
		return 200 * time.Millisecond
	default:
		return 0
	}
}

func (o *Options) authenticated() bool { return o.Username != "" || o.Password != "" }

func longest(names []string) string {
	return slices.MaxFunc(append([]string{""}, names...), func(a, b string) int { return cmp.Compare(len(a), len(b)) })
}

func unique(names []string) []string {
	var out []string
	for _, n := range names {
		if !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	return out
}
