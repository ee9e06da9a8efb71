package mockserver

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"hookproof/mockserver/queue"
)

// Account is a customer of the provider: a key and a secret for the management
// API, and apps.
type Account struct {
	Key, Secret string
	Apps        []App
}

// App is an app of an account.
type App struct {
	ID     string
	Region string // us, eu or in; "" is us
	// Generation of its Webhooks, 0 is Modern. It binds nobody who makes others.
	Generation Generation
	// Webhooks are there from the start, unless the app has some of the same id.
	Webhooks []Webhook
}

// Options are the choices of a server.
type Options struct {
	Accounts []Account // at least one, with at least one app

	// AllowHTTP and AllowPrivate take webhooks that the provider would refuse.
	AllowHTTP, AllowPrivate bool
	// RatePerMinute is how many requests the management API answers in a minute
	// for each account; 0 is the documented 10,000, less is no limit.
	RatePerMinute int

	// Worker are the choices of the server's own worker; NoWorker leaves all
	// deliveries to workers elsewhere.
	Worker   WorkerOptions
	NoWorker bool

	// Seed of the worlds that events are from.
	Seed uint64
	// Token protects the control surface; "" leaves it open to this machine.
	Token string
	// ManagementURL is where Management is served, for the dashboard to say; "" is
	// unknown.
	ManagementURL string
	Log           *slog.Logger // nil discards
}

// Server is a CometChat: its management API, its events and their deliveries.
type Server struct {
	q       *queue.Queue
	o       Options
	log     *slog.Logger
	apps    map[string]App
	store   *store
	history *history
	worlds  *worlds
	worker  *Worker
	plays   plays
	metrics *metrics
	ready   chan struct{} // closed when the history knows what the logs hold

	owners            map[string]int // the position of an app's account
	delivered, failed atomic.Uint64  // since the start
	seen              *lastSeen      // workers

	running context.Context // ends when Run does
	ended   context.CancelFunc

	api     *management
	control http.Handler
}

// New makes a server of what is in the queue. It does nothing before Run; the
// queue stays the caller's to close. An error names what is wrong with the options.
func New(q *queue.Queue, o Options) (*Server, error) {
	log := cmp.Or(o.Log, slog.New(slog.DiscardHandler))
	if o.Worker.Log == nil {
		o.Worker.Log = log
	}
	s := &Server{
		q: q, o: o, log: log, apps: map[string]App{}, owners: map[string]int{}, seen: newLastSeen(), store: newStore(q), history: newHistory(),
		worlds: newWorlds(o.Seed, o.Worker.Documented), metrics: newMetrics(), ready: make(chan struct{}),
	}
	if err := s.takeApps(); err != nil {
		return nil, err
	}
	s.running, s.ended = context.WithCancel(context.Background())
	if !o.NoWorker {
		s.worker = newWorker(q, s.store, o.Worker)
	}
	if err := s.surfaces(); err != nil {
		return nil, err
	}
	return s, s.checkPresets()
}

// surfaces makes the handlers.
func (s *Server) surfaces() error {
	var accounts []account
	for _, a := range s.o.Accounts {
		one := account{Key: a.Key, Secret: a.Secret}
		for _, app := range a.Apps {
			one.Apps = append(one.Apps, app.ID)
		}
		accounts = append(accounts, one)
	}
	var err error
	s.api, err = newManagement(managementOptions{
		Accounts: accounts, Store: s.store, AllowHTTP: s.o.AllowHTTP, AllowPrivate: s.o.AllowPrivate,
		RatePerMinute: s.o.RatePerMinute, Log: s.log,
	})
	if err != nil {
		return err
	}
	s.control, err = newControl(s, controlOptions{Token: s.o.Token, Management: s.o.ManagementURL, Metrics: s.metrics, Context: s.running, Log: s.log})
	return err
}

// Run serves what New made until ctx ends: it keeps up with the other nodes and
// delivers. It returns when the attempts under way are done.
func (s *Server) Run(ctx context.Context) error {
	defer s.ended()
	defer context.AfterFunc(ctx, s.ended)()
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return s.store.run(ctx) })
	g.Go(func() error {
		if err := wait(ctx, s.store.synced); err != nil {
			return err
		}
		if err := s.preset(ctx, false); err != nil {
			return err
		}
		return s.remember(ctx)
	})
	if s.worker != nil {
		g.Go(func() error { return s.worker.run(ctx) })
	}
	err := g.Wait()
	s.ended()
	s.plays.played.Wait()
	if !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

func wait(ctx context.Context, done <-chan struct{}) error {
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Ready waits until events can be fired and listed, or ctx ends.
func (s *Server) Ready(ctx context.Context) error {
	if err := errors.Join(wait(ctx, s.store.synced), wait(ctx, s.ready)); err != nil {
		return errors.New("not ready yet: still reading what the queue holds")
	}
	return s.q.Ready(ctx)
}

// Reset makes everything as it was at the start: no deliveries, no faults, the
// webhooks of the options, worlds with new people.
func (s *Server) Reset(ctx context.Context) error {
	s.plays.end()
	// What was accepted before this moment is void, wherever it waits.
	if err := s.store.markReset(ctx, time.Now()); err != nil {
		return err
	}
	if err := s.q.Clear(ctx); err != nil {
		return fmt.Errorf("clear the queue: %w", err)
	}
	if err := s.store.setFaultRules(ctx, FaultRules{}); err != nil {
		return err
	}
	if err := s.preset(ctx, true); err != nil {
		return err
	}
	s.worlds.anew()
	s.history.reset()
	_, err := s.q.Attempts().Append(ctx, queue.Entry{Summary: (&note{kind: noteReset}).encode()})
	return err
}

// Management is the provider's API.
func (s *Server) Management() http.Handler { return s.api }

// Control is the surface for those who use the server: events, deliveries,
// faults, metrics and the dashboard.
func (s *Server) Control() http.Handler { return s.control }
