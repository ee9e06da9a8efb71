//go:build e2e && linux

package main

import (
	"bytes"
	"encoding/base64"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"hookproof/reports"
)

// certifyInPublic starts a receiver at a public address and certifies it there, in every
// format and with a certificate. The address exists in a network of its own.
const certifyInPublic = `set -e
hookproof listen --addr "$ADDRESS:443" --tls --ca-out ca.pem --auth "$HOOKPROOF_AUTH" >listen.log 2>&1 &
trap "kill $!" EXIT
tries=0
until grep -q url listen.log; do tries=$((tries + 1)); test $tries -lt 100; sleep 0.1; done
export SSL_CERT_FILE=ca.pem SSL_CERT_DIR=missing
hookproof certify "https://$ADDRESS/" --quiet --sign key.pem $REPORTS >stdout 2>stderr
`

// TestE2ECertificate makes a certificate of a receiver at a public https URL, verifies
// it, tampers with it, and looks for the credentials in all that was written.
func TestE2ECertificate(t *testing.T) {
	dir, bin := t.TempDir(), e2eBuild(t)
	helper := filepath.Join(t.TempDir(), "public")
	for _, c := range [][]string{
		{"go", "build", "-o", helper, "./testdata/e2e/public"},
		{"openssl", "genpkey", "-algorithm", "ed25519", "-out", filepath.Join(dir, "key.pem")},
		{"openssl", "pkey", "-in", filepath.Join(dir, "key.pem"), "-pubout", "-out", filepath.Join(dir, "pub.pem")},
		{"openssl", "genpkey", "-algorithm", "ed25519", "-out", filepath.Join(dir, "other.pem")},
		{"openssl", "pkey", "-in", filepath.Join(dir, "other.pem"), "-pubout", "-out", filepath.Join(dir, "stranger.pem")},
	} {
		if out, err := exec.CommandContext(t.Context(), c[0], c[1:]...).CombinedOutput(); err != nil {
			t.Fatalf("%v: %v\n%s", c, err, out)
		}
	}
	const address, credentials = "8.8.8.8", "vendor:k3Jx92mQ7wTz4bLp"
	args := ""
	for _, f := range reports.Formats() {
		args += " --report " + f.Name + "=report" + f.Name + f.Extension
	}
	cmd := exec.CommandContext(t.Context(), helper, address, "sh", "-c", certifyInPublic)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "PATH="+filepath.Dir(bin)+":"+os.Getenv("PATH"), "HOOKPROOF_AUTH="+credentials, "ADDRESS="+address, "REPORTS="+args)
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET}
	if id := os.Geteuid(); id != 0 {
		cmd.SysProcAttr.Cloneflags |= syscall.CLONE_NEWUSER
		cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: id, Size: 1}}
		cmd.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getegid(), Size: 1}}
	}
	if out, err := cmd.CombinedOutput(); err != nil {
		said, _ := os.ReadFile(filepath.Join(dir, "stderr"))
		report, _ := os.ReadFile(filepath.Join(dir, "stdout"))
		t.Fatalf("certify: %v\n%s%s%s", err, out, said, tail(string(report), 3000))
	}

	certificate := filepath.Join(dir, defaultCertificate)
	verify := func(want int, args ...string) string {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), bin, append([]string{"verify"}, args...)...)
		cmd.Dir = dir
		out, _ := cmd.CombinedOutput()
		if got := cmd.ProcessState.ExitCode(); got != want {
			t.Errorf("verify %v = %d, want %d\n%s", args, got, want, out)
		}
		return string(out)
	}
	if said := verify(statusFine, certificate, "--key", "pub.pem", "--target", "https://8.8.8.8/"); !strings.Contains(said, "verdict: valid") || !strings.Contains(said, "core") {
		t.Errorf("verify says %s", said)
	}
	verify(statusInvalid, certificate, "--key", "stranger.pem")
	verify(statusInvalid, certificate, "--key", "pub.pem", "--target", "https://8.8.4.4/")
	text, err := os.ReadFile(certificate)
	if err != nil {
		t.Fatal(err)
	}
	i := bytes.Index(text, []byte(`"payload": "`)) + len(`"payload": "`) + 200
	text[i] ^= 1
	if err := os.WriteFile(filepath.Join(dir, "tampered.json"), text, 0o600); err != nil {
		t.Fatal(err)
	}
	verify(statusInvalid, "tampered.json", "--key", "pub.pem")

	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	_, password, _ := strings.Cut(credentials, ":")
	for _, f := range files {
		text, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		for _, secret := range []string{password, base64.StdEncoding.EncodeToString([]byte(credentials))} {
			if bytes.Contains(text, []byte(secret)) {
				t.Errorf("%s has a secret in it", f.Name())
			}
		}
	}
	if len(files) < len(reports.Formats())+5 {
		t.Errorf("%d files, want every format and the certificate", len(files))
	}
}
