package main

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// cmdServe starts a mock server under a name and sets NAME_MANAGEMENT,
// NAME_CONTROL, NAME_APP, NAME_KEY, NAME_SECRET, NAME_NATS and NAME_CA: serve NAME ARG…
func cmdServe(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 {
		ts.Fatalf("usage: serve NAME ARG…")
	}
	p := start(ts, append([]string{"hookproof", "serve", "--port", "0"}, args[1:]...))
	running(ts)[args[0]] = p
	first, _, _ := strings.Cut(until(ts, p.stdout, `\n`), "\n")
	var line map[string]string
	ts.Check(json.Unmarshal([]byte(first), &line))
	for _, member := range []string{"management", "control", "app", "key", "secret", "nats", "ca"} {
		ts.Setenv(args[0]+"_"+strings.ToUpper(member), line[member])
	}
	ts.Logf("%s", first)
}

// cmdWorker starts a worker under a name: worker NAME ARG…
func cmdWorker(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 {
		ts.Fatalf("usage: worker NAME ARG…")
	}
	p := start(ts, append([]string{"hookproof", "worker"}, args[1:]...))
	running(ts)[args[0]] = p
	until(ts, p.stderr, "is at work")
}

// cmdCall makes a request, prints the answer on standard output and checks its
// status: call STATUS METHOD URL [BODY] [HEADER: VALUE]… For -STATUS it tries again,
// for at most 10 seconds, until BODY is in the answer: call -200 GET URL dead
func cmdCall(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 {
		ts.Fatalf("usage: call STATUS METHOD URL [BODY] [HEADER: VALUE]…")
	}
	want, awaited := strings.CutPrefix(args[0], "-")
	body := ""
	if len(args) > 3 {
		body = args[3]
	}
	header := http.Header{"Content-Type": {"application/json"}}
	for _, h := range args[min(4, len(args)):] {
		name, value, _ := strings.Cut(h, ": ")
		header.Set(name, value)
	}
	sent, expected := body, ""
	if awaited {
		sent, expected = "", body
	}
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		status, answer := call(ts, args[1], args[2], sent, header)
		if !awaited || strings.Contains(answer, expected) || time.Now().After(deadline) {
			_, _ = ts.Stdout().Write([]byte(answer + "\n"))
			if status[:3] != want || awaited && !strings.Contains(answer, expected) {
				ts.Fatalf("%s %s: %s: %s", args[1], args[2], status, answer)
			}
			return
		}
	}
}

func call(ts *testscript.TestScript, method, url, body string, header http.Header) (status, answer string) {
	req, err := http.NewRequest(method, url, strings.NewReader(body))
	ts.Check(err)
	req.Header = header
	client := &http.Client{Timeout: 10 * time.Second}
	resp, err := client.Do(req)
	ts.Check(err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	ts.Check(err)
	return resp.Status, strings.TrimSpace(string(text))
}
