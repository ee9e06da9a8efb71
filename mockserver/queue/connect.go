package queue

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// DefaultNamespace begins the names of all streams and subjects.
const DefaultNamespace = "hookproof"

// ConnectOptions are the choices of a connection to a cluster.
type ConnectOptions struct {
	Creds string      // file with the credentials of a NATS user, "" is none
	TLS   *tls.Config // nil: as the URL says, with the system's authorities
	// Replicas are the copies of everything kept: 1, 3 or 5. 0 is as many as there
	// are, and 1 of what is not there yet.
	Replicas int
	// Existing demands that the streams are there, and makes none: for those
	// who only work on them.
	Existing bool
	Log      *slog.Logger // nil discards
}

// connectTimeout is how long each server may take to answer.
const connectTimeout = 5 * time.Second

// Connect uses the NATS servers at url, nats://host:port[,nats://…]. They must
// have JetStream. A connection that is lost is made again for as long as the
// Queue is open.
func Connect(ctx context.Context, url string, o ConnectOptions) (*Queue, error) {
	log := o.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	if err := checkURL(url); err != nil {
		return nil, err
	}
	switch o.Replicas {
	case 0, 1, 3, 5:
	default:
		return nil, fmt.Errorf("want 1, 3 or 5 replicas, not %d", o.Replicas)
	}
	opts := connOptions(log)
	if o.Creds != "" {
		if _, err := os.Stat(o.Creds); err != nil {
			return nil, fmt.Errorf("credentials of NATS: %w", err)
		}
		opts = append(opts, nats.UserCredentials(o.Creds))
	}
	if o.TLS != nil {
		opts = append(opts, nats.Secure(o.TLS))
	}
	conn, err := nats.Connect(url, opts...)
	if err != nil {
		return nil, connectError(err)
	}
	s := storage{
		prefix: DefaultNamespace, kind: jetstream.FileStorage, replicas: o.Replicas,
		existing: o.Existing, remote: true,
	}
	q, err := open(ctx, conn, s, log)
	if err != nil {
		conn.Close()
		return nil, openError(err)
	}
	return q, nil
}

// checkURL finds what is wrong with the URL of a cluster without repeating it:
// it may hold credentials.
func checkURL(servers string) error {
	for server := range strings.SplitSeq(servers, ",") {
		server = strings.TrimSpace(server)
		if !strings.Contains(server, "://") {
			server = "nats://" + server
		}
		u, err := url.Parse(server)
		if err != nil || u.Hostname() == "" || u.Path != "" && u.Path != "/" {
			return errURL
		}
		switch u.Scheme {
		case "nats", "tls", "ws", "wss":
		default:
			return errURL
		}
	}
	return nil
}

var errURL = errors.New("want the URL of NATS as nats://host:port, or several with commas between")

// connectError does not repeat the URL, which may hold credentials.
func connectError(err error) error {
	switch {
	case errors.Is(err, nats.ErrNoServers):
		return errors.New("no NATS server answers there")
	case errors.Is(err, nats.ErrAuthorization), errors.Is(err, nats.ErrAuthExpired), errors.Is(err, nats.ErrAuthRevoked):
		return errors.New("NATS refuses the credentials")
	case errors.Is(err, nats.ErrTimeout), errors.Is(err, os.ErrDeadlineExceeded):
		return errors.New("what is there does not answer as NATS does")
	default:
		return fmt.Errorf("connect to NATS: %w", err)
	}
}

func openError(err error) error {
	switch {
	case errors.Is(err, jetstream.ErrJetStreamNotEnabled), errors.Is(err, jetstream.ErrJetStreamNotEnabledForAccount),
		errors.Is(err, nats.ErrNoResponders):
		return errors.New("NATS there has no JetStream: start it with jetstream enabled")
	default:
		return err
	}
}

func connOptions(log *slog.Logger) []nats.Option {
	return []nats.Option{
		nats.Name("hookproof"),
		nats.MaxReconnects(-1),
		nats.IgnoreAuthErrorAbort(), // a server may know its users later than it listens
		nats.ReconnectWait(200 * time.Millisecond),
		nats.ReconnectJitter(100*time.Millisecond, 100*time.Millisecond),
		nats.ReconnectErrHandler(func(*nats.Conn, error) {}),
		nats.Timeout(connectTimeout),
		// A connection that is dead without a word is found out soon.
		nats.PingInterval(10 * time.Second),
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) {
			if err != nil {
				log.Warn("connection to NATS lost", "error", err)
			}
		}),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { log.Warn("nats", "error", err) }),
	}
}
