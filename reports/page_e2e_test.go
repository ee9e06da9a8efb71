//go:build e2e

package reports_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"html"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"hookproof/conformance"
)

// browsed runs the browser on a file and returns the document that it makes of it.
func browsed(t *testing.T, file string, args ...string) string {
	t.Helper()
	name := os.Getenv("HOOKPROOF_CHROMIUM")
	if name == "" {
		name = "chromium"
	}
	browser, err := exec.LookPath(name)
	if err != nil {
		if os.Getenv("HOOKPROOF_REQUIRE_CHROMIUM") != "" {
			t.Fatalf("HOOKPROOF_REQUIRE_CHROMIUM is set: %v", err)
		}
		t.Skipf("no browser: %v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, browser, append([]string{
		"--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars", "--virtual-time-budget=60000",
		"--user-data-dir=" + t.TempDir(), "--dump-dom",
	}, append(args, "file://"+file)...)...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr, cmd.WaitDelay = &stdout, &stderr, 5*time.Second
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v\n%s", err, stderr.String())
	}
	return stdout.String()
}

var (
	policyOf = regexp.MustCompile(`<meta http-equiv="Content-Security-Policy"[^>]*>`)
	resultOf = regexp.MustCompile(`(?s)<title>AXE(.*?)</title>`)
)

// TestE2EPageIsAccessible by axe, on a wide screen and that of a phone, light and dark.
func TestE2EPageIsAccessible(t *testing.T) {
	axe, err := os.ReadFile(judge(t, "axe-core", "axe.min.js"))
	if err != nil {
		t.Fatal(err)
	}
	const run = `axe.run().then((r) => parent.postMessage(JSON.stringify({ wide: document.documentElement.scrollWidth, drawn: document.documentElement.dataset.drawn || "",
		found: r.violations.map((v) => v.id + ": " + v.nodes.map((n) => n.html).slice(0, 3).join(" ")), passed: r.passes.length }), "*"));`
	for _, r := range []*conformance.Report{failing(), withExchanges(conforming())} {
		dir := t.TempDir()
		page := policyOf.ReplaceAllString(string(write(t, mustLookup(t, "html"), r)), "") // it would not let axe in
		page = strings.Replace(page, "</body>", "<script>"+string(axe)+"</script><script>"+run+"</script></body>", 1)
		if err := os.WriteFile(filepath.Join(dir, "page.html"), []byte(page), 0o644); err != nil {
			t.Fatal(err)
		}
		for _, look := range []struct{ width, scheme int }{{1280, 1}, {1280, 0}, {390, 1}, {390, 0}} {
			frame := fmt.Sprintf(`<!doctype html><title>none</title><body style="margin:0"><iframe src="page.html" width="%d" height="2000" style="border:0"></iframe>`+
				`<script>onmessage = (e) => { document.title = "AXE" + e.data; };</script>`, look.width)
			file := filepath.Join(dir, "frame.html")
			if err := os.WriteFile(file, []byte(frame), 0o644); err != nil {
				t.Fatal(err)
			}
			dom := browsed(t, file, "--window-size=1300,2000", fmt.Sprintf("--blink-settings=preferredColorScheme=%d", look.scheme))
			said := resultOf.FindStringSubmatch(dom)
			if said == nil {
				t.Fatalf("%+v: axe said nothing: %.300s", look, dom)
			}
			var got struct {
				Wide, Passed int
				Drawn        string
				Found        []string
			}
			if err := json.Unmarshal([]byte(html.UnescapeString(said[1])), &got); err != nil {
				t.Fatal(err)
			}
			if len(got.Found) > 0 || got.Passed < 10 || got.Wide > look.width {
				t.Errorf("%+v: the page is %d wide, %d rules passed, axe found %q", look, got.Wide, got.Passed, got.Found)
			}
			if drawn := len(r.Exchanges) > 0; drawn != (got.Drawn == "1") {
				t.Errorf("%+v: drawn %q, want a plot: %v", look, got.Drawn, drawn)
			}
		}
	}
}

