package main

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hookproof/conformance"
	"hookproof/reports/certificate"
)

// signedCertificate writes a certificate of a run that ended a while ago, and the
// public key; it returns the files.
func signedCertificate(t *testing.T, ago time.Duration, change func(*conformance.Report)) (file, key string) {
	t.Helper()
	private := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize))
	r := &conformance.Report{
		Format: conformance.ReportFormat, Tool: conformance.Tool{Name: "hookproof", Version: "1.2.3"},
		Target: "https://hooks.example.com/", Mode: conformance.Certify, Profile: conformance.Core,
		Started: time.Now().Add(-ago), Certifies: true, Verdict: conformance.Conforms,
		Catalogue: conformance.Catalogue(), Configuration: "sha256:" + strings.Repeat("0", 64),
	}
	change(r)
	text, err := certificate.Sign(r, private)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(private.Public())
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	file, key = filepath.Join(dir, "cert.json"), filepath.Join(dir, "key.pem")
	for name, content := range map[string][]byte{file: text, key: pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})} {
		if err := os.WriteFile(name, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return file, key
}

func TestVerifyAnswersEachCaseClearly(t *testing.T) {
	unchanged := func(*conformance.Report) {}
	fresh, key := signedCertificate(t, time.Hour, unchanged)
	old, _ := signedCertificate(t, certificate.Life+time.Hour, unchanged)
	foreign, _ := signedCertificate(t, time.Hour, func(r *conformance.Report) { r.Catalogue = "sha256:" + strings.Repeat("1", 64) })
	text, err := os.ReadFile(fresh)
	if err != nil {
		t.Fatal(err)
	}
	var envelope map[string]any
	if err := json.Unmarshal(text, &envelope); err != nil {
		t.Fatal(err)
	}
	envelope["payload"] = strings.Replace(envelope["payload"].(string), "e", "f", 1)
	tampered := filepath.Join(t.TempDir(), "cert.json")
	if text, err = json.Marshal(envelope); err == nil {
		err = os.WriteFile(tampered, text, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		args   []string
		status int
		stdout string
		stderr string
	}{
		{"valid", []string{fresh, "--key", key}, statusFine, "verdict: valid\n", ""},
		{"as JSON", []string{fresh, "--key", key, "--json"}, statusFine, `"valid": true`, ""},
		{"its target", []string{fresh, "--key", key, "--target", "https://hooks.example.com/"}, statusFine, "verdict: valid", ""},
		{"another target", []string{fresh, "--key", key, "--target", "https://example.com/"}, statusInvalid, "Target", "of another target: https://hooks.example.com/"},
		{"expired", []string{old, "--key", key}, statusInvalid, "Expires", "expired on "},
		{"expired, as JSON", []string{old, "--key", key, "--json"}, statusInvalid, `"problem": "expired on `, "expired on "},
		{"tampered with", []string{tampered, "--key", key}, statusInvalid, "", "the signature is not valid"},
		{"another catalogue", []string{foreign, "--key", key}, statusFailed, "Catalogue   sha256:1111", "another catalogue: the checks are those of hookproof 1.2.3"},
		{"any catalogue", []string{foreign, "--key", key, "--any-catalogue"}, statusFine, "verdict: valid", ""},
		{"no certificate", []string{key, "--key", key}, statusUsage, "", "not a certificate: "},
		{"no key", []string{fresh}, statusUsage, "", "--key: want the public key"},
		{"no such key", []string{fresh, "--key", "missing.pem"}, statusUsage, "", `--key "missing.pem": cannot be read`},
		{"no key in it", []string{fresh, "--key", fresh}, statusUsage, "", "want a public Ed25519 key as PEM"},
		{"no such file", []string{"missing.json", "--key", key}, statusUsage, "", `"missing.json": cannot be read`},
	} {
		t.Run(c.name, func(t *testing.T) {
			var stdout, stderr bytes.Buffer
			status := run(context.Background(), append([]string{"verify"}, c.args...), strings.NewReader(""), &stdout, &stderr, func(string) string { return "" })
			if status != c.status || !strings.Contains(stdout.String(), c.stdout) || !strings.Contains(stderr.String(), c.stderr) || strings.Count(stderr.String(), "\n") > 1 {
				t.Errorf("verify %q = %d\nstdout %s\nstderr %s\nwant %d, %q and %q", c.args, status, &stdout, &stderr, c.status, c.stdout, c.stderr)
			}
		})
	}
}

func TestACertificateTakesNothingsPlace(t *testing.T) {
	dir := t.TempDir()
	der, err := x509.MarshalPKCS8PrivateKey(ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize)))
	if err != nil {
		t.Fatal(err)
	}
	key, report := filepath.Join(dir, "key.pem"), filepath.Join(dir, "report.json")
	text := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
	if err := os.WriteFile(key, text, 0o600); err != nil {
		t.Fatal(err)
	}
	for output, want := range map[string]string{key: "is the key itself", report: "a report goes to this file"} {
		var stdout, stderr bytes.Buffer
		args := []string{"certify", "http://127.0.0.1:1/", "--sign", key, "--certificate", output, "--report", "json=" + report}
		status := run(context.Background(), args, strings.NewReader(""), &stdout, &stderr, func(string) string { return "" })
		if status != statusUsage || !strings.Contains(stderr.String(), want) {
			t.Errorf("certify %q = %d, %s; want %d and that it %s", args, status, &stderr, statusUsage, want)
		}
	}
	if kept, err := os.ReadFile(key); err != nil || !bytes.Equal(kept, text) {
		t.Errorf("the key is gone: %v", err)
	}
}

func FuzzProject(f *testing.F) {
	f.Add([]byte(projectTemplate))
	for _, text := range []string{"", "a: &a [*a]", "certify: {report: {junit: x}}", "target: {}", "certify: {run: [a, [b]]}", "? [a]\n: b", "- 1", "!!binary x: y", "certify: *x"} {
		f.Add([]byte(text))
	}
	root := (&program{stdout: io.Discard, stderr: io.Discard, getenv: os.Getenv}).root()
	f.Fuzz(func(t *testing.T, text []byte) {
		if _, err := parseProject(root, text); err != nil && strings.ContainsAny(err.Error(), "\n\r") {
			t.Errorf("parseProject: an error of several lines: %q", err)
		}
		var w waiverFile
		if err := parseYAML(text, &w); err != nil && strings.ContainsAny(err.Error(), "\n\r") {
			t.Errorf("parseYAML: an error of several lines: %q", err)
		}
	})
}
