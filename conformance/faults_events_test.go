package conformance_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"hookproof/conformance"
	"hookproof/schemas"
)

// sleeping is a receiver that takes its time where the condition holds.
func sleeping(d time.Duration, when func(*request) bool) func(http.ResponseWriter, *request) bool {
	return func(_ http.ResponseWriter, q *request) bool {
		if when(q) {
			time.Sleep(d)
		}
		return false
	}
}

// members returns the users that an event about members of a group has.
func (q *request) members() map[string]any { return dig(q.event, "data", "members") }

// sentAt returns how long ago the message of an event was sent.
func (q *request) age() time.Duration {
	at, _ := q.message()["sentAt"].(float64)
	if at == 0 {
		return 0
	}
	return time.Since(time.Unix(int64(at), 0))
}

func levels(v any) int {
	m, ok := v.(map[string]any)
	if !ok {
		return 0
	}
	deepest := 0
	for _, inner := range m {
		deepest = max(deepest, levels(inner))
	}
	return 1 + deepest
}

// inMind remembers texts, as a receiver does between requests.
type inMind struct {
	mu    sync.Mutex
	known map[string]int
}

func (m *inMind) add(text string) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.known == nil {
		m.known = map[string]int{}
	}
	m.known[text]++
	return m.known[text]
}

// busyTalk refuses a message while three of its conversation are at work.
func busyTalk() func(http.ResponseWriter, *request) bool {
	var mu sync.Mutex
	seen := map[string]int{}
	return func(w http.ResponseWriter, q *request) bool {
		talk, _ := q.message()["conversationId"].(string)
		id, _ := q.message()["id"].(string)
		if talk == "" || !q.presents(user, pass) {
			return false
		}
		mu.Lock()
		seen[talk]++
		n := seen[talk]
		mu.Unlock()
		return n > 5 && q.busy > 1 && len(id) > 15 && answer(409, "")(w)
	}
}

// abandoned keeps an event that was given up marked as begun.
func abandoned() func(http.ResponseWriter, *request) bool {
	var begun inMind
	return func(w http.ResponseWriter, q *request) bool {
		if !strings.Contains(q.UserAgent(), "check=idempotency/after-timeout)") {
			return false // it works long on few events
		}
		if begun.add(string(q.body)) > 1 {
			return answer(409, "")(w)
		}
		select {
		case <-q.Context().Done():
		case <-time.After(time.Second):
		}
		return false
	}
}

var (
	thirds  inMind
	byID    inMind
	byEdit  inMind
	anyHook inMind
)

func messageID(q *request) string {
	id, _ := q.message()["id"].(string)
	return id
}

