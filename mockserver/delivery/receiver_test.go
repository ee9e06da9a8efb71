package delivery_test

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"hookproof/mockserver/delivery"
)

// TestMain names proxies before anything runs, because net/http reads them once.
func TestMain(m *testing.M) {
	for _, name := range []string{"HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY"} {
		os.Setenv(name, "http://127.0.0.1:1")
	}
	goleak.VerifyTestMain(m)
}

// raw starts a receiver that speaks no more HTTP than serve does, and returns
// its host:port. serve owns the connection, which is closed when it returns.
func raw(t testing.TB, serve func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			wg.Go(func() {
				defer conn.Close()
				serve(conn)
			})
		}
	})
	t.Cleanup(func() {
		l.Close()
		wg.Wait()
	})
	return l.Addr().String()
}

// rawHTTP is raw for receivers that read the request to its end, for every
// request that comes on the connection, and write answer as it stands.
func rawHTTP(t testing.TB, answer string) string {
	return raw(t, func(conn net.Conn) {
		for r := bufio.NewReader(conn); readRequest(r) == nil; {
			if _, err := io.WriteString(conn, answer); err != nil || !strings.HasPrefix(answer, "HTTP/1.1 200") {
				return
			}
		}
	})
}

func readRequest(r *bufio.Reader) error {
	req, err := http.ReadRequest(r)
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, req.Body)
	return err
}

// hangUp makes closing the connection a reset.
func hangUp(conn net.Conn) { _ = conn.(*net.TCPConn).SetLinger(0) }

// send delivers an event to url by s.
func send(t testing.TB, s *delivery.Sender, url string) delivery.Attempt {
	t.Helper()
	body := []byte(`{"trigger":"message_sent"}`)
	req, err := delivery.Endpoint{URL: url}.NewRequest(t.Context(), body)
	if err != nil {
		t.Fatalf("NewRequest(%q): %v", url, err)
	}
	return s.Send(req, body)
}

// transport returns a transport that ends with the test.
func transport(t testing.TB, o delivery.TransportOptions) *http.Transport {
	tr := delivery.NewTransport(o)
	t.Cleanup(tr.CloseIdleConnections)
	return tr
}

// wantFailure fails the test unless a has the failure and its error.
func wantFailure(t *testing.T, a delivery.Attempt, want delivery.Failure) {
	t.Helper()
	if a.Failure != want || a.Err == nil {
		t.Errorf("got failure %q (%v), want %q with an error", a.Failure, a.Err, want)
	}
	if a.Delivered() {
		t.Errorf("an attempt that failed by %q counts as delivered", a.Failure)
	}
}

// certificate returns a self-signed one for 127.0.0.1 that is valid until end,
// and the pool that trusts it.
func certificate(t *testing.T, end time.Time) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), IsCA: true, BasicConstraintsValid: true,
		NotBefore: end.Add(-48 * time.Hour), NotAfter: end,
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(leaf)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pool
}
