//go:build e2e && unix

package main

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// The tools of others that the document is tried with. Both run on node 20.
const (
	e2eRedocly = "@redocly/cli@2.77.0"
	e2ePrism   = "@stoplight/prism-cli@5.14.2"
)

// TestE2EOpenAPI: what openapi prints is a document that tools of others take.
func TestE2EOpenAPI(t *testing.T) {
	t.Parallel()
	bin := e2eBuild(t)
	dir := t.TempDir()
	documents := map[string]string{}
	for _, format := range []string{"yaml", "json"} {
		out, err := exec.CommandContext(t.Context(), bin, "openapi", "--format", format).Output()
		if err != nil {
			t.Fatalf("openapi --format %s: %v", format, err)
		}
		documents[format] = filepath.Join(dir, "openapi."+format)
		if err := os.WriteFile(documents[format], out, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	tools := e2eNPM(t, e2eRedocly, e2ePrism)
	t.Run("redocly", func(t *testing.T) {
		for format, file := range documents {
			if problems := e2eLint(t, tools, file); problems > 0 {
				t.Errorf("%s: %d problems, want none", format, problems)
			}
		}
		text, err := os.ReadFile(documents["yaml"])
		if err != nil {
			t.Fatal(err)
		}
		broken := filepath.Join(t.TempDir(), "broken.yaml")
		if err := os.WriteFile(broken, []byte(strings.Replace(string(text), "#/components/schemas/NewWebhook", "#/components/schemas/OldWebhook", 1)), 0o666); err != nil {
			t.Fatal(err)
		}
		if problems := e2eLint(t, tools, broken); problems == 0 {
			t.Error("a reference that leads nowhere is no problem: the linter proves nothing")
		}
	})
	for format, file := range documents {
		t.Run("prism/"+format, func(t *testing.T) {
			e2eMock(t, "http://"+e2ePrismServes(t, tools, file))
		})
	}
}

// e2eNPM installs packages of npm into a folder of the test and returns where
// their commands are.
func e2eNPM(t *testing.T, packages ...string) string {
	t.Helper()
	dir := t.TempDir()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	began := time.Now()
	cmd := exec.CommandContext(ctx, "npm", append([]string{
		"install", "--prefix", dir, "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund",
	}, packages...)...)
	cmd.Dir = dir
	cmd.WaitDelay = 5 * time.Second
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("npm install %v: %v\n%s", packages, err, tail(string(out), 2000))
	}
	t.Logf("npm installed %v in %s", packages, time.Since(began).Round(time.Millisecond))
	return filepath.Join(dir, "node_modules", ".bin")
}

// e2eLint returns how many problems Redocly's strictest rules find in a document.
// One rule is left out: it wants a schema to declare all that it requires, and
// those that refine another, under then or beside $ref, require what that declares.
func e2eLint(t *testing.T, tools, file string) int {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, filepath.Join(tools, "redocly"), "lint", "--format", "json", "--extends", "recommended-strict",
		"--skip-rule", "no-required-schema-properties-undefined", file)
	cmd.Dir = filepath.Dir(file)
	cmd.Env = append(os.Environ(), "REDOCLY_TELEMETRY=off", "REDOCLY_SUPPRESS_UPDATE_NOTICE=true")
	cmd.WaitDelay = 5 * time.Second
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, runErr := cmd.Output()
	var found struct {
		Totals *struct{ Errors, Warnings int }
	}
	if err := json.Unmarshal(out, &found); err != nil || found.Totals == nil {
		t.Fatalf("redocly lint: %v, and no result: %v\n%s\n%s", runErr, err, tail(string(out), 2000), tail(stderr.String(), 2000))
	}
	problems := found.Totals.Errors + found.Totals.Warnings
	if (runErr == nil) != (found.Totals.Errors == 0) {
		t.Fatalf("redocly lint: %v with %d errors", runErr, found.Totals.Errors)
	}
	if problems > 0 {
		t.Logf("redocly lint:\n%s", tail(string(out), 2000))
	}
	return problems
}

