package reports_test

import (
	"bytes"
	"os"
	"os/exec"
	"strings"
	"testing"
)

func TestJUnitIsValidByTheXSD(t *testing.T) {
	f := mustLookup(t, "junit")
	for _, s := range samples() {
		t.Run(s.name, func(t *testing.T) { validateXSD(t, write(t, f, s.report)) })
	}
	for _, hostile := range hostileStrings {
		t.Run("hostile", func(t *testing.T) { validateXSD(t, write(t, f, poisoned(hostile))) })
	}
}

// TestXSDRefusesWhatIsWrong shows that the check by XSD can fail.
func TestXSDRefusesWhatIsWrong(t *testing.T) {
	xmllint := xmllintPath(t)
	good := string(write(t, mustLookup(t, "junit"), failing()))
	for name, edit := range map[string][2]string{
		"warning element":  {"<system-out>", "<warning/><system-out>"},
		"negative count":   {`failures="2"`, `failures="-2"`},
		"time in words":    {`time="8.413"`, `time="8s"`},
		"no class":         {`classname="hookproof.tls" name="chain"`, `name="chain"`},
		"name twice":       {`name="url-length"`, `name="url-scheme"`},
		"unknown property": {`errors="1"`, `errors="1" disabled="0"`},
	} {
		bad := strings.Replace(good, edit[0], edit[1], 1)
		if bad == good {
			t.Fatalf("%s: %q is not in the report", name, edit[0])
		}
		if out, err := lint(xmllint, []byte(bad)); err == nil {
			t.Errorf("%s: xmllint accepted it: %s", name, out)
		}
	}
}

func validateXSD(t *testing.T, b []byte) {
	t.Helper()
	if out, err := lint(xmllintPath(t), b); err != nil {
		t.Errorf("xmllint: %v\n%s\n%s", err, out, b)
	}
}

func lint(xmllint string, b []byte) ([]byte, error) {
	cmd := exec.Command(xmllint, "--noout", "--nonet", "--schema", "testdata/junit.xsd", "-")
	cmd.Stdin = bytes.NewReader(b)
	return cmd.CombinedOutput()
}

// xmllintPath finds xmllint (Debian: libxml2-utils). The tests by encoding/xml
// run everywhere; this one needs the tool, and HOOKPROOF_REQUIRE_XMLLINT=1 makes
// its absence a failure.
func xmllintPath(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath("xmllint")
	if err == nil {
		return path
	}
	if os.Getenv("HOOKPROOF_REQUIRE_XMLLINT") == "1" {
		t.Fatalf("%v; install libxml2-utils", err)
	}
	t.Skip("xmllint is not installed; the structural tests have run")
	return ""
}
