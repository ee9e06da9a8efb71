package mockserver

import (
	"encoding/json"
	"net/http"

	"hookproof/mockserver/delivery"
	"hookproof/mockserver/queue"
	"hookproof/schemas"
)

// endpoint is where and how a webhook is delivered.
func endpoint(hook *Webhook, o WorkerOptions) delivery.Endpoint {
	e := delivery.Endpoint{URL: hook.URL, ContentType: delivery.LiveContentType, UserAgent: o.UserAgent}
	if o.Documented {
		e.ContentType = delivery.DocumentedContentType
	}
	if hook.UseBasicAuth {
		e.Username, e.Password = hook.Username, hook.Password
	}
	return e
}

// record is what the log keeps of an attempt: all but secrets.
func (w *Worker) record(hook *Webhook, j *queue.Job, m *delivery.Attempt, n *note, why string) *Attempt {
	r := w.redactors.of(hook, m)
	a := &Attempt{
		Delivery: j.ID, App: n.app, Webhook: n.webhook, Trigger: j.Trigger, Number: j.Attempt,
		State: n.state, Worker: w.o.Name, Start: m.Start.UTC().Round(0), Due: j.Due.UTC(),
		Request: Request{Method: m.Method, URL: r.url, Header: r.header, Size: len(j.Body)},
		Failure: m.Failure, Faults: m.Faults, Next: n.next.UTC(), Why: why,
		Timing: AttemptTiming{
			DNS: milliseconds(m.Timing.DNS), Connect: milliseconds(m.Timing.Connect), TLS: milliseconds(m.Timing.TLS),
			FirstByte: milliseconds(m.Timing.FirstByte), LastByte: milliseconds(m.Timing.LastByte),
			Total: milliseconds(m.Timing.Total), Late: milliseconds(max(m.Start.Sub(j.Due), 0)),
		},
	}
	if m.Answered() {
		a.Answer = &Answer{
			Status: m.Status, Proto: m.Proto, Header: r.Header(boundedHeader(m.Answer)),
			Text: r.Clean(string(m.Text)), Size: m.TextSize,
		}
	}
	if m.Delivered() && j.Trigger == beforeMessage {
		a.Decision = decision(m.Text)
	}
	if !m.Delivered() {
		words, cause := m.Reason()
		if cause != nil {
			words += ": " + cause.Error()
		}
		a.Reason = r.Clean(words)
	}
	return a
}

// beforeMessage is the only trigger whose answer's body is read (documented).
const beforeMessage = "before_message"

func decision(answer []byte) string {
	a := schemas.BeforeMessageAnswer(answer)
	if a.Finding != "" {
		return a.Finding
	}
	return string(a.Verdict)
}

// maxAnswerHeader bounds the bytes of an answer's header fields that are kept.
const maxAnswerHeader = 8 << 10

// boundedHeader returns h without what goes beyond maxAnswerHeader.
func boundedHeader(h http.Header) http.Header {
	size := 0
	for name, values := range h {
		for _, v := range values {
			size += len(name) + len(v)
		}
	}
	if size <= maxAnswerHeader {
		return h
	}
	bounded := http.Header{}
	for name, values := range h {
		for _, v := range values {
			if len(name)+len(v) <= maxAnswerHeader/16 && len(bounded) < 16 {
				bounded.Add(name, v)
			}
		}
	}
	return bounded
}

// attemptOf reads a record back.
func attemptOf(record []byte) (a Attempt, err error) {
	err = json.Unmarshal(record, &a)
	return a, err
}
