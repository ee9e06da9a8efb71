package conformance_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"hookproof/conformance"
)

// result returns that of a check.
func resultOf(t *testing.T, r *conformance.Report, id string) conformance.Result {
	t.Helper()
	for _, res := range r.Results {
		if res.ID == id {
			return res
		}
	}
	t.Fatalf("no result of %s", id)
	return conformance.Result{}
}

// members counts those of an object and of all within it.
func members(v any) int {
	n := 0
	switch v := v.(type) {
	case map[string]any:
		for _, m := range v {
			n += 1 + members(m)
		}
	case []any:
		for _, m := range v {
			n += members(m)
		}
	}
	return n
}

// halfEmoji crashes where entities are absent and the text is cut within an emoji.
func halfEmoji() fault {
	for _, f := range faults {
		if strings.HasPrefix(f.name, "half an emoji") {
			return f
		}
	}
	panic("the fault is gone")
}

// TestVariantsAreShrunkAndNamed: the report names the one member and the text that
// matter together, and repeats them in the smallest message that is valid.
func TestVariantsAreShrunkAndNamed(t *testing.T) {
	t.Parallel()
	for _, profile := range []string{"recommended", conformance.Robustness} {
		if testing.Short() && profile == conformance.Robustness {
			continue // more of the same for the race detector
		}
		t.Run(profile, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, halfEmoji())
			s.options.Profile = profile
			r := s.run(t)
			res := resultOf(t, r, "payload/variants")
			if res.Outcome != conformance.Warned || len(res.Findings) != 1 {
				t.Fatalf("%s with %d findings: %+v", res.Outcome, len(res.Findings), res)
			}
			f := res.Findings[0]
			want := "fails when `data.message.data.entities` is absent and `data.message.data.text` has the first half of an emoji: a valid message_"
			if !strings.HasPrefix(f.Message, want) || !strings.Contains(f.Message, "answered 500") {
				t.Errorf("message %q, want %q…", f.Message, want)
			}
			var body struct {
				Data json.RawMessage `json:"data"`
			}
			var data any
			if err := json.Unmarshal([]byte(f.Exchange.Body), &body); err != nil {
				t.Fatalf("%v: %s", err, f.Exchange.Body)
			}
			if err := json.Unmarshal(body.Data, &data); err != nil {
				t.Fatal(err)
			}
			if got := members(data) - 1; got > 12 { // of the message, beside itself
				t.Errorf("the message has %d members, want at most 12: %s", got, f.Exchange.Body)
			}
			if !strings.Contains(f.Curl, `\ud83d`) || !strings.Contains(f.Curl, "curl ") {
				t.Errorf("the curl line lacks half an emoji: %s", f.Curl)
			}
		})
	}
}

// TestVariantsKeepToTheirBudget, and each is an event of its own.
func TestVariantsKeepToTheirBudget(t *testing.T) {
	for _, budget := range []int{1, 7, 0} {
		var sent atomic.Int64
		ids := make(chan string, 10_000)
		s := newStage(t, fault{instead: func(_ http.ResponseWriter, q *request) bool {
			if isEvent(q) && strings.Contains(q.Header.Get("User-Agent"), "check=payload/variants") {
				sent.Add(1)
				if id, ok := q.message()["id"].(string); ok && q.trigger == "message_sent" {
					ids <- id
				}
			}
			return false
		}})
		s.options.Profile, s.options.Budget, s.options.Run = "recommended", budget, []string{"payload/variants"}
		res := resultOf(t, s.run(t), "payload/variants")
		want := int64(budget)
		if budget == 0 {
			want = conformance.DefaultBudget
		}
		if res.Outcome != conformance.Passed || sent.Load() != want {
			t.Errorf("budget %d: %s after %d requests, want %d", budget, res.Outcome, sent.Load(), want)
		}
		close(ids)
		seen := map[string]bool{}
		for id := range ids {
			if seen[id] {
				t.Errorf("budget %d: message %s came twice", budget, id)
			}
			seen[id] = true
		}
	}
}

// TestVariantsAreEstimated: all of two triggers, or a sample.
func TestVariantsAreEstimated(t *testing.T) {
	t.Parallel()
	for _, profile := range []string{"recommended", conformance.Robustness} {
		s := newStage(t, fault{})
		s.options.Profile, s.options.Budget, s.options.Run, s.options.Seed = profile, 0, []string{"payload/variants"}, 7
		s.options.Triggers = []string{"message_sent", "call_ended"}
		plan, err := conformance.Estimate(s.url, s.options)
		if err != nil {
			t.Fatal(err)
		}
		if r := s.run(t); r.Requests != plan.Requests || profile == conformance.Robustness && r.Requests < 700 {
			t.Errorf("%s: %d requests, estimated %d", profile, r.Requests, plan.Requests)
		}
	}
}

// TestVariantsBlameNoChance: what fails once and is accepted the second time is no
// finding, and a receiver that refuses text which is no Unicode has its reasons.
func TestVariantsBlameNoChance(t *testing.T) {
	t.Parallel()
	var n atomic.Int64
	for name, f := range map[string]fault{
		"now and then": {instead: on(500, "", func(q *request) bool {
			return isEvent(q) && strings.Contains(q.Header.Get("User-Agent"), "check=payload/variants") && n.Add(1) == 20
		})},
		"no halves of emoji": {instead: on(400, "bad text", func(q *request) bool {
			return isEvent(q) && (q.bodyHas(`\ud83d"`) || q.bodyHas(`\ude00`) && !q.bodyHas(`\ud83d\ude00`) || q.bodyHas(`\u0000`) || q.bodyHas(`\ud83d":`))
		})},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t, f)
			s.options.Profile, s.options.Run, s.options.Budget = conformance.Robustness, []string{"payload/variants"}, 0
			s.options.Triggers = []string{"message_sent", "user_blocked"}
			if res := resultOf(t, s.run(t), "payload/variants"); res.Outcome != conformance.Passed {
				t.Errorf("%s: %s %+v", res.Outcome, res.Reason, res.Findings)
			}
		})
	}
}

// TestVariantsOfARateLimitedReceiver: nothing can be concluded.
func TestVariantsOfARateLimitedReceiver(t *testing.T) {
	t.Parallel()
	s := newStage(t, fault{instead: on(429, "", func(q *request) bool {
		return isEvent(q) && strings.Contains(q.Header.Get("User-Agent"), "check=payload/variants")
	})})
	s.options.Profile, s.options.Run = "recommended", []string{"payload/variants"}
	if res := resultOf(t, s.run(t), "payload/variants"); res.Outcome != conformance.Inconclusive {
		t.Errorf("%s: %s %+v", res.Outcome, res.Reason, res.Findings)
	}
}
