package conformance_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"hookproof/conformance"
	"hookproof/schemas"
)

func TestEffectsNeedAnObserver(t *testing.T) {
	s := newStage(t, fault{})
	s.options.Profile, s.options.Observe = conformance.EffectsProfile, nil
	_, err := conformance.Run(t.Context(), s.url, s.options)
	if e, ok := errors.AsType[*conformance.ConfigError](err); !ok || e.Field != "profile" {
		t.Errorf("Run without an observer = %v, want a ConfigError about the profile", err)
	}
}

func TestEffectsProfileHasWhatAnObserverSees(t *testing.T) {
	t.Parallel()
	s := newStage(t, fault{counts: always, effectAnyway: true})
	s.options.Profile = conformance.EffectsProfile
	r := s.run(t)
	for _, id := range []string{"idempotency/duplicate-effect", "idempotency/concurrent", "idempotency/after-timeout", "idempotency/after-5xx", "auth/no-effect"} {
		if res := outcome(t, r, id); res.Outcome != conformance.Warned && res.Outcome != conformance.Failed {
			t.Errorf("%s = %s (%s), want it to notice effects that should not be", id, res.Outcome, res.Reason)
		}
	}
	for _, id := range []string{"content/case", "payload/unicode", "load/no-loss"} {
		if res := outcome(t, r, id); res.Outcome != conformance.NotSelected {
			t.Errorf("%s = %s, want it left out", id, res.Outcome)
		}
	}
}

func TestLiveShapesKeepTheContract(t *testing.T) {
	s := newStage(t, fault{})
	var mu sync.Mutex
	seen := map[string]bool{}
	s.watch(func(_ http.ResponseWriter, r *http.Request) bool {
		body := readAll(t, r)
		if !strings.Contains(r.UserAgent(), "check=ack/variants)") {
			return false
		}
		mu.Lock()
		defer mu.Unlock()
		if _, err := schemas.ValidateEvent(body); err != nil {
			t.Errorf("ValidateEvent(%s) = %v", body, err)
		}
		for _, name := range schemas.Names() {
			seen[name] = seen[name] || strings.Contains(string(body), `"trigger":"`+name+`"`)
		}
		return false
	})
	s.options.Run = []string{"ack/variants"}
	s.options.Triggers = schemas.Names(schemas.Required, schemas.Current)
	if res := outcome(t, s.run(t), "ack/variants"); res.Outcome != conformance.Passed || res.Requests != 8 {
		t.Errorf("ack/variants = %s with %d requests, want pass with 8", res.Outcome, res.Requests)
	}
	for _, name := range []string{"message_deleted", "call_participant_left", "group_member_unbanned", "after_feed_item_delivered"} {
		if !seen[name] {
			t.Errorf("no %s was sent", name)
		}
	}
}

func TestLegacyReceiptsHaveTheirOwnShape(t *testing.T) {
	s := newStage(t, fault{})
	s.options.Profile = conformance.Legacy
	receipts(&s.options)
	var mu sync.Mutex
	var bodies []string
	s.watch(func(_ http.ResponseWriter, r *http.Request) bool {
		body := string(readAll(t, r))
		if strings.Contains(r.UserAgent(), "check=legacy/receipts)") {
			mu.Lock()
			defer mu.Unlock()
			bodies = append(bodies, body)
		}
		return false
	})
	r := s.run(t)
	if r.Verdict != conformance.Conforms || outcome(t, r, "legacy/custom-provider").Outcome != conformance.Passed {
		t.Errorf("Verdict = %q with %v, want conforms", r.Verdict, unhappy(r))
	}
	if len(bodies) != 2 {
		t.Fatalf("%d receipts were sent, want 2", len(bodies))
	}
	for i, want := range []string{`"receiptType":"delivered","deliveredAt":`, `"receiptType":"read","readAt":`} {
		if !strings.Contains(bodies[i], want) || !strings.Contains(bodies[i], `"receiptSender":"hpt-`) || strings.Contains(bodies[i], `"region"`) {
			t.Errorf("receipt %s, want %s with a receiptSender and no region", bodies[i], want)
		}
	}
}

