package main

import (
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// written are commands in files that cannot be run here: what they name must exist.
var written = regexp.MustCompile(`hookproof"? (certify|report|verify|completion|man|serve|health|init)\b([^\n|&>)#]*)`)

func TestCommandsInFilesOfCIExist(t *testing.T) {
	root := (&program{stdout: io.Discard, stderr: io.Discard, getenv: func(string) string { return "" }}).root()
	found := 0
	for _, name := range []string{"action.yml", "Dockerfile", ".goreleaser.yaml", "docs/ci.md"} {
		text, err := os.ReadFile(filepath.Join(moduleAt, name))
		if err != nil {
			t.Fatal(err)
		}
		joined := strings.ReplaceAll(string(text), "\\\n", " ")
		for _, m := range written.FindAllStringSubmatch(joined, -1) {
			found++
			verb, _, err := root.Find([]string{m[1]})
			if err != nil || verb == root {
				t.Errorf("%s: no verb %s", name, m[1])
				continue
			}
			for _, word := range strings.Fields(m[2]) {
				flag, isFlag := strings.CutPrefix(strings.Trim(word, `"'`), "--")
				if flag, _, _ = strings.Cut(flag, "="); isFlag && verb.Flags().Lookup(flag) == nil {
					t.Errorf("%s: %s has no flag --%s", name, m[1], flag)
				}
			}
		}
	}
	if found < 8 {
		t.Errorf("found %d commands, which cannot be all", found)
	}
}

func TestTheActionReadsItsInputsThroughTheEnvironment(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(moduleAt, "action.yml"))
	if err != nil {
		t.Fatal(err)
	}
	var action struct {
		Inputs map[string]struct{ Description, Default string }
		Runs   struct {
			Using string
			Steps []struct {
				Run, Shell string
				Env        map[string]string
			}
		}
	}
	if err := yaml.Unmarshal(text, &action); err != nil {
		t.Fatal(err)
	}
	for _, input := range []string{"url", "auth", "profile", "fail-on"} {
		if _, ok := action.Inputs[input]; !ok {
			t.Errorf("no input %s", input)
		}
	}
	for i, s := range action.Runs.Steps {
		if strings.Contains(s.Run, "${{") {
			t.Errorf("step %d: an expression in a script is an injection: pass it in the environment", i)
		}
		if s.Run != "" && s.Shell == "" {
			t.Errorf("step %d: no shell", i)
		}
	}
	for _, verb := range []string{"HOOKPROOF_AUTH", "HOOKPROOF_PROFILE", "HOOKPROOF_CONFIG"} {
		if !strings.Contains(string(text), verb+": ${{ inputs.") {
			t.Errorf("no %s of an input", verb)
		}
	}
}

func TestSnippetsOfCIAreYAML(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(moduleAt, "docs", "ci.md"))
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?ms)^```yaml\n(.*?)^```$").FindAllStringSubmatch(string(text), -1)
	if len(blocks) < 4 {
		t.Fatalf("%d blocks of YAML", len(blocks))
	}
	for _, b := range blocks {
		if err := yaml.Unmarshal([]byte(b[1]), new(any)); err != nil {
			t.Errorf("%v in\n%s", err, b[1])
		}
	}
}
