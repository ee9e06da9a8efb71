package main

import (
	"net/http"
	"time"
	"unicode/utf8"

	"hookproof/mockserver/delivery"
	"hookproof/schemas"
)

// recordVersion is the version of the format of recordings.
const recordVersion = 1

// record is a delivery in a recording, which is NDJSON: a record a line.
// Body and BodyBase64 hold the bytes that came, so that a recording can be
// sent again byte for byte; the second if they are no UTF-8.
type record struct {
	Record     int         `json:"record"` // recordVersion, which tells a record from an event
	Time       time.Time   `json:"time"`
	Trigger    string      `json:"trigger"`
	Key        string      `json:"key,omitempty"`
	Status     int         `json:"status"` // of the answer
	Valid      bool        `json:"valid"`
	Duplicate  bool        `json:"duplicate"`
	Headers    http.Header `json:"headers"` // without what holds credentials
	Body       *string     `json:"body,omitempty"`
	BodyBase64 []byte      `json:"bodyBase64,omitempty"`
}

func newRecord(a *arrival, l *eventLine) record {
	h := a.header.Clone()
	for _, name := range []string{"Authorization", "Proxy-Authorization", "Cookie"} {
		h.Del(name)
	}
	r := record{
		Record: recordVersion, Time: l.Time, Trigger: l.Trigger, Key: l.Key, Status: l.Status,
		Valid: l.Valid, Duplicate: l.Duplicate, Headers: h,
	}
	if utf8.Valid(a.body) {
		body := string(a.body)
		r.Body = &body
	} else {
		r.BodyBase64 = a.body
	}
	return r
}

// madeRecord is the record of an event that was made and not delivered.
func madeRecord(body []byte, trigger string, at time.Time) record {
	text := string(body)
	r := record{
		Record: recordVersion, Time: at, Trigger: trigger, Valid: true, Body: &text,
		Headers: http.Header{"Content-Type": {delivery.LiveContentType}},
	}
	r.Key, _ = schemas.Key(body) // not every trigger has one
	return r
}

// payload returns the bytes that were delivered and whether r is a record at all.
func (r *record) payload() ([]byte, bool) {
	switch {
	case r.Record != recordVersion:
		return nil, false
	case r.Body != nil:
		return []byte(*r.Body), true
	default:
		return r.BodyBase64, r.BodyBase64 != nil
	}
}
