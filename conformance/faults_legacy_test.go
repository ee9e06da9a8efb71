package conformance_test

import (
	"net/http"
	"time"

	"hookproof/conformance"
)

// asked tells whether a request is a before_message with the right credentials.
func asked(q *request) bool { return q.trigger == "before_message" && q.presents(user, pass) }

var legacyFaults = []fault{
	{check: "legacy/after-message", name: "a region needed", profile: conformance.Legacy, instead: on(400, "", func(q *request) bool {
		return q.trigger == "after_message" && q.event["region"] == nil
	})},
	{check: "legacy/after_connection_status_changed", name: "one of two names known", profile: conformance.Legacy, instead: on(400, "", func(q *request) bool {
		return q.trigger == "user_connection_status_change"
	})},
	{check: "legacy/before-no-id", name: "an id needed", profile: conformance.Legacy, instead: on(500, "", func(q *request) bool {
		return asked(q) && dig(q.event, "data")["id"] == nil
	})},
	{check: "legacy/before-json", name: "a word for an answer", profile: conformance.Legacy, instead: func(w http.ResponseWriter, q *request) bool {
		return asked(q) && answer(200, "ok")(w)
	}},
	{check: "legacy/before-no-drop", name: "everything dropped", profile: conformance.Legacy, instead: func(w http.ResponseWriter, q *request) bool {
		return asked(q) && answer(200, `{"action":"do_not_propagate"}`)(w)
	}},
	{check: "legacy/before-latency", name: "a slow filter", code: "slow", profile: conformance.Legacy, instead: sleeping(2100*time.Millisecond, func(q *request) bool {
		return asked(q) && q.nth > 2 && q.nth < 5
	})},
}
