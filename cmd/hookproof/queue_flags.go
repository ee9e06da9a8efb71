package main

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"hookproof/mockserver/queue"
)

// queueTimeout is how long a queue may take to be there.
const queueTimeout = time.Minute

// queueFlags say where the queue is.
type queueFlags struct {
	data   string // serve only, these four
	sync   *choice
	listen string
	token  *secretFlag

	existing bool        // for workers: the queue is there already
	nats     *secretFlag // the URL may hold credentials
	creds    string
	caFile   string
	replicas int
}

// add defines the flags of a cluster.
func (f *queueFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	f.nats = addSecret(cmd, "nats", "HOOKPROOF_NATS", "`URL` of NATS servers with JetStream: nats://HOST:PORT[,nats://…]")
	flags.StringVar(&f.creds, "nats-creds", "", "`FILE` with the credentials of a NATS user")
	flags.StringVar(&f.caFile, "nats-ca", "", "trust the certificates of this PEM `FILE` in NATS servers, instead of the system's")
}

// addServer defines those of a queue of one's own too.
func (f *queueFlags) addServer(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.data, "data", "", "keep everything in this `DIRECTORY`, so that it survives the end of the process, kill -9 included")
	f.sync = addChoice(cmd, "sync", "when writes to --data reach the disk: when the system likes, or always, which survives a loss of power", []string{"system", "always"})
	flags.StringVar(&f.listen, "nats-listen", "", "let workers connect to the queue of this process at `HOST:PORT`; port 0 is any that is free")
	f.token = addSecret(cmd, "nats-token", "HOOKPROOF_NATS_TOKEN", "`TOKEN` that they need (default made for this run)")
	f.add(cmd)
	flags.IntVar(&f.replicas, "nats-replicas", 0, "copies that the NATS servers keep of everything: 1, 3 or 5 (default as many as there are, or 1)")
}

// open connects to the cluster, or starts a server of one's own.
func (f *queueFlags) open(ctx context.Context, p *program, log *slog.Logger) (*queue.Queue, error) {
	ctx, cancel := context.WithTimeout(ctx, queueTimeout)
	defer cancel()
	if address := f.nats.value(p.getenv); address != "" {
		return f.connect(ctx, address, log)
	}
	for flag, value := range map[string]string{"nats-creds": f.creds, "nats-ca": f.caFile} {
		if value != "" {
			return nil, usagef("--%s: is for --nats, which is not given", flag)
		}
	}
	if f.sync.value == "always" && f.data == "" {
		return nil, usagef("--sync always: nothing is written without --data")
	}
	o := queue.EmbeddedOptions{Dir: f.data, Sync: f.sync.value == "always", Listen: f.listen, Log: log}
	if f.listen != "" {
		if _, _, err := net.SplitHostPort(f.listen); err != nil {
			return nil, usagef("--nats-listen %q: want HOST:PORT such as 127.0.0.1:4222", f.listen)
		}
		if o.Token = f.token.value(p.getenv); o.Token == "" {
			o.Token = strings.ToLower(rand.Text())
		}
		if strings.ContainsAny(o.Token, "@/: ") {
			return nil, usagef("--nats-token: want letters, digits, - and _")
		}
		f.token.given = o.Token
	}
	q, err := queue.Embedded(ctx, o)
	switch {
	case err == nil:
		return q, nil
	case errors.Is(err, queue.ErrInUse):
		return nil, usagef("--data %q: %w: want a directory of its own for each", f.data, queue.ErrInUse)
	case isPath(err):
		return nil, usagef("--data %q: cannot be used: %w", f.data, cause(err))
	default:
		return nil, fmt.Errorf("start the queue: %w", err)
	}
}

// isPath tells whether an error is about a file or a directory.
func isPath(err error) bool {
	_, ok := errors.AsType[*fs.PathError](err)
	return ok
}

func (f *queueFlags) connect(ctx context.Context, address string, log *slog.Logger) (*queue.Queue, error) {
	if f.data != "" || f.listen != "" {
		return nil, usagef("--nats: the queue is elsewhere: want neither --data nor --nats-listen with it")
	}
	for one := range strings.SplitSeq(address, ",") {
		u, err := url.Parse(strings.TrimSpace(one))
		if err != nil || u.Host == "" || u.Scheme != "nats" && u.Scheme != "tls" && u.Scheme != "ws" && u.Scheme != "wss" {
			return nil, usagef("--nats: want nats://HOST:PORT, several between commas")
		}
	}
	if !slices.Contains([]int{0, 1, 3, 5}, f.replicas) {
		return nil, usagef("--nats-replicas %d: want 1, 3 or 5", f.replicas)
	}
	o := queue.ConnectOptions{Creds: f.creds, Replicas: f.replicas, Existing: f.existing, Log: log}
	if f.creds != "" {
		if _, err := os.ReadFile(f.creds); err != nil {
			return nil, usagef("--nats-creds %q: cannot be read: %w", f.creds, cause(err))
		}
	}
	roots, err := readRoots("nats-ca", f.caFile)
	if err != nil {
		return nil, err
	}
	if roots != nil {
		o.TLS = &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
	}
	q, err := queue.Connect(ctx, address, o)
	if err != nil {
		return nil, fmt.Errorf("--nats: %w", err)
	}
	return q, nil
}

// address is where workers can connect to an embedded queue, "" if nowhere.
func (f *queueFlags) address(q *queue.Queue) string {
	if q.Addr() == "" {
		return ""
	}
	u := url.URL{Scheme: "nats", Host: q.Addr(), User: url.User(f.token.given)}
	return u.String()
}
