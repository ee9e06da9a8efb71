//go:build e2e && bench && linux

package main

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// benchCase is one kind of request to one server.
type benchCase struct {
	name    string
	ours    bool
	url     string
	headers map[string]string
	script  string // of wrk, a file, with one connection; "" repeats GET of url with 16
	pid     int

	rates, cpu []float64 // requests/s, and the server's microseconds for one, by round
}

// benchManagement loads the management API, with all that it checks, and its
// peers: each server on one core, wrk with 16 connections on another.
func benchManagement(t *testing.T, bin string) benchTable {
	cases := benchOurs(t, bin)
	missing := []string{}
	for _, peer := range []func(*testing.T, string) ([]*benchCase, string){benchEmpty, benchStripe, benchPrism} {
		more, without := peer(t, bin)
		cases = append(cases, more...)
		if without != "" {
			missing = append(missing, without)
		}
	}
	for range *benchRounds {
		for _, c := range cases {
			c.load(t)
		}
	}
	table := benchTable{
		title: "Management API",
		about: "Requests per second at 16 connections and the server's CPU time for each; requests and answers are validated. " +
			"× is how often get-webhook is answered for each request of the peer, and how much of the peer's CPU time it takes.",
		head: []string{"server", "request", "requests/s", "× requests", "CPU µs/request", "× CPU"},
	}
	get := cases[0]
	for _, c := range cases {
		server, request, _ := strings.Cut(c.name, ": ")
		row := []string{server, request, spread(c.rates, 0), "", spread(c.cpu, 1), ""}
		if !c.ours {
			row[3] = fmt.Sprintf("%.1f", median(ratios(get.rates, c.rates)))
			row[5] = fmt.Sprintf("%.1f", median(ratios(c.cpu, get.cpu)))
		}
		table.rows = append(table.rows, row)
	}
	for _, m := range missing {
		table.rows = append(table.rows, []string{m, "not measured", "", "", "", ""})
	}
	return table
}

// benchOurs are the calls of hookproof serve. The first is that which is compared.
func benchOurs(t *testing.T, bin string) []*benchCase {
	t.Helper()
	pinned := filepath.Join(t.TempDir(), "hookproof")
	if err := os.WriteFile(pinned, []byte("#!/bin/sh\nexec taskset -c 0 "+bin+" \"$@\"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	s := e2eServes(t, pinned, "--rate-limit", "0")
	for _, id := range []string{"orders", "invoices", "people"} {
		s.webhook(id, "https://hooks.example.com/cometchat", false)
	}
	at := s.addresses().Management + "/apps/" + mockApp + "/webhooks"
	headers := map[string]string{"key": mockKey, "secret": mockSecret, "X-Webhook-Version": "2", "Content-Type": "application/json"}
	pid := s.process.cmd.Process.Pid // sh and taskset become what they start
	return []*benchCase{
		{name: "hookproof serve: get-webhook", ours: true, url: at + "/orders", headers: headers, pid: pid},
		{name: "hookproof serve: list-webhooks, of three", ours: true, url: at, headers: headers, pid: pid},
		{name: "hookproof serve: create-webhook and delete-webhook in turn, one connection", ours: true, url: at, headers: headers, pid: pid, script: benchScript(t)},
	}
}

// benchScript deletes and creates a webhook in turn.
func benchScript(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "turns.lua")
	text := `
local there = true -- if the last round ended so
function request()
  there = not there
  if there then
    return wrk.format("POST", nil, nil, '{"id":"w","name":"A","webhookURL":"https://hooks.example.com/cometchat"}')
  end
  return wrk.format("DELETE", wrk.path .. "/w")
end
`
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// benchEmpty is what net/http itself costs: nothing that stands on it costs less.
func benchEmpty(t *testing.T, _ string) (cases []*benchCase, missing string) {
	t.Helper()
	bin := filepath.Join(t.TempDir(), "empty")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", bin, "testdata/bench/empty.go").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	p := e2eSpawn(t, nil, "taskset", "-c", "0", bin)
	return []*benchCase{{name: "an empty handler on net/http: GET", url: p.line(t) + "/", pid: p.cmd.Process.Pid}}, ""
}

// benchStripe are calls of stripe-mock for an object about as small, and one larger.
func benchStripe(t *testing.T, _ string) (cases []*benchCase, missing string) {
	t.Helper()
	tool := benchTool("stripe-mock")
	if tool == "" {
		return nil, "stripe-mock"
	}
	p, base := benchPeer(t, func(port string) []string { return []string{tool, "-http-port", port} }, "/v1/webhook_endpoints/we_123")
	for _, path := range []string{"/v1/webhook_endpoints/we_123", "/v1/customers/cus_123"} {
		cases = append(cases, &benchCase{
			name: benchVersion("stripe-mock", tool) + ": GET " + path, url: base + path,
			headers: map[string]string{"Authorization": "Bearer sk_test_123"}, pid: p.cmd.Process.Pid,
		})
	}
	return cases, ""
}

// benchPrism is get-webhook of Prism's mock of the same OpenAPI document.
func benchPrism(t *testing.T, bin string) (cases []*benchCase, missing string) {
	t.Helper()
	tool := benchTool("prism/node_modules/.bin/prism")
	if tool == "" {
		return nil, "Prism"
	}
	const path = "/apps/" + mockApp + "/webhooks/orders"
	document := benchDocument(t, bin)
	p, base := benchPeer(t, func(port string) []string {
		return []string{"node", tool, "mock", "--verboseLevel", "error", "--port", port, document}
	}, path)
	return []*benchCase{{
		name: e2ePrism + ": get-webhook", url: base + path,
		headers: map[string]string{"key": mockKey, "secret": mockSecret, "X-Webhook-Version": "2"}, pid: p.cmd.Process.Pid,
	}}, ""
}

// benchPeer starts a server on the first core and waits until it answers, with whatever status.
func benchPeer(t *testing.T, command func(port string) []string, path string) (p *e2eProcess, base string) {
	t.Helper()
	port := fmt.Sprint(e2eFreePort(t))
	base = "http://127.0.0.1:" + port
	args := command(port)
	p = e2eSpawn(t, nil, "taskset", append([]string{"-c", "0"}, args...)...)
	benchWait(t, args[0], func() bool {
		resp, err := http.Get(base + path)
		if err == nil {
			resp.Body.Close()
		}
		return err == nil
	})
	return p, base
}
