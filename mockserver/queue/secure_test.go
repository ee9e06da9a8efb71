package queue

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nkeys"
)

// works enqueues a job on a queue and does it.
func works(t *testing.T, q *Queue) {
	t.Helper()
	enqueue(t, q, testJob("a"))
	var done seen
	stop := inBackground(t, func(ctx context.Context) error { return q.Work(ctx, "app.hook", 1, done.remember) })
	done.await(t, 1)
	_ = stop()
}

func TestConnectWithTLS(t *testing.T) {
	// A certificate for loopback that the standard library's test server has.
	web := httptest.NewTLSServer(nil)
	web.Close()
	s := natsServer(t, server.Options{
		JetStream: true, StoreDir: t.TempDir(), TLSTimeout: 5,
		TLS: true, TLSConfig: &tls.Config{Certificates: web.TLS.Certificates, MinVersion: tls.VersionTLS12},
	})
	url := "tls://" + s.Addr().String()
	roots := x509.NewCertPool()
	roots.AddCert(web.Certificate())
	q, err := Connect(t.Context(), url, ConnectOptions{TLS: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}})
	if err != nil {
		t.Fatal(err)
	}
	defer q.Close()
	works(t, q)
	if q, err := Connect(t.Context(), url, ConnectOptions{}); err == nil {
		q.Close()
		t.Error("a certificate of nobody known is trusted")
	} else if strings.Contains(err.Error(), "\n") || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("got %q, want a line about the certificate", err)
	}
}

func TestConnectWithCredentials(t *testing.T) {
	operator, account, system, user := key(t, nkeys.CreateOperator), key(t, nkeys.CreateAccount), key(t, nkeys.CreateAccount), key(t, nkeys.CreateUser)
	oc := jwt.NewOperatorClaims(public(t, operator))
	oc.SystemAccount = public(t, system)
	signed(t, oc, operator)
	ac := jwt.NewAccountClaims(public(t, account))
	ac.Limits.JetStreamLimits = jwt.JetStreamLimits{MemoryStorage: -1, DiskStorage: -1, Streams: -1, Consumer: -1}
	resolver := &server.MemAccResolver{}
	for _, a := range []*jwt.AccountClaims{ac, jwt.NewAccountClaims(public(t, system))} {
		if err := resolver.Store(a.Subject, signed(t, a, operator)); err != nil {
			t.Fatal(err)
		}
	}
	s := natsServer(t, server.Options{
		JetStream: true, StoreDir: t.TempDir(), SystemAccount: oc.SystemAccount,
		TrustedOperators: []*jwt.OperatorClaims{oc}, AccountResolver: resolver,
	})
	seed, err := user.Seed()
	if err != nil {
		t.Fatal(err)
	}
	creds, err := jwt.FormatUserConfig(signed(t, jwt.NewUserClaims(public(t, user)), account), seed)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "user.creds")
	if err := os.WriteFile(file, creds, 0o600); err != nil {
		t.Fatal(err)
	}
	url := "nats://" + s.Addr().String()
	q, err := Connect(t.Context(), url, ConnectOptions{Creds: file})
	if err != nil {
		t.Fatal(err)
	}
	defer q.Close()
	works(t, q)
	if q, err := Connect(t.Context(), url, ConnectOptions{}); err == nil {
		q.Close()
		t.Error("NATS takes a connection without credentials")
	} else if got, want := err.Error(), "NATS refuses the credentials"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func key(t *testing.T, create func() (nkeys.KeyPair, error)) nkeys.KeyPair {
	t.Helper()
	k, err := create()
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func public(t *testing.T, k nkeys.KeyPair) string {
	t.Helper()
	p, err := k.PublicKey()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func signed(t *testing.T, c interface {
	Encode(nkeys.KeyPair) (string, error)
}, by nkeys.KeyPair,
) string {
	t.Helper()
	s, err := c.Encode(by)
	if err != nil {
		t.Fatal(err)
	}
	return s
}
