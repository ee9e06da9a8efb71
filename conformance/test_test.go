package conformance_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"hookproof/conformance"
)

// faulty tells the test binary, run again by the tests below, which handler to check.
const faulty = "HOOKPROOF_TEST_HANDLER"

// TestHandler is what a user writes; on its own it checks the conforming model.
func TestHandler(t *testing.T) {
	t.Parallel()
	f := fault{}
	switch os.Getenv(faulty) {
	case "any-basic":
		f.authorises = func(q *request) bool { return strings.HasPrefix(q.header(), "Basic ") }
	case "down":
		f.instead = on(500, "", isEvent)
	case "challenge":
		f.noChallenge = true
	}
	conformance.Test(t, newModel(f), conformance.Options{
		Username: user, Password: pass, Profile: "recommended", Strict: os.Getenv("HOOKPROOF_TEST_STRICT") != "",
	})
}

func again(t *testing.T, handler, run string, env ...string) (string, error) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.v", "-test.run="+run)
	cmd.Env = append(append(os.Environ(), faulty+"="+handler), env...)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func TestTestMakesASubtestOfEachCheck(t *testing.T) {
	t.Parallel()
	out, err := again(t, "", "^TestHandler$")
	if err != nil {
		t.Fatalf("a conforming handler fails:\n%s", out)
	}
	recommended := conformance.Profiles()[1]
	for _, c := range conformance.Suite() {
		if recommended.Has(c) && !strings.Contains(out, "TestHandler/"+c.ID+" ") {
			t.Errorf("there is no subtest for %s", c.ID)
		}
	}
	if !strings.Contains(out, "SKIP: TestHandler/tls/chain") || !strings.Contains(out, "there is no TLS to check") {
		t.Errorf("TLS checks are not skipped with their reason")
	}
}

func TestTestFailsTheSubtestOfTheBrokenRequirement(t *testing.T) {
	t.Parallel()
	out, err := again(t, "any-basic", "^TestHandler$")
	if err == nil || strings.Count(out, "--- FAIL: TestHandler/") != 1 || !strings.Contains(out, "--- FAIL: TestHandler/auth/any-basic") {
		t.Errorf("want auth/any-basic failed and nothing else:\n%s", out)
	}
	for _, want := range []string{"likely cause: ", "fix: ", "again: curl"} {
		if !strings.Contains(out, want) {
			t.Errorf("the failure does not say %q", want)
		}
	}
	if l := leaks(out, pass, base64Of(user+":"+pass)); len(l) > 0 {
		t.Errorf("the output shows a secret: %v", l)
	}
}

func TestRunSelectsBeforeAnythingIsSent(t *testing.T) {
	out, err := again(t, "down", "^TestHandler$/^preflight$")
	if err != nil || strings.Contains(out, "ack/accept") {
		t.Errorf("a selection of offline checks touches the broken receiver: %v\n%s", err, out)
	}
	out, err = again(t, "down", "^TestHandler$/^payload$/^unicode$")
	if err == nil || !strings.Contains(out, "inconclusive: the baseline was not accepted") {
		t.Errorf("a selected subtest passes although nothing could be tried: %v\n%s", err, out)
	}
}

func TestWarningsFailATestOnlyWhenStrict(t *testing.T) {
	t.Parallel()
	if out, err := again(t, "challenge", "^TestHandler$"); err != nil || !strings.Contains(out, "401 comes without WWW-Authenticate") {
		t.Errorf("a warning fails the test or is not told: %v\n%s", err, out)
	}
	if out, err := again(t, "challenge", "^TestHandler$", "HOOKPROOF_TEST_STRICT=1"); err == nil || !strings.Contains(out, "--- FAIL: TestHandler/auth/challenge") {
		t.Errorf("a warning does not fail a strict test: %v\n%s", err, out)
	}
}

func TestURLChecksAListeningReceiver(t *testing.T) {
	s := newStage(t, fault{})
	conformance.TestURL(t, s.url, conformance.Options{Username: user, Password: pass, Run: []string{"ack/accept"}})
}
