package conformance

import (
	"context"
	"crypto/x509"
	"log/slog"
	"net"
	"net/netip"
	"time"
)

// Bounds of Options.Pace and Options.Idle.
const (
	MaxPace = time.Minute
	MaxIdle = 2 * time.Hour
)

// Options configure a run. The zero value certifies an endpoint without
// authentication, with the triggers that every receiver may be sent.
type Options struct {
	// Username and Password of Basic auth. Both empty: the receiver is checked
	// without authentication, and the report says so.
	Username, Password string
	// PreviousUsername and PreviousPassword are credentials that were valid before, and
	// are so no more: security/credential-rotation tries them. Both empty: it is skipped.
	PreviousUsername, PreviousPassword string
	// AppID, Region and WebhookID of the events; "" are hookproof's own.
	AppID, Region, WebhookID string
	// AckAndDrop declares that the receiver acknowledges what has not the right credentials
	// with 2xx and drops it. That is only believed with Observe, which sees no effect of it.
	AckAndDrop bool
	// Triggers that the webhook subscribes to; nil is those of the tier
	// schemas.Required.
	Triggers []string

	// MessageTypes declares which messages the app has: of those that MessageTypes
	// returns, with "text", which most events are; nil is all. Others are not sent, and
	// checks that are about them are skipped.
	MessageTypes []string

	// Path of the webhook when a handler is tested (Test, the Conform matcher);
	// "" is "/". A URL has its own.
	Path string

	Mode    Mode   // "" is Auto
	Profile string // a name of Profiles; "" is "core"
	// Run and Skip choose among the profile's checks by glob over ids
	// ("auth/*", "tls/chain"); an id that Run names exactly is tried even if
	// the profile does not have it. Empty Run selects all.
	Run, Skip []string
	Strict    bool // warnings fail the run
	// Waivers accept failures. One that has expired, that names no check or whose check
	// passes fails the run.
	Waivers []Waiver
	// Budget is how many variants payload/variants tries, at most MaxBudget; 0 is
	// DefaultBudget, or all of them in the profile Robustness.
	Budget int

	// LoadRate and LoadDuration are those of load/burst, from which the other checks of
	// load have theirs: events a second, 0 is 20, at most 1000, and how long, 0 is 10 s,
	// at most 10 minutes.
	LoadRate     float64
	LoadDuration time.Duration

	// Seed of events and random credentials. 0 draws one, which the report
	// names. Repeating a seed repeats ids, so a receiver that remembers them
	// sees duplicates.
	Seed uint64
	// RealClock waits between copies as long as the provider does (10 s).
	RealClock bool
	// Idle is how long the receiver is left alone before ack/latency-cold and
	// idempotency/long-memory try it again, at most MaxIdle; 0 leaves that out.
	Idle time.Duration
	// Pace is the least time between the starts of two requests, for receivers
	// behind a rate limit; 0 is none, at most MaxPace.
	Pace time.Duration
	// AuthGap is the pause before a request with a wrong credential; 0 is
	// 200 ms in mode certify and none in mode dev, negative is none.
	AuthGap time.Duration

	RootCAs *x509.CertPool // trusted besides nothing else; nil is the system's
	// Resolve and Dial replace the system's resolver and TCP.
	Resolve func(ctx context.Context, host string) ([]netip.Addr, error)
	Dial    func(ctx context.Context, network, addr string) (net.Conn, error)
	// Observe tells how many effects each idempotency key has had (schemas.Key
	// gives the key of an event). Checks that need it are skipped without it.
	Observe func(ctx context.Context, keys []string) (map[string]int, error)
	// FailNext makes the receiver do the work of the next event with an idempotency key
	// and then fail with 5xx, as if it broke before it could answer. Only
	// idempotency/after-5xx needs it.
	FailNext func(ctx context.Context, key string) error

	// Canary is the URL under which the receiver reaches the run's canary, a server that
	// answers 401 to everything and notes what is fetched. "" is on loopback if the
	// target is, and none otherwise. CanaryAddr is the HOST:PORT that it listens on, ""
	// for any port of loopback: what takes Canary there is the caller's.
	Canary, CanaryAddr string
	// BlockedText is a text that the receiver keeps from being sent when before_message
	// asks: legacy/before-drop-shape needs it.
	BlockedText string

	Version string       // of the program, for User-Agent and report; "" is "dev"
	Logger  *slog.Logger // nil discards
	// OnStart and OnResult follow the run from its own goroutine.
	OnStart  func(*Check)
	OnResult func(Result)
}
