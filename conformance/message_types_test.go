package conformance_test

import (
	"errors"
	"testing"

	"hookproof/conformance"
)

// textsOnly is a receiver for an app with texts and groups, which refuses all else.
func textsOnly(q *request) bool {
	return q.is("category", "custom") || q.is("category", "call") || q.is("category", "message") && !q.is("type", "text")
}

func TestMessagesThatAreNotDeclaredAreNotSent(t *testing.T) {
	t.Parallel()
	about := []string{"payload/type-variants", "payload/media-401", "security/ssrf-canary", "payload/variants", "ack/no-inline-work"}
	s := newStage(t, fault{instead: on(422, "", textsOnly)})
	s.options.Seed, s.options.Run = 7, about[:1]
	if r := s.run(t); r.Verdict != conformance.DoesNotConform || outcome(t, r, "payload/type-variants").Outcome != conformance.Failed {
		t.Errorf("Verdict = %q, want that a receiver which refuses pictures does not conform if nothing is declared", r.Verdict)
	}
	s.options.Run, s.options.Triggers = about, []string{"message_sent", "group_member_added"}
	s.options.Profile, s.options.Budget = conformance.Robustness, 0 // all variants that there are
	s.options.MessageTypes = []string{"groupAction", "text"}
	plan, err := conformance.Estimate(s.url, s.options)
	if err != nil {
		t.Fatal(err)
	}
	r := s.run(t)
	if r.Verdict != conformance.Conforms || r.Requests != plan.Requests {
		t.Errorf("Verdict = %q after %d requests, want conforms after %d", r.Verdict, r.Requests, plan.Requests)
	}
	for id, want := range map[string]conformance.Outcome{
		"payload/type-variants": conformance.Informed, "payload/variants": conformance.Passed, "ack/no-inline-work": conformance.Passed,
		"payload/media-401": conformance.Skipped, "security/ssrf-canary": conformance.Skipped,
	} {
		if res := outcome(t, r, id); res.Outcome != want {
			t.Errorf("%s = %s %+v, want %s", id, res.Outcome, res.Findings, want)
		}
	}
	if g := outcome(t, r, "payload/type-variants").Findings; len(g) != 1 || g[0].Code != "declared" || g[0].Message != "tried with the types that are declared alone: text, groupAction" {
		t.Errorf("payload/type-variants says %+v, want which types it tried", g)
	}
	// What is declared is part of how a run was configured.
	s.options.Run = about[:1]
	some := s.run(t).Configuration
	s.options.MessageTypes = conformance.MessageTypes()
	if other := s.run(t); other.Configuration == some {
		t.Error("runs with other types have the same configuration")
	}
}

func TestMessageTypesAreChecked(t *testing.T) {
	for _, types := range [][]string{{"text", "sticker"}, {"image"}, {}, {"text", ""}} {
		_, err := conformance.Estimate("http://127.0.0.1:1/", conformance.Options{MessageTypes: types})
		if e, ok := errors.AsType[*conformance.ConfigError](err); !ok || e.Field != "message-types" {
			t.Errorf("types %q: error %v, want one about message-types", types, err)
		}
	}
}
