package conformance_test

import (
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// TestCurlLinesRepeatTheProbe runs the curl line of a failure of each kind and
// demands that the receiver sees the same request again.
func TestCurlLinesRepeatTheProbe(t *testing.T) {
	if _, err := exec.LookPath("curl"); err != nil {
		if os.Getenv("HOOKPROOF_REQUIRE_CURL") != "" {
			t.Fatal("there is no curl on PATH")
		}
		t.Log("there is no curl on PATH, so its lines are not run")
		return
	}
	for _, check := range []string{
		"content/case", "content/header-names", "http/chunked", "auth/none", "auth/any-basic", "auth/prefix", "auth/suffix", "auth/case", "auth/swapped",
		"auth/empty-pass", "auth/empty-user", "auth/empty", "auth/bad-base64", "auth/no-colon", "auth/scheme-bearer", "payload/html-quotes", "method/get-status",
	} {
		t.Run(check, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, fault{})
			var last string
			s.watch(func(w http.ResponseWriter, r *http.Request) bool {
				mine := strings.Contains(r.Header.Get("User-Agent"), "check="+check+")") || strings.HasPrefix(r.Header.Get("User-Agent"), "curl/")
				if !mine {
					return false
				}
				body := readAll(t, r)
				last = strings.Join([]string{r.Method, r.URL.String(), strings.Join(r.Header["Authorization"], "|"), r.Header.Get("Content-Type"),
					strings.Join(r.TransferEncoding, ","), string(body)}, "\n")
				// What should be accepted is refused, and the other way round.
				if strings.HasPrefix(check, "auth/") {
					return true
				}
				w.WriteHeader(http.StatusTeapot)
				return true
			})
			s.options.Run = []string{check}
			res := outcome(t, s.run(t), check)
			if len(res.Findings) == 0 {
				t.Fatalf("%s = %s (%s), want a finding", check, res.Outcome, res.Reason)
			}
			f := res.Findings[len(res.Findings)-1]
			s.watching.Lock()
			want := last
			s.watching.Unlock()
			cmd := exec.CommandContext(t.Context(), "sh", "-c", strings.Replace(f.Curl, "curl -i", "curl -sS -i", 1))
			cmd.Env = append(os.Environ(), "WEBHOOK_USER="+user, "WEBHOOK_PASS="+pass, "no_proxy=*")
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Fatalf("%s: %v\n%s", f.Curl, err, out)
			}
			s.watching.Lock()
			defer s.watching.Unlock()
			if last != want {
				t.Errorf("%s\nsends\n%s\nand the probe sent\n%s", f.Curl, last, want)
			}
		})
	}
}
