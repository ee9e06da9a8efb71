//go:build e2e

package load_test

import (
	"bytes"
	"context"
	"image"
	_ "image/png" // of screenshots
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
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

// browse runs the browser on a file, and returns what it prints and its console.
func browse(t *testing.T, browser, file string, args ...string) (out, console string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	args = append([]string{
		"--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars",
		"--user-data-dir=" + t.TempDir(), "--enable-logging=stderr",
	}, append(args, "file://"+file)...)
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, browser, args...)
	cmd.Stdout, cmd.Stderr, cmd.WaitDelay = &stdout, &stderr, 5*time.Second
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v\n%s", err, stderr.String())
	}
	for line := range strings.Lines(stderr.String()) {
		if strings.Contains(line, "CONSOLE") {
			console += line
		}
	}
	return stdout.String(), console
}

// TestE2EPageDrawsItsPlots: a browser draws every plot, in both schemes of colours
// and on a narrow screen, and complains of nothing.
func TestE2EPageDrawsItsPlots(t *testing.T) {
	browser := chromium(t)
	for _, s := range samples(t) {
		if s.name != "compared" && s.name != "nothing" && s.name != "max" {
			continue // as these to a browser
		}
		file := filepath.Join(t.TempDir(), "page.html")
		if err := os.WriteFile(file, write(t, "html", s.report, s.old), 0o644); err != nil {
			t.Fatal(err)
		}
		dom, console := browse(t, browser, file, "--dump-dom")
		if !strings.Contains(dom, `data-drawn="4"`) || strings.Count(dom, `class="u-over"`) != 4 || console != "" {
			t.Errorf("%s: not all plots were drawn; the console says %q", s.name, console)
		}
	}
	file := filepath.Join(t.TempDir(), "page.html")
	if err := os.WriteFile(file, write(t, "html", samples(t)[1].report, samples(t)[1].old), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, look := range [][]string{{"--window-size=1280,2400"}, {"--window-size=500,4000", "--blink-settings=preferredColorScheme=0"}} {
		picture := filepath.Join(t.TempDir(), "page.png")
		browse(t, browser, file, append(look, "--screenshot="+picture)...)
		colours := coloursOf(t, picture)
		if colours < 100 {
			t.Errorf("%v: the picture has %d colours: the plots are not in it", look, colours)
		}
	}
}

// coloursOf counts the colours of a picture.
func coloursOf(t *testing.T, file string) int {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	img, _, err := image.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[any]bool{}
	for y := img.Bounds().Min.Y; y < img.Bounds().Max.Y; y++ {
		for x := img.Bounds().Min.X; x < img.Bounds().Max.X; x++ {
			seen[img.At(x, y)] = true
		}
	}
	return len(seen)
}
