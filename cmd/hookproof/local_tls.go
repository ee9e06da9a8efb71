package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"os"
	"slices"
	"time"
)

// localValidity is long enough for any test and short enough for a key that
// lives in memory only.
const localValidity = 90 * 24 * time.Hour

// newLocalCA makes an authority, of which only the certificate is returned, in
// PEM, and a server certificate of it for the given names and addresses.
func newLocalCA(hosts []string) (authority []byte, server tls.Certificate, err error) {
	now := time.Now()
	caKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, server, err
	}
	ca := &x509.Certificate{
		SerialNumber:          big.NewInt(1),
		Subject:               pkix.Name{CommonName: "hookproof local authority"},
		NotBefore:             now.Add(-time.Hour), // clocks differ
		NotAfter:              now.Add(localValidity),
		IsCA:                  true,
		BasicConstraintsValid: true,
		MaxPathLenZero:        true,
		KeyUsage:              x509.KeyUsageCertSign,
	}
	caDER, err := x509.CreateCertificate(rand.Reader, ca, ca, &caKey.PublicKey, caKey)
	if err != nil {
		return nil, server, err
	}
	if ca, err = x509.ParseCertificate(caDER); err != nil { // for its key identifier
		return nil, server, err
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, server, err
	}
	leaf := &x509.Certificate{
		SerialNumber: big.NewInt(2),
		Subject:      pkix.Name{CommonName: "hookproof receiver"},
		NotBefore:    ca.NotBefore,
		NotAfter:     ca.NotAfter,
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	for _, host := range hosts {
		if ip := net.ParseIP(host); ip != nil {
			leaf.IPAddresses = append(leaf.IPAddresses, ip)
		} else {
			leaf.DNSNames = append(leaf.DNSNames, host)
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, leaf, ca, &key.PublicKey, caKey)
	if err != nil {
		return nil, server, err
	}
	authority = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: caDER})
	return authority, tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, nil
}

// localHosts are the names that a certificate for a listener needs: its own,
// those of the loopback interface and, if it listens on every address, the machine's.
func localHosts(host string) []string {
	hosts := []string{"localhost", "127.0.0.1", "::1"}
	ip := net.ParseIP(host)
	if host != "" && (ip == nil || !ip.IsUnspecified()) {
		if !slices.Contains(hosts, host) {
			hosts = append(hosts, host)
		}
		return hosts
	}
	if name, err := os.Hostname(); err == nil && name != "" {
		hosts = append(hosts, name)
	}
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		return hosts
	}
	for _, a := range addrs {
		if n, ok := a.(*net.IPNet); ok && !n.IP.IsLoopback() {
			hosts = append(hosts, n.IP.String())
		}
	}
	return hosts
}

// localAuthority makes a listener's certificate, and writes that of its authority
// to caOut, or to a temporary file that remove removes.
func localAuthority(caOut, host string) (_ *tls.Certificate, file string, remove func(), err error) {
	pem, certificate, err := newLocalCA(localHosts(host))
	if err != nil {
		return nil, "", nil, fmt.Errorf("make certificates: %w", err)
	}
	if caOut == "" {
		temp, err := os.CreateTemp("", "hookproof-ca-*.pem")
		if err != nil {
			return nil, "", nil, fmt.Errorf("write the authority's certificate: %w", cause(err))
		}
		_, err = temp.Write(pem)
		return &certificate, temp.Name(), func() { _ = os.Remove(temp.Name()) }, errors.Join(err, temp.Close())
	}
	out, err := openNew(caOut)
	if err != nil {
		return nil, "", nil, usagef("--ca-out %q: %w", caOut, err)
	}
	err = out.write(func(w io.Writer) error {
		_, err := io.Copy(w, bytes.NewReader(pem))
		return err
	})
	return &certificate, caOut, func() {}, err
}
