package delivery

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
)

// Phase is how far an exchange had got when it failed.
type Phase int

// The phases of an exchange.
const (
	Connecting Phase = iota // the name is resolved, TCP connects
	Securing                // the TLS handshake
	Exchanging              // the request is written, the answer read
)

// FailureOf names what went wrong with an exchange that no Sender made.
func FailureOf(err error, at Phase) Failure {
	return classify(err, phaseConnect+phase(at), nil)
}

// classify names what went wrong with an attempt. phase is how far it had got
// and caller the state of the caller's context, which net/http's own errors hide.
func classify(err error, phase phase, caller error) Failure {
	switch {
	case errors.Is(caller, context.Canceled):
		return FailCanceled
	case is[*net.DNSError](err):
		return FailDNS
	case errors.Is(err, syscall.ECONNREFUSED):
		return FailRefused
	case phase == phaseTLS, is[*tls.CertificateVerificationError](err), is[tls.RecordHeaderError](err), isAlert(err):
		return FailTLS
	case phase == phaseConnect:
		return FailConnect
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded), isTimeout(err):
		return FailTimeout
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return FailReset
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed), isClosedIdle(err):
		return FailClosed
	case phase == phaseSent && !is[*net.OpError](err):
		// Connected, sent and no trouble with the network: net/http did not
		// understand the answer, which it says in many words and no types.
		return FailProtocol
	default:
		return FailOther
	}
}

func is[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

// isAlert recognises a TLS alert. With TLS 1.3 a receiver that demands a client
// certificate says so only after the handshake, in answer to the request.
func isAlert(err error) bool {
	op, ok := errors.AsType[*net.OpError](err)
	return ok && (op.Op == "remote error" || op.Op == "local error")
}

func isTimeout(err error) bool {
	var t interface{ Timeout() bool }
	return errors.As(err, &t) && t.Timeout()
}

// isClosedIdle recognises a kept connection that the receiver closed at the
// moment of its reuse, for which net/http exports no error.
func isClosedIdle(err error) bool {
	return strings.Contains(err.Error(), "server closed idle connection")
}