// e2ePrismServes starts Prism's mock of a document and returns its host:port.
func e2ePrismServes(t *testing.T, tools, file string) string {
	t.Helper()
	// Prism does not take a port of the system's choice.
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := free.Addr().String()
	_ = free.Close()
	host, port, _ := net.SplitHostPort(addr)
	e2eStart(t, nil, filepath.Join(tools, "prism"), "mock", "--host", host, "--port", port, file)
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		if conn, err := net.DialTimeout("tcp", addr, time.Second); err == nil {
			_ = conn.Close()
			return addr
		}
	}
	t.Fatalf("prism does not listen on %s after 30 s", addr)
	return ""
}

// e2eMock makes each call of the management API well, badly and without keys.
func e2eMock(t *testing.T, base string) {
	const (
		webhooks = "/apps/app0001/webhooks"
		webhook  = webhooks + "/orders"
		triggers = webhook + "/triggers"
	)
	calls := []struct{ method, path, body, wrong string }{
		{"POST", webhooks, `{"id":"a","name":"A","webhookURL":"https://a.example/"}`, `{"id":"a","name":"A","webhookURL":"http://a.example/"}`},
		{"GET", webhooks, "", ""},
		{"GET", webhook, "", ""},
		{"PUT", webhook, `{"enabled":false}`, `{"enabled":"no"}`},
		{"DELETE", webhook, "", ""},
		{"POST", triggers, `{"triggerIds":["message_sent"]}`, `{"triggerIds":"message_sent"}`},
		{"GET", triggers, "", ""},
		{"DELETE", triggers, `{"triggerIds":["message_sent"]}`, `{"triggerIds":[]}`},
	}
	keys := map[string]string{"key": "k", "secret": "s"}
	version := func(v string) map[string]string {
		return map[string]string{"key": "k", "secret": "s", "X-Webhook-Version": v}
	}
	for _, c := range calls {
		e2eAsk(t, c.method, base+c.path, c.body, keys, 200, "")
		e2eAsk(t, c.method, base+c.path, c.body, version("2"), 200, "")
		e2eAsk(t, c.method, base+c.path, c.body, version("two"), 400, "ERR_BAD_REQUEST")
		e2eAsk(t, c.method, base+c.path, c.body, nil, 401, "AUTH_ERR_EMPTY_AUTH_HEADER")
		e2eAsk(t, c.method, base+c.path, c.body, map[string]string{"key": "k"}, 401, "AUTH_ERR_EMPTY_AUTH_HEADER")
		e2eAsk(t, c.method, base+c.path, c.body, map[string]string{"secret": "s"}, 401, "AUTH_ERR_EMPTY_AUTH_HEADER")
		e2eAsk(t, c.method, base+c.path, c.body, map[string]string{"key": "k", "secret": "s", "Prefer": "code=429"}, 429, "ERR_TOO_MANY_REQUESTS")
		if c.body != "" {
			e2eAsk(t, c.method, base+c.path, c.wrong, keys, 400, "ERR_BAD_REQUEST")
			e2eAsk(t, c.method, base+c.path, `[]`, keys, 400, "ERR_BAD_REQUEST")
		}
	}
	e2eAsk(t, "GET", base+webhooks+"?perPage=1000&page=2&searchKey=ord", "", keys, 200, "")
	e2eAsk(t, "GET", base+webhooks+"?perPage=1001", "", keys, 400, "ERR_BAD_REQUEST")
	e2eAsk(t, "POST", base+webhooks, calls[0].body, map[string]string{"key": "k", "secret": "s", "Prefer": "code=400, example=limit-reached"},
		400, "ERR_PLAN_QUOTA_RESTRICTION")
}

// e2eAsk checks the status of an answer and the code of its error; "" is for none.
func e2eAsk(t *testing.T, method, url, body string, headers map[string]string, status int, code string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for name, value := range headers {
		req.Header.Set(name, value)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	var answer struct {
		Data  json.RawMessage
		Error struct{ Code string }
	}
	if err := json.Unmarshal(text, &answer); err != nil {
		t.Errorf("%s %s: %v: %s", method, url, err, text)
	}
	if resp.StatusCode != status || answer.Error.Code != code || (answer.Data == nil) != (code != "") {
		t.Errorf("%s %s %s %v: got %d %s, want %d %s", method, url, body, headers, resp.StatusCode, text, status, code)
	}
}
