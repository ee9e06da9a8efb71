package mockserver

import (
	"strings"
	"sync"
	"testing"
	"time"
)

func TestRateLimit(t *testing.T) {
	s := newStage(t, func(o *managementOptions) { o.RatePerMinute = 3 })
	s.now = time.Unix(1767225600+18, 900_000_000)
	left := func(a answer) string {
		return a.header.Get("X-Rate-Limit") + " " + a.header.Get("X-Rate-Limit-Remaining") + " " + a.header.Get("Retry-After") + " " + a.header.Get("X-Rate-Limit-Reset")
	}
	// Whoever does not know the secret, or asks for nothing, uses nothing up.
	for range 5 {
		s.refused(401, "AUTH_ERR_APIKEY_NOT_FOUND", "GET", webhooksPath, "", "secret", "wrong")
		s.refused(404, "ERR_API_NOT_FOUND", "PATCH", webhooksPath, "")
	}
	for i, c := range []struct {
		status           int
		path, body, want string
	}{
		{200, webhooksPath, least, "3 2  "},
		{404, "/apps/none/webhooks", least, "3 1  "},
		{400, webhooksPath, "", "3 0  "},
		{429, webhooksPath, least, "  42 1767225660"},
		{429, "/apps/none/webhooks", "", "  42 1767225660"},
	} {
		if a := s.do("POST", c.path, c.body); a.status != c.status || left(a) != c.want {
			t.Errorf("request %d: %d %q %s, want %d %q", i+1, a.status, left(a), a.text, c.status, c.want)
		}
	}
	a := s.refused(429, "ERR_TOO_MANY_REQUESTS", "GET", webhooksPath, "")
	if got := a.message(); got != "Too many requests. Try again in 42 seconds." {
		t.Errorf("message %q", got)
	}
	if a := s.ok("GET", "/apps/app3/webhooks", "", "key", otherKey, "secret", otherSecret); left(a) != "3 2  " {
		t.Errorf("another account has %q left", left(a))
	}
	s.now = s.now.Add(41 * time.Second)
	if a := s.refused(429, "ERR_TOO_MANY_REQUESTS", "GET", webhooksPath, ""); left(a) != "  1 1767225660" || !strings.Contains(a.message(), "1 second.") {
		t.Errorf("at the end of the minute: %q %s", left(a), a.text)
	}
	s.now = s.now.Add(time.Second)
	if a := s.ok("GET", webhooksPath, ""); left(a) != "3 2  " {
		t.Errorf("the next minute has %q left", left(a))
	}
}

func TestRateLimitByDefaultAndOff(t *testing.T) {
	s := newStage(t, func(o *managementOptions) { o.RatePerMinute = 0 })
	if got := s.ok("GET", webhooksPath, "").header.Get("X-Rate-Limit"); got != "10000" {
		t.Errorf("X-Rate-Limit is %q by default, want 10000", got)
	}
	s = newStage(t, func(o *managementOptions) { o.RatePerMinute = -1 })
	if h := s.ok("GET", webhooksPath, "").header; h["X-Rate-Limit"] != nil || h["X-Rate-Limit-Remaining"] != nil {
		t.Errorf("without a limit the headers are %v", h)
	}
}

func TestRateLimitIsExactUnderConcurrency(t *testing.T) {
	all := must(newAccounts([]account{{Key: "k", Secret: "s"}}))
	const rate, callers, each = 100, 8, 50
	var passed sync.Map
	var wg sync.WaitGroup
	for range callers {
		wg.Go(func() {
			for range each {
				for _, a := range all {
					if left := a.take(rate, 7); left >= 0 {
						if _, twice := passed.LoadOrStore(left, true); twice {
							t.Errorf("%d left twice", left)
						}
					}
				}
			}
		})
	}
	wg.Wait()
	n := 0
	passed.Range(func(any, any) bool { n++; return true })
	if n != rate {
		t.Errorf("%d passed, want %d", n, rate)
	}
}

func TestAccountsThatNobodyCouldUse(t *testing.T) {
	good := account{Key: "k1", Secret: hookSecret, Apps: []string{"a"}}
	for _, c := range []struct {
		name, want string
		list       []account
	}{
		{"none", "accounts: want at least one, with a key, a secret and its apps", nil},
		{"no key", "account 1: want a key of printable ASCII without spaces", []account{{Secret: hookSecret}}},
		{"no secret", "account 2: want a secret of printable ASCII without spaces", []account{good, {Key: "k2"}}},
		{"a line break", "account 1: want a secret of printable ASCII without spaces", []account{{Key: "k", Secret: hookSecret + "\n"}}},
		{"another script", "account 1: want a key of printable ASCII without spaces", []account{{Key: "ключ", Secret: hookSecret}}},
		{"one key for two", "account 2: another account has its key, want one of its own", []account{good, {Key: "k1", Secret: "x"}}},
		{"no app id", "account 1: an app has an empty id", []account{{Key: "k", Secret: hookSecret, Apps: []string{""}}}},
		{"one app for two", "account 2: app a is listed twice; an app belongs to one account", []account{good, {Key: "k2", Secret: "x", Apps: []string{"a"}}}},
	} {
		_, err := newManagement(managementOptions{Accounts: c.list, Store: newMemory()})
		if err == nil || err.Error() != c.want {
			t.Errorf("%s: %v, want %s", c.name, err, c.want)
		}
	}
	if _, err := newManagement(managementOptions{Accounts: []account{good}, Store: newMemory()}); err != nil {
		t.Errorf("one account: %v", err)
	}
}
