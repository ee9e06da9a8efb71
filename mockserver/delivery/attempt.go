package delivery

import (
	"net/http"
	"time"
)

// Attempt is the record of one attempt to deliver: what was sent, what came
// back and when.
type Attempt struct {
	Method string
	URL    string
	Header http.Header // as sent, Authorization included: Redactor.Header shows it without
	Body   []byte      // as sent
	// Faults are those done to the attempt on purpose, in order. Header and Body
	// are as they were before.
	Faults []FaultKind

	Held   time.Duration // how long faults kept the attempt back, before Start
	Start  time.Time
	Limit  time.Duration // what it may take at most
	Timing Timing
	Remote string // address of the peer, "" if none was reached
	Reused bool   // the connection had carried an earlier request

	Status    int // 0 if no status line came
	Proto     string
	Answer    http.Header
	Text      []byte // the answer's body, at most Sender.MaxAnswer bytes of it
	TextSize  int64  // bytes of the answer's body that were read
	WillClose bool   // the answer said that the connection ends with it

	// Failure is why there is no complete answer, "" if there is one; Err has
	// the details. Both are set or neither.
	Failure Failure
	Err     error
}

// Delivered tells whether the provider would count the attempt as delivered:
// a complete answer with a 2xx status (documented: a failure is "non-2xx or
// network error").
func (a *Attempt) Delivered() bool {
	return a.Failure == "" && a.Status >= 200 && a.Status <= 299
}

// Answered tells whether a status line came, complete body or not.
func (a *Attempt) Answered() bool { return a.Status != 0 }

// Timing is how long the parts of an attempt took. Parts that did not happen,
// such as connecting on a connection that was open already, are zero.
type Timing struct {
	DNS     time.Duration
	Connect time.Duration // TCP
	TLS     time.Duration
	// FirstByte and LastByte count from the moment the request was fully
	// written to the first and last byte of the answer.
	FirstByte time.Duration
	LastByte  time.Duration
	Total     time.Duration // of the whole attempt, connecting included
}

// Failure is a kind of missing or incomplete answer.
type Failure string

// The failures of an attempt.
const (
	FailDNS      Failure = "dns"      // the host name did not resolve
	FailRefused  Failure = "refused"  // nothing listens there
	FailConnect  Failure = "connect"  // unreachable, or no connection in time
	FailTLS      Failure = "tls"      // the handshake failed or the certificate is not trusted
	FailTimeout  Failure = "timeout"  // no complete answer in time
	FailReset    Failure = "reset"    // the receiver reset the connection
	FailClosed   Failure = "closed"   // the receiver closed the connection before a complete answer
	FailProtocol Failure = "protocol" // what came back is not HTTP
	FailOversize Failure = "oversize" // the answer's body went on beyond Sender.MaxRead
	FailCanceled Failure = "canceled" // the caller gave up
	FailOther    Failure = "other"
)
