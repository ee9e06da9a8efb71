package mockserver

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestCreateWebhook(t *testing.T) {
	for _, c := range []struct{ name, body, want string }{
		{
			"what is required", least,
			`{"createdAt":1767225600,"enabled":true,"id":"orders","name":"Orders","retryOnFailure":false,"updatedAt":1767225600,"useBasicAuth":false,"webhookURL":"https://hooks.example.com/cometchat"}`,
		},
		{
			"everything, and what is not known",
			`{"id":"o-_1","name":"Ж & <b>","webhookURL":"https://a.example/?x=1&y=2","useBasicAuth":true,"username":"vendor","password":"` + hookSecret + `","enabled":false,"retryOnFailure":true,"colour":1e999,"createdAt":7}`,
			`{"createdAt":1767225600,"enabled":false,"id":"o-_1","name":"Ж & <b>","retryOnFailure":true,"updatedAt":1767225600,"useBasicAuth":true,"username":"vendor","webhookURL":"https://a.example/?x=1&y=2"}`,
		},
		{
			"the last of two members with the same name",
			`{"id":"a","id":"b","name":"A","webhookURL":"https://a.example"}`,
			`{"createdAt":1767225600,"enabled":true,"id":"b","name":"A","retryOnFailure":false,"updatedAt":1767225600,"useBasicAuth":false,"webhookURL":"https://a.example"}`,
		},
		{
			"credentials without Basic auth, none empty",
			`{"id":"a","name":"A","webhookURL":"https://a.example","username":"","password":""}`,
			`{"createdAt":1767225600,"enabled":true,"id":"a","name":"A","retryOnFailure":false,"updatedAt":1767225600,"useBasicAuth":false,"webhookURL":"https://a.example"}`,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newStage(t, nil)
			if got := s.ok("POST", webhooksPath, c.body).data(); got != c.want {
				t.Errorf("created %s, want %s", got, c.want)
			}
			id := s.store.read("app1").Webhooks[0].ID
			if got := s.ok("GET", webhooksPath+"/"+id, "").data(); got != c.want {
				t.Errorf("then got %s, want %s", got, c.want)
			}
			if got := s.ok("GET", webhooksPath, "").data(); got != "["+c.want+"]" {
				t.Errorf("then listed %s, want %s", got, c.want)
			}
		})
	}
}

func TestCreateKeepsThePasswordForDeliveries(t *testing.T) {
	s := newStage(t, nil)
	s.ok("POST", webhooksPath, `{"id":"a","name":"A","webhookURL":"https://a.example","useBasicAuth":true,"username":"u","password":"`+hookSecret+`"}`)
	if w := s.store.read("app1").Webhooks[0]; w.Password != hookSecret || w.Triggers == nil || len(w.Triggers) > 0 {
		t.Errorf("kept %+v, want the password and an empty list of triggers", w)
	}
}

func TestAppHasAtMost25Webhooks(t *testing.T) {
	s := newStage(t, nil)
	body := func(i int) string { return fmt.Sprintf(`{"id":"w%d","name":"W","webhookURL":"https://a.example"}`, i) }
	for i := range MaxWebhooks {
		s.ok("POST", webhooksPath, body(i))
	}
	a := s.refused(400, "ERR_PLAN_QUOTA_RESTRICTION", "POST", webhooksPath, body(25))
	if got := a.message(); got != "An app has at most 25 webhooks." {
		t.Errorf("message %q", got)
	}
	if got := s.ok("GET", webhooksPath+"?perPage=1000", "").pages(); got != "total 25, count 25, per page 1000, page 1 of 1" {
		t.Errorf("25 webhooks: %s", got)
	}
	s.ok("POST", "/apps/app2/webhooks", body(25))
	s.ok("DELETE", webhooksPath+"/w3", "")
	s.ok("POST", webhooksPath, body(25))
}

