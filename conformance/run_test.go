package conformance_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"hookproof/conformance"
	"hookproof/schemas"
)

// readAll reads a request's body and leaves it there for the next reader.
func readAll(t *testing.T, r *http.Request) []byte {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Errorf("reading a request: %v", err)
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	return body
}

// watch calls see before each request, one at a time; what see has written may
// be read once run has returned.
func (s *stage) watch(see func(http.ResponseWriter, *http.Request) bool) {
	h := s.server.Config.Handler
	s.server.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !func() bool {
			s.watching.Lock()
			defer s.watching.Unlock()
			return see(w, r)
		}() {
			h.ServeHTTP(w, r)
		}
	})
}

func TestEstimateIsWhatARunSends(t *testing.T) {
	t.Parallel()
	for _, profile := range conformance.Profiles() {
		for _, f := range []fault{{name: "dev"}, {name: "certify", overTLS: true}} {
			if testing.Short() && (f.overTLS || profile.Name == conformance.LoadProfile) {
				continue // with the race detector, load may have to be tried again
			}
			t.Run(profile.Name+" "+f.name, func(t *testing.T) {
				t.Parallel()
				s := newStage(t, f)
				s.options.Profile, s.options.Seed = profile.Name, 7
				wrong := 0
				s.watch(func(_ http.ResponseWriter, r *http.Request) bool {
					if u, p, _ := r.BasicAuth(); r.Header["Authorization"] != nil && (u != user || p != pass || len(r.Header["Authorization"]) > 1) {
						wrong++
					}
					return false
				})
				plan, err := conformance.Estimate(s.url, s.options)
				if err != nil {
					t.Fatal(err)
				}
				r := s.run(t)
				if r.Requests != plan.Requests || wrong != plan.Wrong {
					t.Errorf("a run sent %d requests, %d with wrong credentials; Estimate said %d and %d", r.Requests, wrong, plan.Requests, plan.Wrong)
				}
				// idempotency/after-timeout leaves 50 ms after it has sent one: this machine may be
				// too busy to answer by then.
				if left := plan.Events - r.Events; left < 0 || left > 1 {
					t.Errorf("a run made %d events, Estimate said %d", r.Events, plan.Events)
				}
				if most := map[string]int{conformance.Security: 40, conformance.All: 40, conformance.LoadProfile: 40}[profile.Name]; wrong > max(most, 14) {
					t.Errorf("a run sent %d wrong credentials, want at most %d", wrong, max(most, 14))
				}
				if plan.Expected <= 0 || f.overTLS && plan.Expected < 14*time.Millisecond {
					t.Errorf("Expected = %s", plan.Expected)
				}
			})
		}
	}
}

func TestProbesAreHonestAndPurgeable(t *testing.T) {
	t.Parallel()
	s := newStage(t, fault{})
	now := time.Now().Unix()
	var events, marked int
	var run string
	s.watch(func(w http.ResponseWriter, r *http.Request) bool {
		http.SetCookie(w, &http.Cookie{Name: "session", Value: "1"})
		if r.Header.Get("Cookie") != "" {
			t.Errorf("a cookie was sent back")
		}
		agent := r.Header.Get("User-Agent")
		if clients := []string{"", "axios", "node-fetch", "GuzzleHttp", "okhttp"}; slices.Contains(clients, strings.SplitN(agent, "/", 2)[0]) {
			return false // content/no-ua
		}
		if strings.Contains(agent, "check=payload/wrong-types)") {
			return false // no events
		}
		if !strings.HasPrefix(agent, "hookproof/dev (run=") || !strings.Contains(agent, "; check=") {
			t.Errorf("User-Agent = %q, want one that names run and check", agent)
		}
		run = agent[strings.Index(agent, "run=")+4 : strings.Index(agent, ";")]
		body := readAll(t, r)
		var unknown *schemas.UnknownTriggerError
		var syntax *schemas.SyntaxError
		if _, err := schemas.ValidateEvent(body); err != nil && !errors.As(err, &unknown) && !errors.As(err, &syntax) && bytes.HasPrefix(body, []byte("{")) {
			t.Errorf("an event breaks the contract: %v\n%s", err, body)
		}
		var e struct {
			Trigger string
			Data    struct {
				Message struct {
					ID, Sender string
					SentAt     int64
					Data       struct{ Text string }
				}
			}
		}
		if json.Unmarshal(body, &e) != nil || e.Trigger != "message_sent" {
			return false
		}
		events++
		m := e.Data.Message
		if m.SentAt > now && !strings.Contains(agent, "check=order/future-skew)") {
			t.Errorf("a message is of the future: sentAt %d, now %d", m.SentAt, now)
		}
		if !strings.HasPrefix(m.Sender, "hpt-") && m.Sender != "app_system" {
			t.Errorf("sender %q does not begin with hpt-", m.Sender)
		}
		if strings.Contains(string(body), run) {
			marked++
		} else {
			t.Errorf("an event does not carry the run's marker: %s", body)
		}
		return false
	})
	r := s.run(t)
	if run != r.Run || events == 0 || marked != events {
		t.Errorf("run %q, %d of %d events marked, report's run %q", run, marked, events, r.Run)
	}
}

func TestWrongCredentialsAreKeptApart(t *testing.T) {
	t.Parallel()
	const gap = 30 * time.Millisecond
	s := newStage(t, fault{})
	s.options.AuthGap, s.options.Profile = gap, "core"
	var last time.Time
	wrong := 0
	s.watch(func(_ http.ResponseWriter, r *http.Request) bool {
		if authorisedPost(r) || r.Header["Authorization"] == nil {
			return false
		}
		if now := time.Now(); wrong > 0 && now.Sub(last) < gap {
			t.Errorf("two wrong credentials came %s apart, want at least %s", now.Sub(last), gap)
		}
		last = time.Now()
		wrong++
		return false
	})
	if s.run(t); wrong != 14 {
		t.Errorf("%d wrong credentials were sent, want 14", wrong)
	}
}

func TestWrongCredentialsComeLast(t *testing.T) {
	s := newStage(t, fault{})
	s.options.Profile = "core"
	begun, after := false, 0
	s.watch(func(_ http.ResponseWriter, r *http.Request) bool {
		switch {
		case r.Header["Authorization"] != nil && !authorisedPost(r):
			begun = true
		case begun && !authorisedPost(r): // a control has the right credentials
			after++
		}
		return false
	})
	if s.run(t); !begun || after > 0 {
		t.Errorf("%d other requests came after the first wrong credential, want none in profile core", after)
	}
}

func TestPaceKeepsRequestsApart(t *testing.T) {
	t.Parallel()
	const pace = 40 * time.Millisecond
	s := newStage(t, fault{})
	s.options.Pace, s.options.Run = pace, []string{"content/*", "http/*", "auth/wrong-*"}
	var at []time.Time
	s.watch(func(http.ResponseWriter, *http.Request) bool { at = append(at, time.Now()); return false })
	start := time.Now()
	r := s.run(t)
	// The five of http/parallel go together, and have their time before and after.
	if want := time.Duration(r.Requests-5) * pace; r.Verdict != conformance.Conforms || time.Since(start) < want {
		t.Errorf("%d requests took %s, want at least %s and conforms, got %s", r.Requests, time.Since(start), want, r.Verdict)
	}
	// One that the machine holds up comes closer to the next, but not to the one after that.
	together := 0
	for i := 3; i < len(at); i++ {
		if at[i].Sub(at[i-3]) < pace {
			together++
		}
	}
	if together > 4 {
		t.Errorf("%d times four requests came within the pace, want only those of http/parallel", together)
	}
}
