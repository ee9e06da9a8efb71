package mockserver

import "context"

// controlled is what the control surface drives: a *Server, or what a test puts
// in its place. Errors are a *RequestError, ErrNotFound or ErrFull; any other
// says that the store failed. No list in what they return is nil.
type controlled interface {
	Fire(ctx context.Context, f Fire) (Fired, error)
	Play(ctx context.Context, p Play) (Played, error)
	Deliveries(ctx context.Context, f Filter, limit int, cursor string) (Page, error)
	Delivery(ctx context.Context, id string) (DeliveryDetail, error)
	Redeliver(ctx context.Context, id string) (Delivery, error)
	RedeliverDead(ctx context.Context, f Filter) (int, error)
	// Attempts calls f for each attempt as it is recorded, with its position in
	// the log, until ctx ends or f fails. It begins behind the position after: 0
	// is behind the newest, -1 before the oldest that is kept. While f is busy it
	// waits; it keeps nothing for f in memory.
	Attempts(ctx context.Context, after int64, f func(position int64, a Attempt) error) error
	Faults() FaultRules
	SetFaults(ctx context.Context, r FaultRules) error
	Reset(ctx context.Context) error
	Ready(ctx context.Context) error
	Stats(ctx context.Context) (Stats, error)
	Apps() []AppInfo
}
