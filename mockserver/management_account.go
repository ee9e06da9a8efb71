package mockserver

import (
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// defaultRate is how many requests an account may make in a minute (documented:
// 10,000 or 20,000, not which of them for these calls).
const defaultRate = 10_000

// account is who may use the management API, and for which apps.
type account struct {
	Key, Secret string // printable ASCII without spaces
	Apps        []string
}

// accounts are the accounts by the hash of their keys, so that how long a look-up
// takes says nothing about a key.
type accounts map[[sha256.Size]byte]*accountState

type accountState struct {
	secret [sha256.Size]byte // hash
	apps   map[string]bool

	mu     sync.Mutex // guards what follows
	minute int64      // of the clock, in which the account was last used
	used   int        // requests in that minute
}

// newAccounts refuses accounts that nobody could use or that could be taken for
// another. An error names an account by its position, from 1.
func newAccounts(list []account) (accounts, error) {
	if len(list) == 0 {
		return nil, fmt.Errorf("accounts: want at least one, with a key, a secret and its apps")
	}
	all := accounts{}
	taken := map[string]bool{}
	for i, a := range list {
		switch {
		case !headerValue(a.Key):
			return nil, fmt.Errorf("account %d: want a key of printable ASCII without spaces", i+1)
		case !headerValue(a.Secret):
			return nil, fmt.Errorf("account %d: want a secret of printable ASCII without spaces", i+1)
		}
		hash := sha256.Sum256([]byte(a.Key))
		if all[hash] != nil {
			return nil, fmt.Errorf("account %d: another account has its key, want one of its own", i+1)
		}
		state := &accountState{secret: sha256.Sum256([]byte(a.Secret)), apps: map[string]bool{}}
		for _, app := range a.Apps {
			if app == "" {
				return nil, fmt.Errorf("account %d: an app has an empty id", i+1)
			}
			if taken[app] {
				return nil, fmt.Errorf("account %d: app %s is listed twice; an app belongs to one account", i+1, app)
			}
			taken[app], state.apps[app] = true, true
		}
		all[hash] = state
	}
	return all, nil
}

// headerValue tells whether s arrives as it is in a header.
func headerValue(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' })
}

// authenticate returns the account of the headers key and secret.
func (all accounts) authenticate(h http.Header) (*accountState, error) {
	key, secret := h.Get("key"), h.Get("secret")
	if key == "" || secret == "" {
		return nil, &apiError{http.StatusUnauthorized, "AUTH_ERR_EMPTY_AUTH_HEADER", "The headers key and secret are both required.", nil}
	}
	given := sha256.Sum256([]byte(secret))
	a, ok := all[sha256.Sum256([]byte(key))]
	if !ok || subtle.ConstantTimeCompare(given[:], a.secret[:]) != 1 {
		return nil, &apiError{http.StatusUnauthorized, "AUTH_ERR_APIKEY_NOT_FOUND", "No account has this key and secret.", nil}
	}
	return a, nil
}

// spend counts a request against the minute of now and sets the headers that tell
// what is left of it, or, when nothing is, when to come back.
func (a *accountState) spend(h http.Header, rate int, now time.Time) error {
	remaining := a.take(rate, now.Unix()/60)
	if remaining >= 0 {
		h.Set("X-Rate-Limit", strconv.Itoa(rate))
		h.Set("X-Rate-Limit-Remaining", strconv.Itoa(remaining))
		return nil
	}
	wait := 60 - now.Unix()%60
	h.Set("Retry-After", strconv.FormatInt(wait, 10))
	h.Set("X-Rate-Limit-Reset", strconv.FormatInt(now.Unix()+wait, 10))
	unit := "seconds"
	if wait == 1 {
		unit = "second"
	}
	return &apiError{http.StatusTooManyRequests, "ERR_TOO_MANY_REQUESTS", fmt.Sprintf("Too many requests. Try again in %d %s.", wait, unit), nil}
}

// take returns how many requests are left in the minute after this one, -1 if
// this one is too many.
func (a *accountState) take(rate int, minute int64) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	if minute != a.minute {
		a.minute, a.used = minute, 0
	}
	if a.used >= rate {
		return -1
	}
	a.used++
	return rate - a.used
}
