package conformance_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"time"
)

var wireFaults = []fault{
	{check: "http/new-conns", name: "ten connections at most", crowd: 10},
	{check: "http/idle-close", name: "idle connections closed at once", code: "closed-idle", informs: true, broken: func(s *stage) { s.idle = 200 * time.Millisecond }},
	{check: "http/expect", name: "no expectations met", instead: on(400, "", func(q *request) bool { return q.Header.Get("Expect") != "" })},
	{check: "http/gzip-request", name: "500 to what is compressed", instead: on(500, "", func(q *request) bool { return q.Header.Get("Content-Encoding") == "gzip" })},
	{check: "http/gzip-response", name: "a header without compression", instead: func(w http.ResponseWriter, q *request) bool {
		if q.Header.Get("Accept-Encoding") == "gzip" {
			w.Header().Set("Content-Encoding", "gzip")
			return answer(200, "plain")(w)
		}
		return false
	}},
	{check: "http/http2", name: "500 over HTTP/2", overTLS: true, http2: true, instead: on(500, "", func(q *request) bool { return q.ProtoMajor == 2 })},
	{check: "http/http10", name: "HTTP/1.0 refused", code: "refused", informs: true, instead: on(505, "", func(q *request) bool { return q.ProtoMinor == 0 && q.ProtoMajor == 1 })},
	{check: "http/host", name: "any host served", code: "any-host", informs: true, instead: func(w http.ResponseWriter, q *request) bool {
		return strings.HasSuffix(q.Host, ".invalid") && answer(200, "")(w)
	}},
	{check: "http/half-close", name: "half a close taken for a whole one", code: "unanswered", informs: true, instead: func(_ http.ResponseWriter, q *request) bool {
		select {
		case <-q.Context().Done():
			panic(http.ErrAbortHandler)
		case <-time.After(3 * time.Millisecond):
			return false
		}
	}},
	{check: "http/slow-body", name: "one request at a time", serial: true},
	{check: "http/slow-headers", name: "a few workers, each waiting for headers", waiting: 15},
	{check: "http/abort", name: "a process that ends with its reader", unread: func(m *model, _ http.ResponseWriter, _ []byte, err error) bool {
		if errors.Is(err, io.ErrUnexpectedEOF) {
			m.down.Store(time.Now().Add(400 * time.Millisecond).UnixNano())
		}
		return false
	}},
	{check: "http/content-length-mismatch", name: "500 to a short body", unread: func(_ *model, w http.ResponseWriter, _ []byte, err error) bool {
		return errors.Is(err, io.ErrUnexpectedEOF) && answer(500, "")(w)
	}},
	{check: "http/pipelining", name: "what follows is taken for a part of it", instead: on(400, "", func(q *request) bool { return q.nth == 1 && q.raw("}POST ") })},
	{check: "payload/size-limit", name: "500 beyond a limit", unread: func(_ *model, w http.ResponseWriter, _ []byte, err error) bool {
		_, large := errors.AsType[*http.MaxBytesError](err)
		return large && answer(500, "")(w)
	}},
}
