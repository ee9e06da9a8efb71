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

	bounds bounds
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
		return nil, errors.Join(fmt.Errorf("directory %s: %w", dir, err), cleanUp())
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
		if err := o.listen(opts); err != nil {
			return nil, err
		}
	}
	s, err := server.NewServer(opts)
	if err != nil {
		return nil, err
	}
	fatal := make(chan string, 1)
	s.SetLoggerV2(serverLog{log, fatal}, false, false, false)
	s.Start()
	stop := func() error {
		s.Shutdown()
		s.WaitForShutdown()
		return nil
	}
	if err := ready(ctx, s, fatal); err != nil {
		_ = stop()
		return nil, err
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
	q, err := open(ctx, conn, storage{prefix: DefaultNamespace, kind: kind, replicas: 1, bounds: o.bounds}, log)
	if err != nil {
		conn.Close()
		_ = stop()
		return nil, err
	}
	q.stop = stop
	if o.Listen == "" {
		// Those who worked on lanes were in this process, or in the one before it.
		if err := q.abandonLanes(ctx); err != nil {
			return nil, errors.Join(err, q.Close())
		}
	}
	if o.Listen != "" {
		q.addr = s.Addr().String()
	}
	return q, nil
}

// listen has the server listen where o says.
func (o EmbeddedOptions) listen(opts *server.Options) error {
	host, port, err := net.SplitHostPort(o.Listen)
	n, errPort := strconv.ParseUint(port, 10, 16)
	if err != nil || errPort != nil {
		return fmt.Errorf("listen at %q: want host:port", o.Listen)
	}
	if ip := net.ParseIP(host); o.Token == "" && host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return fmt.Errorf("listen at %q: want a token for what others can reach", o.Listen)
	}
	// The server itself says that an address is taken only to its log, and waits.
	l, err := net.Listen("tcp", o.Listen)
	if err != nil {
		return err
	}
	l.Close()
	opts.Host, opts.Port, opts.Authorization = host, int(n), o.Token
	if n == 0 {
		opts.Port = server.RANDOM_PORT
	}
	return nil
}

// startTimeout is how long a server may take to read what its directory keeps.
const startTimeout = time.Minute

// ready returns when the server can be used.
func ready(ctx context.Context, s *server.Server, fatal <-chan string) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	const step = 50 * time.Millisecond
	for !s.ReadyForConnections(step) {
		select {
		case why := <-fatal:
			return errors.New("the embedded NATS server does not start: " + why)
		case <-ctx.Done():
			return fmt.Errorf("the embedded NATS server does not start: %w", ctx.Err())
		default:
		}
	}
	return nil
}

// Addr is where an embedded server listens, host:port; "" is nowhere.
func (q *Queue) Addr() string { return q.addr }

// serverLog passes on what the server says: warnings and errors, without the
// notices that it makes of its own life.
type serverLog struct {
	log   *slog.Logger
	fatal chan<- string // the first reason not to run
}

func (l serverLog) Noticef(f string, v ...any) { l.log.Debug("nats: " + fmt.Sprintf(f, v...)) }
func (l serverLog) Warnf(f string, v ...any)   { l.log.Warn("nats: " + fmt.Sprintf(f, v...)) }
func (l serverLog) Errorf(f string, v ...any)  { l.log.Error("nats: " + fmt.Sprintf(f, v...)) }
func (l serverLog) Fatalf(f string, v ...any) {
	l.log.Error("nats: " + fmt.Sprintf(f, v...))
	select {
	case l.fatal <- fmt.Sprintf(f, v...):
	default:
	}
}
func (l serverLog) Debugf(string, ...any) {}
func (l serverLog) Tracef(string, ...any) {}
