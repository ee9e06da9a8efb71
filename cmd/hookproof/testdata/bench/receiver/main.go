// Command receiver answers webhooks as fast as it can, and keeps a record of what
// came and when, so that a load tool need not be believed.
//
//	receiver [-tls DIR] [-stall]
//
// It prints its URL. GET /begin begins a new record; with -stall, all that comes
// from 4 s to 6 s after the first request is answered at the end of that time. GET
// /record is the record as JSON.
package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"flag"
	"fmt"
	"log"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/valyala/fasthttp"
)

const most = 4 << 20 // arrivals that are kept

// record is what came since the last beginning.
type record struct {
	count, bytes atomic.Int64
	at           []int64 // ns since start, of the first most
	start        time.Time
	cpu          time.Duration // of this process, at the beginning
	first        atomic.Int64
}

func main() {
	secure := flag.String("tls", "", "listen with TLS, and write the certificate to this folder")
	stall := flag.Bool("stall", false, "stop answering for a while")
	flag.Parse()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	scheme := "http"
	if *secure != "" {
		scheme = "https"
		ln = tls.NewListener(ln, &tls.Config{Certificates: []tls.Certificate{certificate(*secure)}})
	}
	fmt.Printf("%s://%s/\n", scheme, ln.Addr())
	var mu sync.RWMutex
	now := begin()
	handler := func(ctx *fasthttp.RequestCtx) {
		switch string(ctx.Path()) {
		case "/begin":
			mu.Lock()
			now = begin()
			mu.Unlock()
			return
		case "/record":
			mu.Lock()
			defer mu.Unlock()
			_ = json.NewEncoder(ctx).Encode(now.sum())
			return
		}
		mu.RLock()
		r := now
		mu.RUnlock()
		at := time.Since(r.start)
		n := r.count.Add(1)
		r.bytes.Add(int64(len(ctx.PostBody())))
		if n <= most {
			r.at[n-1] = int64(at)
		}
		r.first.CompareAndSwap(0, int64(at))
		if *stall {
			since := at - time.Duration(r.first.Load())
			if since >= 4*time.Second && since < 6*time.Second {
				time.Sleep(6*time.Second - since)
			}
		}
	}
	log.Fatal((&fasthttp.Server{Handler: handler, ReadBufferSize: 16 << 10, NoDefaultServerHeader: true}).Serve(ln))
}

func begin() *record { return &record{start: time.Now(), at: make([]int64, most), cpu: cpu()} }

func cpu() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		log.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// sum is a record in figures: times in seconds.
func (r *record) sum() map[string]any {
	n := r.count.Load()
	at := slices.Sorted(slices.Values(r.at[:min(n, most)]))
	took := 0.0
	if len(at) > 1 {
		took = float64(at[len(at)-1]-at[0]) / 1e9
	}
	return map[string]any{"count": n, "bytes": r.bytes.Load(), "took": took, "cpu": (cpu() - r.cpu).Seconds(), "at": thin(at)}
}

// thin leaves the arrivals out where they are too many to send: those of a run at a
// fixed rate are few.
func thin(at []int64) []int64 {
	if len(at) > 200_000 {
		return nil
	}
	return at
}

// certificate makes one for 127.0.0.1, and writes it to a folder.
func certificate(dir string) tls.Certificate {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		log.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		log.Fatal(err)
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	if err := os.WriteFile(filepath.Join(dir, "ca.pem"), text, 0o600); err != nil {
		log.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}
