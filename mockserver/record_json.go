package mockserver

import (
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"time"
)

// appendRecord appends a as encoding/json encodes it. Every attempt is recorded,
// and this takes a fifth of the time.
func appendRecord(b []byte, a *Attempt) []byte {
	b = appendText(append(b, `{"delivery":`...), a.Delivery)
	b = appendText(append(b, `,"app":`...), a.App)
	b = appendText(append(b, `,"webhook":`...), a.Webhook)
	b = appendText(append(b, `,"trigger":`...), a.Trigger)
	b = strconv.AppendInt(append(b, `,"number":`...), int64(a.Number), 10)
	b = appendText(append(b, `,"state":`...), string(a.State))
	b = appendText(append(b, `,"worker":`...), a.Worker)
	b = appendTime(append(b, `,"start":`...), a.Start)
	b = appendTime(append(b, `,"due":`...), a.Due)
	b = appendText(append(b, `,"request":{"method":`...), a.Request.Method)
	b = appendText(append(b, `,"url":`...), a.Request.URL)
	b = appendHeader(append(b, `,"header":`...), a.Request.Header)
	b = strconv.AppendInt(append(b, `,"size":`...), int64(a.Request.Size), 10)
	b = append(b, '}')
	if a.Answer != nil {
		b = strconv.AppendInt(append(b, `,"answer":{"status":`...), int64(a.Answer.Status), 10)
		b = appendText(append(b, `,"proto":`...), a.Answer.Proto)
		b = appendHeader(append(b, `,"header":`...), a.Answer.Header)
		b = appendText(append(b, `,"text":`...), a.Answer.Text)
		b = strconv.AppendInt(append(b, `,"size":`...), a.Answer.Size, 10)
		b = append(b, '}')
	}
	b = appendNumber(append(b, `,"timing":{"dns":`...), a.Timing.DNS)
	b = appendNumber(append(b, `,"connect":`...), a.Timing.Connect)
	b = appendNumber(append(b, `,"tls":`...), a.Timing.TLS)
	b = appendNumber(append(b, `,"firstByte":`...), a.Timing.FirstByte)
	b = appendNumber(append(b, `,"lastByte":`...), a.Timing.LastByte)
	b = appendNumber(append(b, `,"total":`...), a.Timing.Total)
	b = appendNumber(append(b, `,"late":`...), a.Timing.Late)
	b = append(b, '}')
	if a.Failure != "" {
		b = appendText(append(b, `,"failure":`...), string(a.Failure))
	}
	if a.Reason != "" {
		b = appendText(append(b, `,"reason":`...), a.Reason)
	}
	if len(a.Faults) > 0 {
		b = appendList(append(b, `,"faults":`...), a.Faults)
	}
	if a.Decision != "" {
		b = appendText(append(b, `,"decision":`...), a.Decision)
	}
	if !a.Next.IsZero() {
		b = appendTime(append(b, `,"next":`...), a.Next)
	}
	if a.Why != "" {
		b = appendText(append(b, `,"why":`...), a.Why)
	}
	return append(b, '}')
}

// appendText appends a string; what has to be escaped is left to encoding/json.
func appendText(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' {
			return appendJSON(b, s)
		}
	}
	return append(append(append(b, '"'), s...), '"')
}

func appendList[T ~string](b []byte, list []T) []byte {
	if list == nil {
		return append(b, "null"...)
	}
	b = append(b, '[')
	for i, s := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendText(b, string(s))
	}
	return append(b, ']')
}

func appendHeader(b []byte, h map[string][]string) []byte {
	if h == nil {
		return append(b, "null"...)
	}
	names := make([]string, 0, 16) // which more than most have
	for name := range h {
		names = append(names, name)
	}
	slices.Sort(names)
	b = append(b, '{')
	for i, name := range names {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(appendText(b, name), ':')
		b = appendList(b, h[name])
	}
	return append(b, '}')
}

// appendNumber appends a number; what is not written with digits alone is left
// to encoding/json.
func appendNumber(b []byte, f float64) []byte {
	if abs := math.Abs(f); f != 0 && (abs < 1e-6 || abs >= 1e21) {
		return appendJSON(b, f)
	}
	return strconv.AppendFloat(b, f, 'f', -1, 64)
}

// appendTime appends a time of the four-digit years, in UTC.
func appendTime(b []byte, t time.Time) []byte {
	return append(t.AppendFormat(append(b, '"'), time.RFC3339Nano), '"')
}

// appendJSON appends a string or a number that is one: both can always be encoded.
func appendJSON(b []byte, v any) []byte {
	text, _ := json.Marshal(v)
	return append(b, text...)
}