// TestNoReceiverIsSentToAnInternalAddress: a canary on loopback is one on the
// receiver's own machine if that is another.
func TestNoReceiverIsSentToAnInternalAddress(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*conformance.Options)
		want   conformance.Outcome
	}{
		"a public receiver and no canary":     {func(o *conformance.Options) { o.Canary, o.CanaryAddr = "", "" }, conformance.Skipped},
		"a canary on loopback":                {func(o *conformance.Options) { o.Canary = "http://127.0.0.1:9/" }, conformance.Skipped},
		"a canary for metadata of a cloud":    {func(o *conformance.Options) { o.Canary = "http://169.254.169.254/" }, conformance.Skipped},
		"a canary whose name is internal":     {func(o *conformance.Options) { internal(o) }, conformance.Skipped},
		"a private receiver and no canary":    {func(o *conformance.Options) { o.Canary, o.CanaryAddr = "", ""; o.Mode = conformance.Dev }, conformance.Skipped},
		"a canary with a public address":      {func(*conformance.Options) {}, conformance.Passed},
		"a receiver of mode dev and a canary": {func(o *conformance.Options) { o.Mode = conformance.Dev }, conformance.Passed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, fault{overTLS: true})
			s.watch(func(_ http.ResponseWriter, r *http.Request) bool {
				if body := string(readAll(t, r)); strings.Contains(body, "127.0.0.1") || strings.Contains(body, "169.254") {
					t.Errorf("an event leads to an internal address: %s", body)
				}
				return false
			})
			s.options.Run = []string{"payload/media-401", "security/ssrf-canary"}
			tt.change(&s.options)
			r := s.run(t)
			for _, id := range s.options.Run {
				if res := outcome(t, r, id); res.Outcome != tt.want {
					t.Errorf("%s = %s (%s), want %s", id, res.Outcome, res.Reason, tt.want)
				}
			}
		})
	}
}

// internal lets the canary's name have an address within a network.
func internal(o *conformance.Options) {
	resolve := o.Resolve
	o.Resolve = func(ctx context.Context, name string) ([]netip.Addr, error) {
		if strings.HasPrefix(name, "canary.") {
			return []netip.Addr{netip.MustParseAddr("10.0.0.7")}, nil
		}
		return resolve(ctx, name)
	}
}

func TestTheCanaryEndsWithTheRun(t *testing.T) {
	var link string
	s := newStage(t, fault{instead: func(_ http.ResponseWriter, q *request) bool {
		if l := links.FindString(string(q.body)); l != "" && q.presents(user, pass) {
			link = l
			if resp, err := http.Get(l); err != nil || resp.StatusCode != http.StatusUnauthorized {
				t.Errorf("Get(%s) = %v, %v, want 401", l, resp, err)
			} else {
				io.Copy(io.Discard, resp.Body)
				resp.Body.Close()
			}
		}
		return false
	}})
	s.options.Run = []string{"payload/media-401"}
	if res := outcome(t, s.run(t), "payload/media-401"); res.Outcome != conformance.Informed {
		t.Errorf("payload/media-401 = %s, want info about a picture that was fetched", res.Outcome)
	}
	http.DefaultClient.CloseIdleConnections()
	if resp, err := (&http.Client{Timeout: time.Second}).Get(link); err == nil {
		resp.Body.Close()
		t.Errorf("Get(%s) after the run = %s, want nobody there", link, resp.Status)
	}
}

func TestHooksAndPausesAreSkippedWithoutTheirOptions(t *testing.T) {
	s := newStage(t, fault{})
	o := &s.options
	o.FailNext, o.Idle, o.PreviousUsername, o.PreviousPassword, o.BlockedText = nil, 0, "", "", ""
	o.Run = []string{"idempotency/after-5xx", "idempotency/long-memory", "security/credential-rotation"}
	r := s.run(t)
	for _, id := range o.Run {
		if res := outcome(t, r, id); res.Outcome != conformance.Skipped || !strings.Contains(res.Reason, "--") {
			t.Errorf("%s = %s (%s), want skip with the flag that it needs", id, res.Outcome, res.Reason)
		}
	}
	o.Run, o.Profile = []string{"legacy/before-drop-shape"}, conformance.Legacy
	if res := outcome(t, s.run(t), "legacy/before-drop-shape"); res.Outcome != conformance.Skipped {
		t.Errorf("legacy/before-drop-shape = %s, want skip", res.Outcome)
	}
}
