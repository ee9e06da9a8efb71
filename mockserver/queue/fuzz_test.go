package queue

import (
	"bytes"
	"strconv"
	"strings"
	"testing"
	"time"
)

func FuzzDecodeJob(f *testing.F) {
	f.Add([]byte("d1 1 2 3 message_sent\n{}"))
	f.Add([]byte("d1 1 2 3 \n"))
	f.Add([]byte("d1 9999999999999999999999 2 3 x\n"))
	f.Add([]byte("\n\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		j, err := decodeJob(data)
		if err != nil {
			return
		}
		again, err := decodeJob(j.encode(nil))
		if err != nil {
			t.Fatalf("encoded again it is no job: %v", err)
		}
		if again.ID != j.ID || again.Trigger != j.Trigger || again.Attempt != j.Attempt || !bytes.Equal(again.Body, j.Body) ||
			!again.Due.Equal(j.Due) || !again.Accepted.Equal(j.Accepted) {
			t.Errorf("got %v, want %v", again, j)
		}
	})
}

func FuzzEncodeJob(f *testing.F) {
	f.Add("message sent\n", 1, int64(5), []byte("a\nb"))
	f.Fuzz(func(t *testing.T, trigger string, attempt int, at int64, body []byte) {
		j := Job{Lane: "a.b", ID: "d1", Trigger: trigger, Attempt: attempt, Accepted: time.Unix(0, at), Due: time.Unix(0, at), Body: body}
		if j.check(len(body)) != nil {
			return
		}
		got, err := decodeJob(j.encode(nil))
		if err != nil || got.Trigger != trigger || got.Attempt != attempt || !got.Due.Equal(j.Due) || !bytes.Equal(got.Body, body) {
			t.Errorf("got %v, %v, want %v", got, err, j)
		}
	})
}

func FuzzUngroup(f *testing.F) {
	f.Add("3 a\n0 b", []byte("abc"))
	f.Add("-1 a\n99999999999999999999 b\nx", []byte("abc"))
	f.Fuzz(func(t *testing.T, lines string, data []byte) {
		header := strings.Split(lines, "\n")
		left, n := len(data), 0
		for i, e := range ungroup(header, data) {
			if i != n {
				t.Errorf("entry %d is called %d", n, i)
			}
			n++
			left -= len(e.Data)
		}
		if n != len(header) || left < 0 {
			t.Errorf("%d entries of %d, with %d bytes too many", n, len(header), -left)
		}
		// What was put together comes apart again.
		var lengths []string
		var whole []byte
		for _, summary := range header {
			lengths = append(lengths, strconv.Itoa(len(data))+" "+summary)
			whole = append(whole, data...)
		}
		for i, e := range ungroup(lengths, whole) {
			if e.Summary != header[i] || !bytes.Equal(e.Data, data) {
				t.Errorf("entry %d: got %q, want %q", i, e.Summary, header[i])
			}
		}
	})
}

func FuzzParseAck(f *testing.F) {
	f.Add([]byte(`{"stream":"hookproof-jobs","seq":12,"duplicate":true}`), uint64(12))
	f.Add([]byte(`{"error":{"code":503,"err_code":10077,"description":"maximum bytes exceeded"},"stream":"s","seq":0}`), uint64(0))
	f.Add([]byte(`{"seq":`), uint64(0))
	f.Fuzz(func(t *testing.T, data []byte, n uint64) {
		if sequence, err := parseAck(data); (sequence == 0) == (err == nil) {
			t.Errorf("parseAck(%s) = %d, %v", data, sequence, err)
		}
		if n == 0 {
			return
		}
		ack := `{"stream":"s","seq":` + strconv.FormatUint(n, 10) + `}`
		if got, err := parseAck([]byte(ack)); got != n || err != nil {
			t.Errorf("parseAck(%s) = %d, %v", ack, got, err)
		}
	})
}
