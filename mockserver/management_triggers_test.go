package mockserver

import (
	"strings"
	"testing"
	"time"

	"hookproof/schemas"
)

func TestAddTriggersAnswersPerTrigger(t *testing.T) {
	s := newStage(t, nil)
	s.ok("POST", webhooksPath, least)
	s.ok("POST", triggersPath, `{"triggerIds":["user_blocked"]}`)
	s.now = s.now.Add(time.Hour)
	got := s.ok("POST", triggersPath, `{"triggerIds":["message_sent","message_new","user_blocked","call_busy","message_sent"]}`).data()
	want := `{"call_busy":{"message":"The trigger call_busy has been added.","success":true},` +
		`"message_new":{"message":"The trigger message_new does not exist.","success":false},` +
		`"message_sent":{"message":"The trigger message_sent has been added.","success":true},` +
		`"user_blocked":{"message":"The webhook has the trigger user_blocked already.","success":true}}`
	if got != want {
		t.Errorf("answered\n%s, want\n%s", got, want)
	}
	w := s.store.read("app1").Webhooks[0]
	if got := strings.Join(w.Triggers, " "); got != "call_busy message_sent user_blocked" || w.UpdatedAt != w.CreatedAt {
		t.Errorf("kept %q, updated %d, want the three known in order and no update", got, w.UpdatedAt-w.CreatedAt)
	}
}

func TestListTriggers(t *testing.T) {
	s := newStage(t, nil)
	s.ok("POST", webhooksPath, least)
	if a := s.ok("GET", triggersPath, ""); a.data() != "[]" || a.pages() != "total 0, count 0, per page 100, page 1 of 0" {
		t.Errorf("no triggers: %s", a.text)
	}
	s.ok("POST", triggersPath, `{"triggerIds":["message_sent","call_busy"]}`)
	a := s.ok("GET", triggersPath, "")
	sent, _ := schemas.Lookup("message_sent")
	list := a.body["data"].([]any)
	if a.ids() != "call_busy message_sent" || list[1].(map[string]any)["description"] != sent.Description ||
		a.pages() != "total 2, count 2, per page 100, page 1 of 1" {
		t.Errorf("two triggers: %s", a.text)
	}
	for _, v := range list {
		if v.(map[string]any)["description"] == "" {
			t.Errorf("%v has no description", v)
		}
	}
}

func TestEveryTriggerOfTheCatalogueCanBeAdded(t *testing.T) {
	s := newStage(t, nil)
	s.ok("POST", webhooksPath, least)
	body := compact(map[string]any{"triggerIds": Modern.Triggers()})
	if got := s.ok("POST", triggersPath, body).text; strings.Contains(got, "false") {
		t.Errorf("some are refused: %s", got)
	}
	if got, want := len(s.store.read("app1").Webhooks[0].Triggers), len(Modern.Triggers()); got != want {
		t.Errorf("%d triggers, want %d", got, want)
	}
}

func TestRemoveTriggersReadsABodyAndIsAllOrNothing(t *testing.T) {
	s := newStage(t, nil)
	s.ok("POST", webhooksPath, least)
	s.ok("POST", triggersPath, `{"triggerIds":["message_sent","user_blocked","call_busy"]}`)
	a := s.refused(404, "ERR_TRIGGER_NOT_FOUND", "DELETE", triggersPath, `{"triggerIds":["message_sent","message_new"]}`)
	if got := a.message(); got != "There is no trigger message_new." {
		t.Errorf("message %q", got)
	}
	want := `{"message":"The triggers have been removed.","success":true}`
	if got := s.ok("DELETE", triggersPath, `{"triggerIds":["message_sent","group_created","message_sent"]}`).data(); got != want {
		t.Errorf("answered %s, want %s", got, want)
	}
	if got := s.ok("GET", triggersPath, "").ids(); got != "call_busy user_blocked" {
		t.Errorf("left are %s", got)
	}
	s.ok("DELETE", ordersPath, "")
	for _, method := range []string{"GET", "POST", "DELETE"} {
		body := `{"triggerIds":["message_sent"]}`
		if method == "GET" {
			body = ""
		}
		s.refused(404, "ERR_WEBHOOK_NOT_FOUND", method, triggersPath, body)
	}
}

func TestGenerationsExcludeEachOther(t *testing.T) {
	for _, c := range []struct{ name, own, other, trigger, foreign, words string }{
		{"modern", "2", "", "message_sent", "after_message", "X-Webhook-Version 2,"},
		{"modern, asked for as 1", "2", "1", "call_busy", "before_message", "X-Webhook-Version 2,"},
		{"legacy", "", "2", "after_message", "message_sent", "X-Webhook-Version 1 (or none),"},
		{"legacy, created as 1", "1", "2", "before_message", "call_busy", "X-Webhook-Version 1 (or none),"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newStage(t, nil)
			own, other := []string{"X-Webhook-Version", c.own}, []string{"X-Webhook-Version", c.other}
			s.ok("POST", webhooksPath, least, own...)
			s.ok("GET", ordersPath, "", own...)
			a := s.refused(400, "ERR_BAD_REQUEST", "POST", webhooksPath, strings.Replace(least, "orders", "new", 1), other...)
			if got := a.message(); !strings.Contains(got, c.words) {
				t.Errorf("message %q, want it to have %q", got, c.words)
			}
			if got := s.ok("GET", webhooksPath, "", other...).data(); got != "[]" {
				t.Errorf("the other generation lists %s", got)
			}
			for call, body := range map[string]string{
				"GET " + ordersPath: "", "PUT " + ordersPath: `{}`, "DELETE " + ordersPath: "",
				"GET " + triggersPath: "", "POST " + triggersPath: `{"triggerIds":["message_sent"]}`, "DELETE " + triggersPath: `{"triggerIds":["message_sent"]}`,
			} {
				method, path, _ := strings.Cut(call, " ")
				s.refused(404, "ERR_WEBHOOK_NOT_FOUND", method, path, body, other...)
			}
			want := `{"` + c.trigger + `":true,"` + c.foreign + `":false}`
			results := map[string]any{}
			for name, v := range s.ok("POST", triggersPath, `{"triggerIds":["`+c.trigger+`","`+c.foreign+`"]}`, own...).body["data"].(map[string]any) {
				results[name] = v.(map[string]any)["success"]
			}
			if got := compact(results); got != compact(must(decode(want))) {
				t.Errorf("added %s, want %s", got, want)
			}
			s.ok("DELETE", ordersPath, "", own...)
			s.ok("POST", webhooksPath, least, other...)
		})
	}
}
