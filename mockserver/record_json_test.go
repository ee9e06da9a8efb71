package mockserver

import (
	"encoding/json"
	"maps"
	"reflect"
	"testing"
	"time"

	"hookproof/mockserver/delivery"
)

// everything is an attempt with no member left empty.
func everything() Attempt {
	at := time.Date(2026, 11, 25, 22, 45, 21, 123456000, time.UTC)
	return Attempt{
		Delivery: "d1", App: "app", Webhook: "hook", Trigger: "message_sent", Number: 2, State: Retrying, Worker: "w-1",
		Start: at, Due: at.Add(-time.Millisecond), Next: at.Add(time.Second),
		Request: Request{Method: "POST", URL: "https://a.example/?a=1&b=<2>", Header: map[string][]string{"B": {"1", "2"}, "A": {""}, "C": {}, "D": nil}, Size: 1234},
		Answer:  &Answer{Status: 500, Proto: "HTTP/1.1", Header: map[string][]string{"Content-Type": {"text/plain"}}, Text: "é\u2028\x00\"\\</script>\xff\x7f", Size: 1 << 40},
		Timing:  AttemptTiming{DNS: 0.001, Connect: 1.5, TLS: 1e21, FirstByte: 1e-7, LastByte: 123456.789, Total: 2000, Late: 1e20},
		Failure: delivery.FailReset, Reason: "the receiver reset the connection", Faults: delivery.FaultKinds(), Decision: "pass", Why: "attempt 2 of 3 failed",
	}
}

// TestRecordIsAsEncodingJSONHasIt holds the encoder to the declaration of Attempt:
// a member that it does not know fails the test.
func TestRecordIsAsEncodingJSONHasIt(t *testing.T) {
	full := everything()
	for _, v := range []reflect.Value{
		reflect.ValueOf(full), reflect.ValueOf(full.Request), reflect.ValueOf(*full.Answer), reflect.ValueOf(full.Timing),
	} {
		for i := range v.NumField() {
			if v.Field(i).IsZero() {
				t.Fatalf("everything() lacks %s.%s: set it, so that the encoder is seen to know it", v.Type(), v.Type().Field(i).Name)
			}
		}
	}
	empty := full
	empty.Request.Header, empty.Answer, empty.Failure, empty.Reason, empty.Faults, empty.Decision, empty.Next, empty.Why = nil, nil, "", "", nil, "", time.Time{}, ""
	noHeaders := full
	noHeaders.Answer = &Answer{Header: map[string][]string{}}
	for name, a := range map[string]Attempt{"full": full, "empty": empty, "no headers": noHeaders, "zero": {}} {
		want, err := json.Marshal(a)
		if err != nil {
			t.Fatal(err)
		}
		if got := appendRecord([]byte("x"), &a); string(got) != "x"+string(want) {
			t.Errorf("%s:\ngot  %s\nwant x%s", name, got, want)
		}
	}
}

func FuzzRecord(f *testing.F) {
	f.Add("d1", "<é>", "text\x00\xff", "X-A", int64(1), 0.1, int64(1764110721123456789))
	f.Add("", "", "", "", int64(-1), -1e-9, int64(0))
	f.Fuzz(func(t *testing.T, id, url, text, header string, size int64, ms float64, nanos int64) {
		if _, err := json.Marshal(ms); err != nil {
			return // no duration is infinite
		}
		a := everything()
		a.Delivery, a.Request.URL, a.Answer.Text, a.Answer.Size, a.Timing.Total, a.Start = id, url, text, size, ms, time.Unix(0, nanos).UTC()
		a.Request.Header = maps.Clone(a.Request.Header)
		a.Request.Header[header] = []string{text, url}
		want, err := json.Marshal(a)
		if err != nil {
			t.Fatal(err)
		}
		if got := appendRecord(nil, &a); string(got) != string(want) {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	})
}

// BenchmarkRecord compares the encoder with encoding/json on a usual record.
func BenchmarkRecord(b *testing.B) {
	a := everything()
	a.Request.URL, a.Answer.Text, a.Timing.TLS, a.Timing.FirstByte, a.Faults = "https://a.example/hook", "", 0, 0.123, nil
	a.Request.Header = map[string][]string{"Authorization": {"Basic [redacted]"}, "Content-Type": {"Application/json"}, "User-Agent": {"hookproof"}}
	b.Run("append", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			appendRecord(make([]byte, 0, recordSize), &a)
		}
	})
	b.Run("encoding-json", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := json.Marshal(&a); err != nil {
				b.Fatal(err)
			}
		}
	})
}