var eventFaults = []fault{
	{check: "ack/latency-cold", name: "a cold start", instead: sleeping(2050*time.Millisecond, func(q *request) bool { return q.ordinal == 1 && plainText(q) })},
	{check: "ack/no-inline-work", name: "each user looked up", instead: sleeping(700*time.Millisecond, func(q *request) bool { return len(q.members()) == 25 })},
	{check: "ack/no-inline-work", name: "pictures fetched", instead: sleeping(700*time.Millisecond, func(q *request) bool { return q.bodyHas("media.hookproof.invalid") })},
	{check: "ack/body-small", name: "a page of 70 KB", instead: func(w http.ResponseWriter, q *request) bool {
		return plainText(q) && q.ordinal == 3 && q.presents(user, pass) && answer(200, strings.Repeat("ok ", 24_000))(w)
	}},
	{check: "ack/no-cookies", name: "a session for each event", code: "cookies", informs: true, instead: withHeader("Set-Cookie", "session=1", always)},
	{check: "ack/1xx", name: "early hints", code: "interim", informs: true, instead: func(w http.ResponseWriter, _ *request) bool { w.WriteHeader(http.StatusEarlyHints); return false }},
	{check: "ack/catchall", name: "the page of a hosting service", options: func(o *conformance.Options) { o.Username, o.Password = "", "" }, authorises: always,
		instead: func(w http.ResponseWriter, q *request) bool {
			return q.Method == http.MethodPost && q.event != nil && page(w, 200, "<!doctype html><title>welcome</title>")
		}},
	{check: "ack/wrong-app", name: "settings of an unknown app", instead: on(500, "", func(q *request) bool { return q.event["appId"] == "hpt-other-app" })},

	{check: "idempotency/duplicate-third", name: "409 to the third", instead: func(w http.ResponseWriter, q *request) bool {
		return isEvent(q) && q.presents(user, pass) && strings.Contains(q.UserAgent(), "duplicate-third") && thirds.add(string(q.body)) > 2 && answer(409, "")(w)
	}},
	{check: "idempotency/duplicate-effect", name: "new events taken for duplicates", code: "swallowed", swallows: func(q *request) bool {
		return q.trigger == "message_sent" && q.ordinal != 1
	}},
	{check: "idempotency/duplicate-effect", name: "an effect for each copy", counts: always},
	{check: "idempotency/reserialised-effect", name: "duplicates told by a hash of the body", counts: func(q *request) bool { return !q.seen }},
	{check: "idempotency/same-id-other-trigger", name: "duplicates told by the message's id", options: func(o *conformance.Options) { o.Triggers = append(o.Triggers, "user_mentioned") },
		swallows: func(q *request) bool {
			return (q.trigger == "message_sent" || q.trigger == "user_mentioned") && byID.add(messageID(q)) > 1 && q.trigger == "user_mentioned"
		}},
	{check: "idempotency/second-edit", name: "edits told by the message's id", swallows: func(q *request) bool {
		return q.trigger == "message_edited" && byEdit.add(messageID(q)) > 1
	}},
	{check: "idempotency/same-id-other-webhook", name: "the webhook left out of the key", code: "ignored", informs: true, swallows: func(q *request) bool {
		return q.trigger == "message_sent" && q.event["webhook"] == "hpt-other" && anyHook.add(messageID(q)) > 0
	}},
	{check: "idempotency/block-unblock-block", name: "blocks counted", code: "twice", informs: true, counts: func(q *request) bool { return q.trigger == "user_blocked" }},
	{check: "idempotency/concurrent", name: "copies that race", together: true, instead: on(500, "deadlock detected", func(q *request) bool { return q.busy > 1 && q.seen && isEvent(q) })},
	{check: "idempotency/after-timeout", name: "an event that stays begun", instead: abandoned()},

	{check: "order/late", name: "replays told by age", instead: on(400, "too old", func(q *request) bool { return q.age() > 50*time.Minute && q.age() < 2*time.Hour })},
	{check: "order/very-old", name: "events of a month ago refused", code: "refused", informs: true, instead: on(400, "too old", func(q *request) bool { return q.age() > 24*time.Hour })},
	{check: "order/future-skew", name: "clocks compared", instead: on(400, "from the future", func(q *request) bool { return q.age() < -time.Minute })},
	{check: "order/interleaved", name: "a lock for each conversation", together: true, instead: busyTalk()},

	{check: "payload/wrong-types", name: "data taken for an object", instead: on(500, "", func(q *request) bool { _, list := q.event["data"].([]any); return list })},
	{check: "payload/null-optional", name: "null refused", code: "refused", informs: true, instead: on(400, "", func(q *request) bool {
		v, there := dig(q.message(), "data", "entities", "sender", "entity")["avatar"]
		return there && v == nil
	})},
	{check: "payload/unsubscribed-trigger", name: "500 to what is not subscribed", instead: on(500, "", func(q *request) bool {
		_, known := schemas.Lookup(q.trigger)
		return known && !slices.Contains(allTriggers(), q.trigger)
	})},
	{check: "payload/maps-many", name: "not two members at once", instead: on(500, "", func(q *request) bool { return len(q.members()) == 2 })},
	{check: "payload/uid-numeric", name: "uids as indices", instead: on(500, "", func(q *request) bool { return q.members()["0"] != nil })},
	{check: "payload/uid-proto", name: "members merged by name", instead: on(500, "", func(q *request) bool { return q.members()["__proto__"] != nil })},
	{check: "payload/uid-long", name: "64 characters of a uid", instead: on(500, "", func(q *request) bool {
		for uid := range q.members() {
			if len(uid) == 100 {
				return true
			}
		}
		return false
	})},
	{check: "payload/nul", name: "NUL not stored", instead: on(500, "", func(q *request) bool { return strings.Contains(q.text(), "\x00") })},
	{check: "payload/lone-surrogate", name: "half an emoji not encoded", instead: on(500, "", func(q *request) bool { return q.bodyHas(`hookproof \ud83d"`) })},
	{check: "payload/big-int", name: "an id that becomes a number", instead: on(500, "", func(q *request) bool { return strings.HasPrefix(messageID(q), "90071") })},
	{check: "payload/id-number", name: "ids of text only", code: "refused", informs: true, instead: on(400, "", func(q *request) bool { _, number := q.message()["id"].(float64); return number })},
	{check: "payload/dup-keys", name: "a strict parser", instead: on(500, "", func(q *request) bool { return strings.Count(string(q.body), `"trigger":`) > 1 })},
	{check: "payload/bom", name: "the parser's error not caught", instead: on(500, "", func(q *request) bool { return strings.HasPrefix(string(q.body), "\ufeff") })},
	{check: "payload/depth", name: "100 levels at most", instead: on(500, "", func(q *request) bool { return levels(q.event) > 100 })},
	{check: "payload/size-256k", name: "413", code: "refused", informs: true, instead: on(413, "", func(q *request) bool { return len(q.body) > 100<<10 })},
	{check: "payload/invalid-utf8", name: "the decoder's error not caught", instead: on(500, "", func(q *request) bool { return json.Valid(q.body) && q.bodyHas("\xff") })},
}