// withExchanges gives a report some that are accepted and some that are not.
func withExchanges(r *conformance.Report) *conformance.Report {
	for i := range 40 {
		x := *exchange(200, "text/plain", "ok")
		x.Time = ms(float64(5 + i*7%60))
		if i%5 == 0 {
			x.Status = 401
		}
		r.Exchanges = append(r.Exchanges, conformance.Recorded{
			Check: "ack/accept", Started: r.Started.Add(time.Duration(i) * 150 * time.Millisecond), Accepted: x.Status == 200, Exchange: x,
		})
	}
	return r
}

// TestE2EPageRunsUnderItsPolicy: with the policy in place the plot is drawn and the filters
// are there, which they are not where scripts do not run.
func TestE2EPageRunsUnderItsPolicy(t *testing.T) {
	file := filepath.Join(t.TempDir(), "page.html")
	if err := os.WriteFile(file, write(t, mustLookup(t, "html"), withExchanges(conforming())), 0o644); err != nil {
		t.Fatal(err)
	}
	dom := browsed(t, file)
	if !strings.Contains(dom, `data-drawn="1"`) || !strings.Contains(dom, "9 of 9") {
		t.Error("the plot is not drawn, or the filters do not count the checks")
	}
}

// TestE2EPageIsValidHTML by html-validate, whose rule wcag/h32 wants a button to submit
// the filters with, which are never submitted: they act at once.
func TestE2EPageIsValidHTML(t *testing.T) {
	dir := t.TempDir()
	const config = `{"root": true, "extends": ["html-validate:standard", "html-validate:a11y"], "rules": {"wcag/h32": "off", "long-title": "off", "no-inline-style": "off", "no-trailing-whitespace": "off"}}`
	if err := os.WriteFile(filepath.Join(dir, ".htmlvalidate.json"), []byte(config), 0o644); err != nil {
		t.Fatal(err)
	}
	files := []string{"--config", filepath.Join(dir, ".htmlvalidate.json")}
	for _, s := range append(judged(), sample{"exchanges", withExchanges(conforming())}) {
		file := filepath.Join(dir, s.name+".html")
		if err := os.WriteFile(file, write(t, mustLookup(t, "html"), s.report), 0o644); err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	if out, err := exec.Command(judge(t, ".bin", "html-validate"), files...).CombinedOutput(); err != nil {
		t.Errorf("%v\n%.3000s", err, out)
	}
}

// TestE2EPageFilters: what does not fit a filter is not shown, and is counted.
func TestE2EPageFilters(t *testing.T) {
	r := failing()
	failed, must := 0, 0
	for _, res := range r.Results {
		if res.Outcome == conformance.Failed {
			failed++
			if res.Level == conformance.Must {
				must++
			}
		}
	}
	if failed < 2 || must == 0 || must == len(r.Results) {
		t.Fatalf("of %d checks %d failed, %d of them MUST: that tells nothing", len(r.Results), failed, must)
	}
	const run = `const form = document.getElementById("filters"), said = [];
	const say = () => said.push(document.querySelectorAll(".check:not([hidden])").length + " shown, " + document.getElementById("count").textContent);
	const set = (name, value) => { form.elements[name].value = value; form.dispatchEvent(new Event("input", { bubbles: true })); say(); };
	say(); set("outcome", "failed"); set("level", "MUST"); set("text", "NO SUCH CHECK"); form.reset(); setTimeout(() => { say(); document.title = "AXE" + said.join("; "); }, 50);`
	page := policyOf.ReplaceAllString(string(write(t, mustLookup(t, "html"), r)), "") // it would not let the script in
	file := filepath.Join(t.TempDir(), "page.html")
	if err := os.WriteFile(file, []byte(strings.Replace(page, "</body>", "<script>"+run+"</script></body>", 1)), 0o644); err != nil {
		t.Fatal(err)
	}
	of := func(n int) string { return fmt.Sprintf("%d shown, %d of %d", n, n, len(r.Results)) }
	want := strings.Join([]string{of(len(r.Results)), of(failed), of(must), of(0), of(len(r.Results))}, "; ")
	if said := resultOf.FindStringSubmatch(browsed(t, file)); said == nil || said[1] != want {
		t.Errorf("the filters say %q, want %q", said, want)
	}
}
