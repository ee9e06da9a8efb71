package main

import (
	"context"
	"crypto/tls"
	"net"
	"strconv"

	"github.com/spf13/cobra"
)

// serveListening are the flags of serve about its listeners.
type serveListening struct {
	host              string
	port              int
	controlAddr       string
	token             *secretFlag
	tls               bool
	caOut             string
	certFile, keyFile string
}

// Ports of serve. They are next to each other and none is anybody's.
const (
	managementPort = 8700
	controlPort    = 8701
)

func (f *serveListening) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.host, "host", "127.0.0.1", "`HOST` that the management API listens on")
	flags.IntVar(&f.port, "port", managementPort, "`PORT` of the management API; 0 is any that is free, for the control surface too")
	flags.StringVar(&f.controlAddr, "control-addr", "", "`HOST:PORT` of the control surface and the dashboard (default 127.0.0.1:8701); beyond loopback only with --control-token")
	f.token = addSecret(cmd, "control-token", "HOOKPROOF_CONTROL_TOKEN", "`TOKEN` that the control surface demands")
	flags.BoolVar(&f.tls, "tls", false, "listen with TLS, with a certificate of an authority made for this run")
	flags.StringVar(&f.caOut, "ca-out", "", "write the authority's certificate to `FILE` (default a temporary one, removed at the end)")
	flags.StringVar(&f.certFile, "cert", "", "listen with TLS, with the certificate chain of this PEM `FILE`")
	flags.StringVar(&f.keyFile, "key-file", "", "`FILE` with its private key")
}

// serveListeners are where serve listens.
type serveListeners struct {
	management, control net.Listener
	certificate         *tls.Certificate // nil is no TLS
	remove              func()           // the authority's temporary file
}

// listen checks the flags and listens.
func (f *serveFlags) listen(ctx context.Context, p *program) (*serveListeners, error) {
	l := &f.listening
	control := l.controlAddr
	switch {
	case l.port < 0 || l.port > 65535:
		return nil, usagef("--port %d: want 0 to 65535", l.port)
	case control == "" && l.port == 0:
		control = "127.0.0.1:0"
	case control == "":
		control = net.JoinHostPort("127.0.0.1", strconv.Itoa(controlPort))
	}
	switch {
	case l.tls && l.certFile != "":
		return nil, usagef("--tls and --cert: want one of them")
	case l.caOut != "" && !l.tls:
		return nil, usagef("--ca-out: there is no authority without --tls")
	case (l.certFile == "") != (l.keyFile == ""):
		return nil, usagef("--cert and --key-file: want both or neither")
	}
	host, _, err := net.SplitHostPort(control)
	if err != nil {
		return nil, usagef("--control-addr %q: want HOST:PORT such as 127.0.0.1:8701", control)
	}
	if !loopbackHost(host) && l.token.value(p.getenv) == "" {
		return nil, usagef("--control-addr %q: other machines could reach it: want --control-token too", control)
	}
	var s serveListeners
	if l.certFile != "" {
		c, err := tls.LoadX509KeyPair(l.certFile, l.keyFile)
		if err != nil {
			return nil, usagef("--cert %q, --key-file %q: %w", l.certFile, l.keyFile, cause(err))
		}
		s.certificate = &c
	}
	address := net.JoinHostPort(l.host, strconv.Itoa(l.port))
	if s.management, err = (&net.ListenConfig{}).Listen(ctx, "tcp", address); err != nil {
		return nil, usagef("--host, --port: cannot listen on %s: %w: --port 0 takes any that is free", address, rootCause(err))
	}
	if s.control, err = (&net.ListenConfig{}).Listen(ctx, "tcp", control); err != nil {
		s.management.Close()
		return nil, usagef("--control-addr %q: cannot listen there: %w: port 0 takes any that is free", control, rootCause(err))
	}
	return &s, nil
}

func loopbackHost(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// secure makes the certificate of --tls and tells where its authority's is.
func (s *serveListeners) secure(f *serveFlags, line *serving) error {
	s.remove = func() {}
	if !f.listening.tls {
		return nil
	}
	var err error
	s.certificate, line.CA, s.remove, err = localAuthority(f.listening.caOut, f.listening.host)
	return err
}

func (s *serveListeners) close() {
	s.management.Close()
	s.control.Close()
}

// warn tells who else can reach the listeners.
func (s *serveListeners) warn(w *warnings) {
	for _, ln := range []net.Listener{s.management, s.control} {
		if !ln.Addr().(*net.TCPAddr).IP.IsLoopback() {
			w.printf("warning: listening on %s, which other machines can reach", ln.Addr())
		}
	}
}
