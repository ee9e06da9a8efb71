//go:build e2e

package mockserver

import (
	"bytes"
	"context"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"hookproof/mockserver/delivery"
)

// chromium finds the browser that HOOKPROOF_CHROMIUM names, or chromium. If
// there is none the test is skipped, unless HOOKPROOF_REQUIRE_CHROMIUM is set.
func chromium(t *testing.T) string {
	t.Helper()
	name := os.Getenv("HOOKPROOF_CHROMIUM")
	if name == "" {
		name = "chromium"
	}
	path, err := exec.LookPath(name)
	if err != nil {
		if os.Getenv("HOOKPROOF_REQUIRE_CHROMIUM") != "" {
			t.Fatalf("HOOKPROOF_REQUIRE_CHROMIUM is set: %v", err)
		}
		t.Skipf("no browser: %v", err)
	}
	return path
}

// patient serves h with a picture in the page that comes last: browsers print a
// page when its pictures are there, and this one waits for the second time that
// the page asks for counts, by when it has shown all the rest.
func patient(h http.Handler) http.Handler {
	second := make(chan struct{})
	var asked atomic.Int32
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/":
			page := httptest.NewRecorder()
			h.ServeHTTP(page, r)
			maps.Copy(w.Header(), page.Header())
			w.Header().Del("Content-Length")
			_, _ = io.WriteString(w, page.Body.String()+`<img src="/last.svg" alt="">`) // the browser may have gone
			return
		case "/last.svg":
			select {
			case <-second:
			case <-r.Context().Done():
			}
			r.URL.Path = "/icon.svg"
		case "/v1/stats":
			if asked.Add(1) == 2 {
				defer close(second)
			}
		}
		h.ServeHTTP(w, r)
	})
}

// look opens a page, and returns what becomes of it and what its console says.
func look(t *testing.T, browser, url string) (dom, console string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var out, log bytes.Buffer
	cmd := exec.CommandContext(ctx, browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
		"--user-data-dir="+t.TempDir(), "--enable-logging=stderr", "--dump-dom", url)
	cmd.Stdout, cmd.Stderr = &out, &log
	cmd.WaitDelay = 5 * time.Second
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v: %s", err, log.String())
	}
	var lines []string
	for line := range strings.Lines(log.String()) {
		if strings.Contains(line, "CONSOLE") {
			lines = append(lines, line)
		}
	}
	return out.String(), strings.Join(lines, "")
}

func TestE2EDashboard(t *testing.T) {
	browser := chromium(t)
	broken := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `<script>throw new Error("broken")</script>`)
	}))
	defer broken.Close()
	if _, console := look(t, browser, broken.URL); !strings.Contains(console, "broken") {
		t.Fatalf("of a broken page the console says %q, so it cannot be relied on", console)
	}
	s := lively(t)
	faulty := lively(t)
	faulty.faults.All = delivery.Faults{Drop: delivery.Fault{Percent: 5}}
	empty := newFake()
	bare := newFake()
	bare.apps[0].Webhooks = []WebhookInfo{}
	for _, tt := range []struct {
		name, hash string
		server     *fake
		want       []string
	}{
		{"the list", "", s, []string{">delivered</span>", ">dead</span>", ">retrying</span>", ">queued</span>", ">timeout<", `data-state="up">live<`, `<dd id="dead">1</dd>`}},
		{"a filtered list", "#state=dead", s, []string{">dead</span>", "<tbody><tr><td>", "</tr></tbody>"}},
		{"a delivery", "#delivery=d000002", s, []string{"the last of 3 attempts", "[redacted]", "&lt;b&gt;thanks&lt;/b&gt;", `"trigger": "message_sent"`, "<dialog id=\"detail\" class=\"detail\" aria-labelledby=\"detail-title\" open"}},
		{"a delivery that is not there", "#delivery=d9", s, []string{"no such delivery"}},
		{"faults", "", faulty, []string{"<strong>Faults are on: </strong>drop 5%"}},
		{"nothing yet", "", empty, []string{"No deliveries yet", "/v1/events"}},
		{"no webhook", "", bare, []string{"https://127.0.0.1:8443/apps/app1/webhooks", "$SECRET"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h, err := newControl(tt.server, controlOptions{Management: "https://127.0.0.1:8443"})
			if err != nil {
				t.Fatal(err)
			}
			server := httptest.NewServer(patient(h))
			defer server.Close()
			dom, console := look(t, browser, server.URL+"/"+tt.hash)
			for _, want := range tt.want {
				if !strings.Contains(dom, want) {
					t.Errorf("no %s in the page:\n%s", want, dom)
				}
			}
			if strings.Contains(dom, "<b>thanks") {
				t.Error("what a receiver answered became markup")
			}
			if console != "" {
				t.Errorf("the console says %s", console)
			}
		})
	}
}
