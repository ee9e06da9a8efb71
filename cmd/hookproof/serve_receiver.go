package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/url"
	"os"
	"time"
)

// shutdownTimeout is how long answers under way may take when a receiver stops.
const shutdownTimeout = 5 * time.Second

// newServer serves a receiver whose answers take delay, with bounds on what a
// client may send and on the time that it takes.
func newServer(h http.Handler, delay time.Duration, errorLog io.Writer) *http.Server {
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       15 * time.Second,
		WriteTimeout:      30*time.Second + delay,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          log.New(errorLog, "", 0),
	}
}

// serve serves on ln until ctx ends, over TLS if there is a certificate, and
// returns when no answer is under way any more.
func serve(ctx context.Context, s *http.Server, ln net.Listener, certificate *tls.Certificate) error {
	failed := make(chan error, 1)
	go func() {
		if certificate == nil {
			failed <- s.Serve(ln)
			return
		}
		s.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{*certificate}}
		failed <- s.ServeTLS(ln, "", "")
	}()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTimeout)
	defer cancel()
	err := s.Shutdown(grace)
	if errors.Is(err, context.DeadlineExceeded) {
		err = s.Close() // somebody is slow, and will have to send again
	}
	if served := <-failed; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return err
}

// localURL is where a listener can be reached from this machine.
func localURL(addr net.Addr, withTLS bool, path string) string {
	tcp := addr.(*net.TCPAddr)
	host := tcp.IP.String()
	if tcp.IP.IsUnspecified() {
		host = "127.0.0.1"
	}
	u := url.URL{Scheme: "http", Host: net.JoinHostPort(host, fmt.Sprint(tcp.Port)), Path: path}
	if withTLS {
		u.Scheme = "https"
	}
	return u.String()
}

// rootCause is what the system said at the bottom of a network error.
func rootCause(err error) error {
	if e, ok := errors.AsType[*net.OpError](err); ok {
		err = e.Err
	}
	if e, ok := errors.AsType[*os.SyscallError](err); ok {
		err = e.Err
	}
	return err
}
