package traffic

import (
	"cmp"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"time"

	"hookproof/mockserver/delivery"
)

// Bounds and defaults of a run.
const (
	MaxDuration        = 7 * 24 * time.Hour
	MaxConnections     = 4096
	DefaultConnections = 128
	// DefaultDrain is how long after the end of the schedule events are still sent
	// that could not be sent in time.
	DefaultDrain = 10 * time.Second
)

// Options are the choices of a run.
type Options struct {
	Endpoint delivery.Endpoint
	RootCAs  *x509.CertPool // nil: the system's
	// Dial connects; nil is the system's resolver and TCP.
	Dial func(ctx context.Context, network, addr string) (net.Conn, error)

	Source   Source
	Arrivals Arrivals // their rate may be Max
	// Warmup is the first part of the run, which is sent but not counted.
	Warmup time.Duration
	// Connections is how many requests may be under way at once: over as many
	// connections, or with HTTP2 over streams of a few. 0 is DefaultConnections.
	Connections int
	HTTP2       bool
	// Timeout is how long an answer may take from when the event is sent;
	// 0 is delivery.DefaultTimeout, that of the provider.
	Timeout time.Duration
	Drain   time.Duration // 0 is DefaultDrain

	// Conversation, if not nil, says of an event to what it belongs: of the same
	// conversation none is sent before the last was answered. "" belongs to nothing.
	Conversation func(body []byte) string

	// Part is the share of the run to make; nil is all of it.
	Part *Part
	// Start is when the run begins, at which a part of it may be in the past: what is
	// due then is late. Zero is now.
	Start time.Time
	// Lines keeps connections for other parts of the same run; nil closes them.
	Lines *Lines

	shift time.Duration // see series

	// Log, if not nil, is given all attempts, in the order in which they end. Only
	// one goroutine calls it, and waits for it; the slice is used again.
	Log func([]Attempt)
	// Progress, if not nil, is told from time to time how the run goes.
	Progress func(Progress)
}

// Progress is how far a run is.
type Progress struct {
	Elapsed  time.Duration
	Due      int64 // events that should have been sent by now, those of the warm-up included
	Sent     int64
	InFlight int64
	Errors   int64 // of those that count
	P50, P99 time.Duration
	Rate     float64 // sent in the last second
}

// check completes the options. An error names the field.
func (o *Options) check() error {
	o.Connections = cmp.Or(o.Connections, DefaultConnections)
	o.Timeout = cmp.Or(o.Timeout, delivery.DefaultTimeout)
	o.Drain = cmp.Or(o.Drain, DefaultDrain)
	o.Arrivals.Model = cmp.Or(o.Arrivals.Model, Constant)
	switch a := o.Arrivals; {
	case o.Source == nil:
		return errors.New("option Source: want the events to send")
	case a.Rate != Max && !(a.Rate > 0 && a.Rate <= MaxRate):
		return fmt.Errorf("option Arrivals.Rate: want above 0 and at most %d/s, or Max", int(MaxRate))
	case a.Duration <= 0 || a.Duration > MaxDuration:
		return fmt.Errorf("option Arrivals.Duration: want above 0 and at most %s", MaxDuration)
	case o.Warmup < 0 || o.Warmup >= a.Duration:
		return fmt.Errorf("option Warmup: want 0 or more and less than the duration of %s", a.Duration)
	case o.Connections < 1 || o.Connections > MaxConnections:
		return fmt.Errorf("option Connections: want 1 to %d", MaxConnections)
	case o.Timeout < time.Millisecond || o.Timeout > late:
		return fmt.Errorf("option Timeout: want 1ms to %s", late)
	case o.Drain < 0 || o.Drain > time.Hour:
		return errors.New("option Drain: want 0 to 1h")
	}
	if _, err := ParseModel(string(o.Arrivals.Model)); err != nil {
		return fmt.Errorf("option Arrivals.Model: %w", err)
	}
	if o.Part == nil {
		whole := o.Arrivals.whole()
		o.Part = &whole
	}
	return o.Part.check(o.Arrivals)
}
