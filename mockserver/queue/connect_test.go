package queue

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// natsServer is one that is not ours.
func natsServer(t *testing.T, o server.Options) *server.Server {
	t.Helper()
	o.Host, o.NoSigs, o.NoLog = "127.0.0.1", true, true
	if o.Port == 0 {
		o.Port = server.RANDOM_PORT
	}
	s, err := server.NewServer(&o)
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	if !s.ReadyForConnections(10 * time.Second) {
		t.Fatal("the NATS server does not start")
	}
	t.Cleanup(func() { s.Shutdown(); s.WaitForShutdown() })
	return s
}

// logged is a log that tests can read while it is written.
type logged struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logged) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(b)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func (l *logged) logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(l, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// silent is a server that takes connections and says nothing.
func silent(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	t.Cleanup(func() { l.Close(); all.Wait() })
	all.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			all.Go(func() { _, _ = io.Copy(io.Discard, c); c.Close() })
		}
	})
	return l.Addr().String()
}

// closedPort is an address where nobody listens.
func closedPort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func TestConnectErrors(t *testing.T) {
	t.Parallel()
	const secret = "swordfish"
	plain := natsServer(t, server.Options{}).Addr().String()
	guarded := natsServer(t, server.Options{Authorization: "other", JetStream: true, StoreDir: t.TempDir()}).Addr().String()
	small := natsServer(t, server.Options{JetStream: true, StoreDir: t.TempDir(), MaxPayload: 32 << 10, MaxPending: 1 << 20}).Addr().String()
	empty := natsServer(t, server.Options{JetStream: true, StoreDir: t.TempDir()}).Addr().String()
	none := closedPort(t)
	notCreds := filepath.Join(t.TempDir(), "creds")
	if err := os.WriteFile(notCreds, []byte(secret), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		url  string
		o    ConnectOptions
		want string
	}{
		"nobody there":        {url: "nats://" + secret + "@" + none, want: "no NATS server answers"},
		"several, none there": {url: "nats://u:" + secret + "@" + none + ",nats://" + none, want: "no NATS server answers"},
		"says nothing":        {url: "nats://" + secret + "@" + silent(t), want: "answer"},
		"no URL":              {url: "", want: "nats://host:port"},
		"no host":             {url: "nats://u:" + secret + "@:4222", want: "nats://host:port"},
		"not of NATS":         {url: "https://u:" + secret + "@" + plain, want: "nats://host:port"},
		"bad port":            {url: "nats://u:" + secret + "@127.0.0.1:x", want: "nats://host:port"},
		"bad escape":          {url: "nats://u:" + secret + "%zz@127.0.0.1:1", want: "nats://host:port"},
		"no JetStream":        {url: "nats://" + plain, want: "no JetStream"},
		"wrong token":         {url: "nats://" + secret + "@" + guarded, want: "refuses the credentials"},
		"no token":            {url: guarded, want: "refuses the credentials"},
		"creds not there":     {url: "nats://" + plain, o: ConnectOptions{Creds: "/nowhere/creds"}, want: "no such file"},
		"creds that are none": {url: "nats://" + guarded, o: ConnectOptions{Creds: notCreds}, want: "no nkey seed"},
		"small messages":      {url: "nats://" + small, want: "max_payload"},
		"nothing there":       {url: "nats://" + empty, o: ConnectOptions{Existing: true}, want: "no streams of hookproof"},
		"two replicas":        {url: "nats://" + empty, o: ConnectOptions{Replicas: 2}, want: "1, 3 or 5"},
		"no cluster":          {url: "nats://" + empty, o: ConnectOptions{Replicas: 3}, want: "replicas"},
	} {
		t.Run(name, func(t *testing.T) {
			var log logged
			c.o.Log = log.logger()
			start := time.Now()
			q, err := Connect(t.Context(), c.url, c.o)
			if err == nil {
				q.Close()
				t.Fatal("no error")
			}
			if !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("got %q, want one line with %q", err, c.want)
			}
			if strings.Contains(err.Error()+log.String(), secret) {
				t.Errorf("the secret is told: %v; %s", err, log.String())
			}
			if took := time.Since(start); took > 2*connectTimeout {
				t.Errorf("it took %v", took)
			}
		})
	}
}

