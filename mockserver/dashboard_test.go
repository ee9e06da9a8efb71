package mockserver

import (
	"regexp"
	"strings"
	"testing"
)

func TestDashboardIsServed(t *testing.T) {
	c := newCaller(t, newFake(), controlOptions{Management: `https://127.0.0.1:8443/"><script>`})
	for path, want := range map[string]string{
		"/": "text/html; charset=utf-8", "/app.css": "text/css; charset=utf-8", "/app.js": "text/javascript; charset=utf-8", "/icon.svg": "image/svg+xml",
	} {
		w := c.do(t, ask("GET", path, ""))
		if got := w.Header().Get("Content-Type"); w.Code != 200 || got != want || w.Body.Len() < 100 {
			t.Errorf("%s: got %d %s, %d bytes, want 200 %s", path, w.Code, got, w.Body.Len(), want)
		}
		if w := c.do(t, ask("HEAD", path, "")); w.Code != 200 || w.Header().Get("Content-Length") == "" {
			t.Errorf("HEAD %s: got %d", path, w.Code)
		}
	}
	page := c.do(t, ask("GET", "/", "")).Body.String()
	if !strings.Contains(page, `content="https://127.0.0.1:8443/&#34;&gt;&lt;script&gt;"`) {
		t.Error("the base URL of the management API is not in the page, or not escaped")
	}
	for _, path := range []string{"/index.html", "/login.html", "/dashboard/app.js", "/../control.yaml", "/favicon.ico"} {
		if w := c.do(t, ask("GET", path, "")); w.Code != 404 {
			t.Errorf("%s: got %d, want 404", path, w.Code)
		}
	}
}

// TestDashboardKeepsItsPolicy holds the pages to the Content-Security-Policy,
// and the scripts to text: nothing that a receiver says may become markup.
func TestDashboardKeepsItsPolicy(t *testing.T) {
	files, err := dashboardFiles.ReadDir("dashboard")
	if err != nil {
		t.Fatal(err)
	}
	forbidden := map[string]*regexp.Regexp{
		".html": regexp.MustCompile(`<style|\sstyle=|\son[a-z]+=|<script[^>]*>[^<]|https?://`),
		".js":   regexp.MustCompile(`innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function|\.style\b|"style"|(?:fetch|import|EventSource)[^\n]*https?://`),
		".css":  regexp.MustCompile(`@import|url\(`),
	}
	for _, f := range files {
		text, err := dashboardFiles.ReadFile("dashboard/" + f.Name())
		if err != nil {
			t.Fatal(err)
		}
		_, ext, _ := strings.Cut(f.Name(), ".")
		if rule, ok := forbidden["."+ext]; ok && rule.Match(text) {
			t.Errorf("%s has %q", f.Name(), rule.Find(text))
		}
	}
}
