package main

import (
	"bytes"
	"encoding/json"
	"math"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"hookproof/fixtures"
	"hookproof/mockserver/delivery"
	"hookproof/schemas"
)

func TestFreshEventsAreRecentAndNeverOfTheFuture(t *testing.T) {
	const events = 30
	for _, trigger := range schemas.Names(schemas.Required, schemas.Current, schemas.Provider, schemas.LegacyTier) {
		entry, _ := schemas.Lookup(trigger)
		for range 3 {
			now := time.Now()
			w := fixtures.NewWorld(worldOf(freshSeed(now, events), fixtures.Options{Generation: entry.Generation}))
			for range events {
				e, err := w.Do(trigger)
				if err != nil {
					t.Fatal(err)
				}
				if age := now.Sub(e.Time); age < 0 || age > events*longestAction {
					t.Errorf("%s of %s, %s ago", trigger, e.Time, age)
				}
			}
		}
	}
}

func TestASeedAloneGivesItsWorld(t *testing.T) {
	fresh := freshSeed(time.Now(), 1)
	for _, seed := range []uint64{0, 1, 7, 1 << 22, fresh, math.MaxUint64} {
		a := fixtures.NewWorld(worldOf(seed, fixtures.Options{}))
		b := fixtures.NewWorld(worldOf(seed, fixtures.Options{}))
		c := fixtures.NewWorld(worldOf(seed+1, fixtures.Options{}))
		for range 5 {
			one, _ := a.Do("message_sent")
			same, _ := b.Do("message_sent")
			other, _ := c.Do("message_sent")
			if !bytes.Equal(one.Body, same.Body) {
				t.Errorf("seed %d gave %s, then %s", seed, one.Body, same.Body)
			}
			if messageID(t, one.Body) == messageID(t, other.Body) {
				t.Errorf("seeds %d and %d share the message id %s", seed, seed+1, messageID(t, one.Body))
			}
			if one.Time.Year() < 2026 || one.Time.After(time.Now()) {
				t.Errorf("seed %d has an event of %s", seed, one.Time)
			}
		}
	}
}

func messageID(t *testing.T, body []byte) string {
	var event struct {
		Data struct{ Message struct{ ID string } }
	}
	if err := json.Unmarshal(body, &event); err != nil || event.Data.Message.ID == "" {
		t.Fatalf("no message id in %s: %v", body, err)
	}
	return event.Data.Message.ID
}

func FuzzSettings(f *testing.F) {
	for _, s := range []string{"a=1", "a.b=x", "/a/b= {} ", "a=", "=x", "a", "a=b=c", "a=\x1b\u2028<", "a=\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var l settings
		path, text, found := strings.Cut(s, "=")
		if err := l.Set(s); err != nil {
			if found && path != "" {
				t.Errorf("Set(%q): %v", s, err)
			}
			return
		}
		if len(l) != 1 || l[0].path != path || !json.Valid(l[0].value) {
			t.Fatalf("Set(%q) gave %+v", s, l)
		}
		if json.Valid([]byte(text)) || !utf8.ValidString(text) {
			return
		}
		var v string
		if err := json.Unmarshal(l[0].value, &v); err != nil || v != text {
			t.Errorf("Set(%q) gave %s, want that text", s, l[0].value)
		}
	})
}

func TestCredentialsInClearStayAtHome(t *testing.T) {
	endpoint := delivery.Endpoint{URL: "HTTP://x/", Username: "vendor", Password: "secret1"}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	dial := (&sendFlags{}).dial(endpoint)
	conn, err := dial(t.Context(), "tcp", ln.Addr().String())
	if err != nil {
		t.Fatalf("loopback: %v", err)
	}
	conn.Close()
	for address, home := range map[string]bool{
		"127.0.0.1": true, "::1": true, "10.1.2.3": true, "172.16.0.1": true, "192.168.1.1": true, "fd00::1": true,
		"fe80::1": true, "169.254.1.1": true, "::ffff:10.0.0.1": true,
		"192.0.2.1": false, "8.8.8.8": false, "2001:db8::1": false, "::ffff:8.8.8.8": false, "100.64.0.1": false,
	} {
		if got := !exposed(netip.MustParseAddr(address)); got != home {
			t.Errorf("credentials may go to %s in clear: %t, want %t", address, got, home)
		}
	}
	for name, f := range map[string]struct {
		flags    sendFlags
		endpoint delivery.Endpoint
	}{
		"told to":        {sendFlags{allowHTTP: true}, endpoint},
		"https":          {sendFlags{}, delivery.Endpoint{URL: "https://x/", Username: "vendor", Password: "secret1"}},
		"no credentials": {sendFlags{}, delivery.Endpoint{URL: "http://x/"}},
	} {
		if f.flags.dial(f.endpoint) != nil {
			t.Errorf("%s: addresses are looked at", name)
		}
	}
}

func TestEveryKindOfMessageIsDrawn(t *testing.T) {
	for _, path := range []string{"data.message.data.text", "data.message.data.attachments.0.url", "data.message.data.customData", "data.message.data.metadata", "data.message.tags.0", "data.message.parentId"} {
		for seed := range uint64(20) {
			s := &eventSource{trigger: "message_sent", count: 1, seed: seed, world: worldOf(seed, fixtures.Options{})}
			s.set = settings{{path, []byte("null")}}
			for _, err := range s.bodies() {
				if err != nil {
					t.Errorf("seed %d: %v", seed, err)
				}
			}
		}
	}
}

func TestATriggerThatNoWorldMakesNeedsABody(t *testing.T) {
	s := &eventSource{trigger: "message_pinned", count: 1}
	err := s.check(t.Context(), t.Logf)
	const want = "message_pinned: no event of it can be made up: give one as --body FILE"
	if err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
}