func TestWebhookIDIsUniqueInItsApp(t *testing.T) {
	s := newStage(t, nil)
	s.ok("POST", webhooksPath, least)
	a := s.refused(400, "ERR_WEBHOOK_ID_ALREADY_EXISTS", "POST", webhooksPath, least)
	if got, want := a.details(), `{"id":["is taken"]}`; got != want {
		t.Errorf("details %s, want %s", got, want)
	}
	s.ok("POST", webhooksPath, strings.Replace(least, "orders", "Orders", 1))
	s.ok("POST", "/apps/app2/webhooks", least)
	s.ok("POST", "/apps/app3/webhooks", least, "key", otherKey, "secret", otherSecret)
}

func TestListWebhooks(t *testing.T) {
	s := newStage(t, nil)
	for _, name := range []string{"Orders", "refunds", "ORDERS, old", "Заказы", "a%b"} {
		s.ok("POST", webhooksPath, fmt.Sprintf(`{"id":"w%d","name":%q,"webhookURL":"https://a.example"}`, len(s.store.read("app1").Webhooks), name))
	}
	for _, c := range []struct{ query, ids, pages string }{
		{"", "w0 w1 w2 w3 w4", "total 5, count 5, per page 100, page 1 of 1"},
		{"?perPage=2", "w0 w1", "total 5, count 2, per page 2, page 1 of 3"},
		{"?perPage=2&page=2", "w2 w3", "total 5, count 2, per page 2, page 2 of 3"},
		{"?perPage=2&page=3", "w4", "total 5, count 1, per page 2, page 3 of 3"},
		{"?perPage=2&page=4", "", "total 5, count 0, per page 2, page 4 of 3"},
		{"?perPage=1000&page=2147483647", "", "total 5, count 0, per page 1000, page 2147483647 of 1"},
		{"?perPage=&perPage=3", "w0 w1 w2", "total 5, count 3, per page 3, page 1 of 2"},
		{"?searchKey=orders", "w0 w2", "total 2, count 2, per page 100, page 1 of 1"},
		{"?searchKey=ORDERS&perPage=1&page=2", "w2", "total 2, count 1, per page 1, page 2 of 2"},
		{"?searchKey=%D0%97%D0%90%D0%9A", "w3", "total 1, count 1, per page 100, page 1 of 1"},
		{"?searchKey=%25", "w4", "total 1, count 1, per page 100, page 1 of 1"},
		{"?searchKey=", "w0 w1 w2 w3 w4", "total 5, count 5, per page 100, page 1 of 1"},
		{"?searchKey=w0", "", "total 0, count 0, per page 100, page 1 of 0"},
		{"?colour=red", "w0 w1 w2 w3 w4", "total 5, count 5, per page 100, page 1 of 1"},
	} {
		a := s.ok("GET", webhooksPath+c.query, "")
		if a.ids() != c.ids || a.pages() != c.pages {
			t.Errorf("%s: %s; %s, want %s; %s", c.query, a.ids(), a.pages(), c.ids, c.pages)
		}
	}
	if got := s.ok("GET", "/apps/app2/webhooks", "").data(); got != "[]" {
		t.Errorf("an app without webhooks lists %s", got)
	}
}

