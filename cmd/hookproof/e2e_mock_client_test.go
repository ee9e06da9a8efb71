//go:build e2e && unix

package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// e2eNode runs the client of the management API in testdata.
func e2eNode(t *testing.T, env []string, args ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "node", append([]string{"testdata/e2e/management-client.mjs"}, args...)...)
	cmd.Env = append(append(os.Environ(), "KEY="+mockKey, "SECRET="+mockSecret, "APP_ID="+mockApp), env...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("management-client.mjs %v: %v\n%s", args, err, out)
	}
	if !strings.HasSuffix(string(out), "delete them all\n") {
		t.Errorf("management-client.mjs %v did not come to its end:\n%s", args, out)
	}
}

// e2eClient: a program written from the OpenAPI document works with the mock as
// it would with the provider.
func e2eClient(t *testing.T, bin string) {
	s := e2eServes(t, bin)
	e2eNode(t, []string{"BASE_URL=" + s.addresses().Management})
}

// e2eConcurrent: twenty who create webhooks over two nodes make as many as an
// app may have, and no more.
func e2eConcurrent(t *testing.T, bin string) {
	first := e2eServes(t, bin, "--nats-listen", "127.0.0.1:0")
	second := e2eServes(t, bin, "--nats", first.addresses().NATS)
	e2eNode(t, nil, "--concurrent", first.addresses().Management, second.addresses().Management)
}

// e2eTLS: the same client works over TLS, given the authority that the first line
// names, and with a certificate of the user's own.
func e2eTLS(t *testing.T, bin string) {
	cert, key, ca := e2eCertificate(t)
	for _, tt := range []struct {
		name string
		args []string
		ca   string // "" is that of the first line
	}{
		{"made", []string{"--tls"}, ""},
		{"own", []string{"--cert", cert, "--key-file", key}, ca},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := e2eServes(t, bin, tt.args...)
			ready := s.addresses()
			authority := tt.ca
			if authority == "" {
				authority = ready.CA
			}
			if !strings.HasPrefix(ready.Management, "https://") || !strings.HasPrefix(ready.Control, "https://") {
				t.Fatalf("serve printed %+v, want URLs with https", ready)
			}
			e2eNode(t, []string{"BASE_URL=" + ready.Management, "NODE_EXTRA_CA_CERTS=" + authority})
			e2eTrust(t, s, authority)
			s.must(http.MethodGet, "/v1/ready", nil, nil)
			s.process.terminate(t)
			s.process.ends(t, 5*time.Second)
			if ready.CA == "" {
				return
			}
			if _, err := os.Stat(ready.CA); !os.IsNotExist(err) {
				t.Errorf("the temporary file %s is left: %v", ready.CA, err)
			}
		})
	}
}

// e2eTrust lets the client of s trust an authority, and no other.
func e2eTrust(t *testing.T, s *e2eServe, file string) {
	t.Helper()
	pem, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(pem) {
		t.Fatalf("%s holds no certificate", file)
	}
	s.http.Transport = &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}}
}
