package conformance_test

import (
	"net/http"
	"regexp"
	"strings"
	"time"

	"hookproof/conformance"
)

// of tells that a request with the right credentials is of a check. Receivers that have
// these faults have them with other requests too; here no other check is to notice.
func of(check string) func(*request) bool {
	return func(q *request) bool {
		return strings.Contains(q.UserAgent(), "check="+check+")") && q.presents(user, pass)
	}
}

// links are the URLs in an event that lead to this machine.
var links = regexp.MustCompile(`http://127\.0\.0\.1:[0-9]+/[^"]*`)

// fetching fetches what an event that holds mark links to, and says what came of it.
func fetching(mark string, then func(w http.ResponseWriter, status int) bool) func(http.ResponseWriter, *request) bool {
	return func(w http.ResponseWriter, q *request) bool {
		link := links.FindString(string(q.body))
		if !strings.Contains(link, mark) || !q.presents(user, pass) {
			return false
		}
		resp, err := http.Get(link)
		if err != nil {
			return false
		}
		resp.Body.Close()
		return then(w, resp.StatusCode)
	}
}

var moreFaults = []fault{
	{check: "ack/variants", name: "deletions as documented only", instead: on(500, "", func(q *request) bool {
		return q.trigger == "message_deleted" && !q.is("category", "action") && q.presents(user, pass)
	})},
	{check: "ack/variants", name: "occupants without a uid only", instead: on(400, "", func(q *request) bool { return dig(q.event, "data", "occupant")["uid"] == "hpt-occupant" })},
	{check: "ack/variants", name: "bans of one", instead: on(500, "", func(q *request) bool {
		return q.trigger == "group_member_banned" && len(q.members()) > 1 && of("ack/variants")(q)
	})},
	{check: "ack/latency-trigger", name: "one trigger that takes its time", code: "slow", instead: sleeping(1100*time.Millisecond, func(q *request) bool {
		return q.trigger == "recording_generated" && q.presents(user, pass)
	})},
	{check: "ack/latency-cold", name: "a cold start after a pause", code: "cold", instead: sleeping(2050*time.Millisecond, eachNth(2, of("ack/latency-cold")))},

	{check: "payload/float", name: "times of 32 bits", instead: on(500, "out of range", func(q *request) bool {
		at, _ := q.message()["sentAt"].(float64)
		return at > 1<<33 && q.presents(user, pass)
	})},
	{check: "payload/media-401", name: "pictures fetched first", code: "not-accepted", instead: fetching("/media/", func(w http.ResponseWriter, status int) bool {
		return status == http.StatusUnauthorized && answer(502, "media cannot be fetched")(w)
	})},
	{check: "security/ssrf-canary", name: "links fetched", code: "fetched", informs: true, instead: fetching("/ssrf/", func(http.ResponseWriter, int) bool { return false })},
	{check: "security/ssrf-canary", name: "links fetched a little later", code: "fetched", informs: true, instead: func(w http.ResponseWriter, q *request) bool {
		later := fetching("/ssrf/", func(http.ResponseWriter, int) bool { return false })
		time.AfterFunc(20*time.Millisecond, func() { later(w, q) })
		return false
	}},
	{check: "security/credential-rotation", name: "the previous password still valid", code: "still-valid", authorises: func(q *request) bool { return q.presents(user, previous) }},
	{check: "security/timing", name: "a comparison that stops at the first difference", code: "differs", informs: true,
		options: func(o *conformance.Options) { o.Run = []string{"security/timing"} },
		instead: sleeping(4*time.Millisecond, func(q *request) bool {
			_, p, _ := q.BasicAuth()
			return p != pass && strings.HasPrefix(p, pass[:1])
		})},
	{check: "security/rate-limit-scope", name: "a limit of failed logins for all", profile: conformance.LoadProfile, code: "blocked", informs: true,
		instead: on(429, "too many failed logins", func(q *request) bool { return q.wrong > 10 })},

	{check: "idempotency/after-5xx", name: "the key stored last", code: "effects", counts: of("idempotency/after-5xx")},
	{check: "idempotency/long-memory", name: "keys that expire", code: "forgotten", informs: true, counts: of("idempotency/long-memory")},

	{check: "order/interleaved", name: "a queue that loses what comes together", code: "effects", swallows: eachNth(7, of("order/interleaved"))},

	{check: "legacy/receipts", name: "receipts of today only", profile: conformance.Legacy, options: receipts, instead: on(500, "KeyError: 'body'", func(q *request) bool {
		return q.trigger == "message_read_receipt" && dig(q.event, "data", "body") == nil
	})},
	{check: "legacy/before-drop-shape", name: "403 to what is blocked", profile: conformance.Legacy, code: "refused", instead: on(403, "", asksBlocked)},
	{check: "legacy/before-drop-shape", name: "an answer of its own", profile: conformance.Legacy, code: "passes", instead: on(200, `{"allow": false}`, asksBlocked)},
	{check: "legacy/custom-provider", name: "the webhook looked up", profile: conformance.Legacy, options: receipts, instead: on(404, "no such webhook", func(q *request) bool {
		return q.event["webhook"] == "custom" && q.presents(user, pass)
	})},
}

func asksBlocked(q *request) bool { return asked(q) && dig(q.event, "data", "data")["text"] == blocked }

// receipts configures what the legacy generation has besides its own triggers.
func receipts(o *conformance.Options) {
	o.Triggers = []string{"after_message", "before_message", "after_connection_status_changed",
		"message_delivery_receipt", "message_read_receipt", "sms-notification-payload-generated"}
}