func TestUpdateWebhook(t *testing.T) {
	whole := `{"id":"orders","name":"Orders","webhookURL":"https://a.example","useBasicAuth":true,"username":"u","password":"` + hookSecret + `","retryOnFailure":true}`
	for _, c := range []struct {
		name, body string
		want       func(*Webhook)
		same       bool
	}{
		{name: "a name", body: `{"name":"B"}`, want: func(w *Webhook) { w.Name = "B" }},
		{name: "a URL", body: `{"webhookURL":"https://b.example/"}`, want: func(w *Webhook) { w.URL = "https://b.example/" }},
		{name: "Basic auth off", body: `{"useBasicAuth":false}`, want: func(w *Webhook) { w.UseBasicAuth = false }},
		{name: "a username", body: `{"username":"v"}`, want: func(w *Webhook) { w.Username = "v" }},
		{name: "a password", body: `{"password":"p"}`, want: func(w *Webhook) { w.Password = "p" }},
		{name: "paused", body: `{"enabled":false}`, want: func(w *Webhook) { w.Enabled = false }},
		{name: "no retries", body: `{"retryOnFailure":false}`, want: func(w *Webhook) { w.RetryOnFailure = false }},
		{
			name: "no credentials", body: `{"useBasicAuth":false,"username":"","password":""}`,
			want: func(w *Webhook) { w.UseBasicAuth, w.Username, w.Password = false, "", "" },
		},
		{name: "nothing", body: `{}`, same: true},
		{name: "what is so already", body: whole, same: true},
		{name: "an id, which is ignored", body: `{"id":"not an id","createdAt":1}`, same: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newStage(t, nil)
			s.ok("POST", webhooksPath, whole)
			s.ok("POST", triggersPath, `{"triggerIds":["message_sent"]}`)
			want := s.store.read("app1").Webhooks[0]
			s.now = s.now.Add(time.Hour)
			if !c.same {
				c.want(&want)
				want.UpdatedAt += 3600
			}
			told := s.ok("PUT", ordersPath, c.body).data()
			got := s.store.read("app1").Webhooks[0]
			if compact(got) != compact(want) {
				t.Errorf("kept %s, want %s", compact(got), compact(want))
			}
			if want := compact(want.told()); told != want {
				t.Errorf("answered %s, want %s", told, want)
			}
		})
	}
}

func TestUpdateNeedsCredentialsForBasicAuth(t *testing.T) {
	s := newStage(t, nil)
	s.ok("POST", webhooksPath, least)
	for _, c := range []struct{ body, want string }{
		{`{"useBasicAuth":true}`, `{"password":["is required with useBasicAuth"],"username":["is required with useBasicAuth"]}`},
		{`{"useBasicAuth":true,"username":"u"}`, `{"password":["is required with useBasicAuth"]}`},
		{`{"useBasicAuth":true,"username":"u","password":""}`, `{"password":["is required with useBasicAuth"]}`},
	} {
		if got := s.refused(400, "ERR_BAD_REQUEST", "PUT", ordersPath, c.body).details(); got != c.want {
			t.Errorf("%s: details %s, want %s", c.body, got, c.want)
		}
	}
	s.ok("PUT", ordersPath, `{"username":"u","password":"p"}`)
	s.ok("PUT", ordersPath, `{"useBasicAuth":true}`)
	if got, want := s.refused(400, "ERR_BAD_REQUEST", "PUT", ordersPath, `{"password":""}`).details(), `{"password":["is required with useBasicAuth"]}`; got != want {
		t.Errorf("details %s, want %s", got, want)
	}
}

func TestDeleteWebhook(t *testing.T) {
	s := newStage(t, nil)
	s.ok("POST", webhooksPath, least)
	s.ok("POST", webhooksPath, strings.Replace(least, "orders", "other", 1))
	if got, want := s.ok("DELETE", ordersPath, "").data(), `{"message":"The webhook orders has been deleted.","success":true}`; got != want {
		t.Errorf("answered %s, want %s", got, want)
	}
	for _, method := range []string{"GET", "DELETE"} {
		s.refused(404, "ERR_WEBHOOK_NOT_FOUND", method, ordersPath, "")
	}
	if got := s.ok("GET", webhooksPath, "").ids(); got != "other" {
		t.Errorf("left is %s, want other", got)
	}
}

func TestChangesSurviveThatAnotherNodeIsFaster(t *testing.T) {
	s := newStage(t, nil)
	s.store.faster = 1
	s.ok("POST", webhooksPath, least)
	s.store.faster = 2
	want := `{"message_sent":{"message":"The trigger message_sent has been added.","success":true}}`
	if got := s.ok("POST", triggersPath, `{"triggerIds":["message_sent"]}`).data(); got != want {
		t.Errorf("added %s, want %s", got, want)
	}
	s.store.faster = 1
	s.ok("PUT", ordersPath, `{"name":"B"}`)
	if got := s.store.read("app1").Webhooks; len(got) != 1 || got[0].Name != "B" || strings.Join(got[0].Triggers, " ") != "message_sent" {
		t.Errorf("kept %+v", got)
	}
	s.store.faster = 1
	s.ok("DELETE", ordersPath, "")
}
