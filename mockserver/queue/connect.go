package queue

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// DefaultNamespace begins the names of all streams and subjects.
const DefaultNamespace = "hookproof"

// ConnectOptions are the choices of a connection to a cluster.
type ConnectOptions struct {
	Creds    string      // file with the credentials of a NATS user, "" is none
	TLS      *tls.Config // nil: as the URL says, with the system's authorities
	Replicas int         // of everything kept: 1, 3 or 5; 0 is 1
	// Existing demands that the streams are there, and makes none: for those
	// who only work on them.
	Existing bool
	Log      *slog.Logger // nil discards
}

// Connect uses the NATS servers at url, nats://host:port[,nats://…]. They must
// have JetStream. A connection that is lost is made again for as long as the
// Queue is open.
func Connect(ctx context.Context, url string, o ConnectOptions) (*Queue, error) {
	log := o.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	opts := connOptions(log)
	if o.Creds != "" {
		opts = append(opts, nats.UserCredentials(o.Creds))
	}
	if o.TLS != nil {
		opts = append(opts, nats.Secure(o.TLS))
	}
	conn, err := nats.Connect(url, opts...)
	if err != nil {
		return nil, connectError(err)
	}
	s := storage{prefix: DefaultNamespace, kind: jetstream.FileStorage, replicas: max(o.Replicas, 1)}
	q, err := open(ctx, conn, s, log)
	if err != nil {
		conn.Close()
		if errors.Is(err, jetstream.ErrJetStreamNotEnabled) || errors.Is(err, nats.ErrNoResponders) {
			return nil, errors.New("NATS there has no JetStream: start it with jetstream enabled")
		}
		return nil, err
	}
	return q, nil
}

// connectError does not repeat the URL, which may hold credentials.
func connectError(err error) error {
	switch {
	case errors.Is(err, nats.ErrNoServers):
		return errors.New("no NATS server answers there")
	case errors.Is(err, nats.ErrAuthorization):
		return errors.New("NATS refuses the credentials")
	default:
		return fmt.Errorf("connect to NATS: %w", err)
	}
}

func connOptions(log *slog.Logger) []nats.Option {
	return []nats.Option{
		nats.Name("hookproof"),
		nats.MaxReconnects(-1),
		nats.ReconnectWait(200 * time.Millisecond),
		nats.ReconnectJitter(100*time.Millisecond, 100*time.Millisecond),
		nats.ReconnectErrHandler(func(*nats.Conn, error) {}),
		nats.Timeout(5 * time.Second),
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) {
			if err != nil {
				log.Warn("connection to NATS lost", "error", err)
			}
		}),
		nats.ReconnectHandler(func(c *nats.Conn) { log.Info("connected to NATS again") }),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { log.Warn("nats", "error", err) }),
	}
}
