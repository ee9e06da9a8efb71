//go:build e2e && unix

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The linters of the files that cannot be run here. Action-validator judges by the
// schema of GitHub's metadata files.
const (
	e2eActionCore      = "@action-validator/core@0.6.0"
	e2eActionValidator = "@action-validator/cli@0.6.0"
	e2eDockerfileUtils = "dockerfile-utils@0.16.3"
)

// TestE2EFilesPassTheirLinters: action.yml and the Dockerfile are right by linters of
// others, which find a mistake in them when there is one.
func TestE2EFilesPassTheirLinters(t *testing.T) {
	t.Parallel()
	tools := e2eNPM(t, e2eActionCore, e2eActionValidator, e2eDockerfileUtils)
	for _, c := range []struct{ file, linter, right, wrong string }{
		{"action.yml", "action-validator", "using: composite", "using: compost"},
		{"action.yml", "action-validator", "description: The webhook's URL", "descriptions: The webhook's URL"},
		{"Dockerfile", "dockerfile-utils lint", "EXPOSE 8700", "EXPOSE webhook"},
		{"Dockerfile", "dockerfile-utils lint", "--interval=10s", "--interval=ten"},
	} {
		text, err := os.ReadFile(filepath.Join(moduleAt, c.file))
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(text), c.right) {
			t.Fatalf("%s has no %q to be made wrong", c.file, c.right)
		}
		if out, err := e2eLints(t, tools, c.linter, c.file, string(text)); err != nil {
			t.Errorf("%s by %s: %v\n%s", c.file, c.linter, err, out)
		}
		wrong := strings.Replace(string(text), c.right, c.wrong, 1)
		if _, err := e2eLints(t, tools, c.linter, c.file, wrong); err == nil {
			t.Errorf("%s does not see %q in %s", c.linter, c.wrong, c.file)
		}
	}
}

// e2eLints runs a linter on a file of that name and text.
func e2eLints(t *testing.T, tools, linter, name, text string) (string, error) {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	args := strings.Fields(linter)
	cmd := exec.CommandContext(t.Context(), filepath.Join(tools, args[0]), append(args[1:], name)...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	return string(out), err
}
