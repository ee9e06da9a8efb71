package mockserver

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"hookproof/mockserver/delivery"
)

// FaultRules say which faults are injected into attempts.
type FaultRules struct {
	All delivery.Faults `json:"all"` // into those to any webhook
	// Webhooks are those of single webhooks, by "APP/WEBHOOK", instead of All.
	Webhooks map[string]delivery.Faults `json:"webhooks,omitempty"`
}

// maxFaultRules bounds the webhooks with faults of their own.
const maxFaultRules = 1000

// Any tells whether there are any faults.
func (r FaultRules) Any() bool {
	for _, f := range r.Webhooks {
		if f.Any() {
			return true
		}
	}
	return r.All.Any()
}

// String is one line with all faults.
func (r FaultRules) String() string {
	parts := []string{"for all webhooks " + r.All.String()}
	for _, name := range slices.Sorted(maps.Keys(r.Webhooks)) {
		parts = append(parts, name+" "+r.Webhooks[name].String())
	}
	return strings.Join(parts, "; ")
}

func (r FaultRules) validate() error {
	if err := r.All.Validate(); err != nil {
		return &RequestError{"all", err.Error()}
	}
	if len(r.Webhooks) > maxFaultRules {
		return &RequestError{"webhooks", fmt.Sprintf("want faults of at most %d webhooks", maxFaultRules)}
	}
	for name, f := range r.Webhooks {
		if app, hook, ok := strings.Cut(name, "/"); !ok || app == "" || hook == "" || strings.Contains(hook, "/") {
			return &RequestError{"webhooks", fmt.Sprintf("%.100q: want APP/WEBHOOK", name)}
		}
		if err := f.Validate(); err != nil {
			return &RequestError{"webhooks", fmt.Sprintf("%.100q: %v", name, err)}
		}
	}
	return nil
}

func (r FaultRules) of(t target) delivery.Faults {
	if f, ok := r.Webhooks[t.app+"/"+t.webhook]; ok {
		return f
	}
	return r.All
}

// RequestError says what is wrong with what a caller wants.
type RequestError struct {
	Field   string // of the request, "" is all of it
	Message string // one line: what is wrong and what is allowed
}

func (e *RequestError) Error() string {
	if e.Field == "" {
		return e.Message
	}
	return e.Field + ": " + e.Message
}

// Errors of a Server.
var (
	// ErrNotFound says that there is no such delivery, or not any more.
	ErrNotFound = errors.New("no such delivery, or no longer remembered")
	// ErrFull says that the queue takes no more events now.
	ErrFull = errors.New("the queue is full: try again when deliveries have been made")
)
