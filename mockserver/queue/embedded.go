package queue

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// EmbeddedOptions are the choices of an embedded server; the zero value keeps
// everything in memory and listens nowhere.
type EmbeddedOptions struct {
	// Dir keeps everything in this directory, which is made if need be and is
	// for its owner only. What is accepted survives the death of the process.
	Dir string
	// Sync has the disk confirm each write, so that what is accepted survives
	// the loss of power too. It costs most of the speed.
	Sync bool
	// Listen is the address, host:port, at which other processes can connect
	// with Token; "" is nowhere.
	Listen string
	Token  string
	Log    *slog.Logger // nil discards
}

// Embedded starts a server in this process.
func Embedded(ctx context.Context, o EmbeddedOptions) (*Queue, error) {
	log := o.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	dir, cleanUp := o.Dir, func() error { return nil }
	kind := jetstream.FileStorage
	if dir == "" {
		var err error
		// The server wants a directory even for what it keeps in memory.
		if dir, err = os.MkdirTemp("", "hookproof-"); err != nil {
			return nil, err
		}
		cleanUp = func() error { return os.RemoveAll(dir) }
		kind = jetstream.MemoryStorage
	} else if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	unlock, err := lock(filepath.Join(dir, "lock"))
	if err != nil {
		return nil, errors.Join(err, cleanUp())
	}
	q, err := embedded(ctx, o, dir, kind, log)
	if err != nil {
		unlock()
		return nil, errors.Join(err, cleanUp())
	}
	stop := q.stop
	q.stop = func() error {
		err := stop()
		unlock()
		return errors.Join(err, cleanUp())
	}
	return q, nil
}

func embedded(ctx context.Context, o EmbeddedOptions, dir string, kind jetstream.StorageType, log *slog.Logger) (*Queue, error) {
	opts := &server.Options{
		ServerName: "hookproof", DontListen: o.Listen == "", NoSigs: true, NoLog: true,
		JetStream: true, StoreDir: dir, SyncAlways: o.Sync, DisableJetStreamBanner: true,
		JetStreamMaxMemory: 1 << 30, JetStreamMaxStore: 8 << 30,
		MaxPayload: 4 << 20,
	}
	if o.Listen != "" {
		host, port, err := net.SplitHostPort(o.Listen)
		if err != nil {
			return nil, err
		}
		opts.Host, opts.Authorization = host, o.Token
		if opts.Port, err = strconv.Atoi(port); err != nil {
			return nil, err
		}
		if opts.Port == 0 {
			opts.Port = server.RANDOM_PORT
		}
	}
	s, err := server.NewServer(opts)
	if err != nil {
		return nil, err
	}
	s.SetLoggerV2(serverLog{log}, false, false, false)
	s.Start()
	stop := func() error {
		s.Shutdown()
		s.WaitForShutdown()
		return nil
	}
	if !s.ReadyForConnections(startTimeout) {
		_ = stop()
		return nil, errors.New("the embedded NATS server does not start: is its address taken?")
	}
	auth := func(*nats.Options) error { return nil }
	if o.Token != "" {
		auth = nats.Token(o.Token)
	}
	conn, err := nats.Connect("", append(connOptions(log), nats.InProcessServer(s), auth)...)
	if err != nil {
		_ = stop()
		return nil, fmt.Errorf("connect to the embedded NATS server: %w", err)
	}
	q, err := open(ctx, conn, storage{prefix: DefaultNamespace, kind: kind, replicas: 1}, log)
	if err != nil {
		conn.Close()
		_ = stop()
		return nil, err
	}
	q.stop = stop
	if o.Listen != "" {
		q.addr = s.Addr().String()
	}
	return q, nil
}

// startTimeout is how long a server may take to read what its directory keeps.
const startTimeout = time.Minute

// Addr is where an embedded server listens, host:port; "" is nowhere.
func (q *Queue) Addr() string { return q.addr }

// serverLog passes on what the server says: warnings and errors, without the
// notices that it makes of its own life.
type serverLog struct{ log *slog.Logger }

func (l serverLog) Noticef(f string, v ...any) { l.log.Debug("nats: " + fmt.Sprintf(f, v...)) }
func (l serverLog) Warnf(f string, v ...any)   { l.log.Warn("nats: " + fmt.Sprintf(f, v...)) }
func (l serverLog) Errorf(f string, v ...any)  { l.log.Error("nats: " + fmt.Sprintf(f, v...)) }
func (l serverLog) Fatalf(f string, v ...any)  { l.log.Error("nats: " + fmt.Sprintf(f, v...)) }
func (l serverLog) Debugf(string, ...any)      {}
func (l serverLog) Tracef(string, ...any)      {}