func TestConnectKeepsWhatIsThere(t *testing.T) {
	t.Parallel()
	q := testQueue(t, EmbeddedOptions{Listen: "127.0.0.1:0", Token: testToken})
	enqueue(t, q, testJob("a"))
	for _, o := range []ConnectOptions{{}, {Existing: true}} {
		other := connected(t, q, o)
		if got := depth(t, other); got != 1 {
			t.Errorf("%d jobs, want 1", got)
		}
		if err := other.Ready(t.Context()); err != nil {
			t.Errorf("Ready: %v", err)
		}
	}
	// A job whose acknowledgement was lost is stored once.
	other, j := connected(t, q, ConnectOptions{}), testJob("b")
	enqueue(t, other, j, j)
	if got := depth(t, q); got != 2 {
		t.Errorf("%d jobs, want 2", got)
	}
}

func TestEmbeddedErrors(t *testing.T) {
	t.Parallel()
	const secret = "swordfish"
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	used, file := t.TempDir(), filepath.Join(t.TempDir(), "file")
	testQueue(t, EmbeddedOptions{Dir: used})
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		o    EmbeddedOptions
		want string
	}{
		"no port":          {EmbeddedOptions{Listen: "127.0.0.1", Token: secret}, "host:port"},
		"port in words":    {EmbeddedOptions{Listen: "127.0.0.1:nats", Token: secret}, "host:port"},
		"large port":       {EmbeddedOptions{Listen: "127.0.0.1:65536", Token: secret}, "host:port"},
		"negative port":    {EmbeddedOptions{Listen: "127.0.0.1:-1", Token: secret}, "host:port"},
		"taken":            {EmbeddedOptions{Listen: taken.Addr().String(), Token: secret}, "in use"},
		"open to all":      {EmbeddedOptions{Listen: "0.0.0.0:0"}, "token"},
		"open to all, too": {EmbeddedOptions{Listen: ":0"}, "token"},
		"used directory":   {EmbeddedOptions{Dir: used}, "another process"},
		"no directory":     {EmbeddedOptions{Dir: file}, "directory"},
	} {
		t.Run(name, func(t *testing.T) {
			q, err := Embedded(t.Context(), c.o)
			if err == nil {
				q.Close()
				t.Fatal("no error")
			}
			if !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") || strings.Contains(err.Error(), secret) {
				t.Errorf("got %q, want one line with %q", err, c.want)
			}
		})
	}
}

// A server that is stopped has heard of all that was done: nothing is done again.
func TestEmbeddedGoesOnWhereItWas(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	q, err := Embedded(t.Context(), EmbeddedOptions{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	var first, second seen
	later := testJob("later")
	later.Due = time.Now().Add(1500 * time.Millisecond)
	enqueue(t, q, append(testJobs("app.hook", 300), later)...)
	stop := inBackground(t, func(ctx context.Context) error { return q.Work(ctx, "app.hook", 4, first.remember) })
	first.await(t, 100)
	put(t, q.Documents(), "a", "1")
	p, err := q.Dead().Append(t.Context(), Entry{"summary", []byte("data")})
	if err != nil {
		t.Fatal(err)
	}
	_ = stop()
	if err := q.Close(); err != nil {
		t.Fatal(err)
	}
	if late := time.Until(later.Due); late > 0 {
		time.Sleep(late / 2)
	}
	q = testQueue(t, EmbeddedOptions{Dir: dir})
	inBackground(t, func(ctx context.Context) error { return q.Work(ctx, "app.hook", 4, second.remember) })
	done, _ := first.count()
	second.await(t, 301-done)
	if _, all := second.count(); all+done != 301 {
		t.Errorf("301 jobs were done %d times", all+done)
	}
	if e, err := q.Dead().Read(t.Context(), p); err != nil || string(e.Data) != "data" {
		t.Errorf("Read: %v, %v", e, err)
	}
	var docs watched
	inBackground(t, docs.watch(q.Documents()))
	eventually(t, "the document is there", docs.is(1, map[string]string{"a": "1"}))
}
