package mockserver

import (
	"encoding/json"
	"time"

	"hookproof/mockserver/delivery"
)

// State is how far a delivery has got.
type State string

// The states of a delivery. It begins as Queued and ends as Delivered, Dead or
// Discarded; Redeliver makes it Queued again.
const (
	Queued    State = "queued"    // accepted, no attempt made yet
	Retrying  State = "retrying"  // an attempt failed, another will follow
	Delivered State = "delivered" // an attempt was answered with 2xx
	Dead      State = "dead"      // the last attempt failed; it is kept to be redelivered
	Discarded State = "discarded" // its webhook was deleted or disabled before an attempt
)

// Delivery is one event on its way to one webhook.
type Delivery struct {
	ID       string    `json:"id"`
	App      string    `json:"app"`
	Webhook  string    `json:"webhook"`
	Trigger  string    `json:"trigger"`
	State    State     `json:"state"`
	Accepted time.Time `json:"accepted"`
	Updated  time.Time `json:"updated"`
	// Attempts counts those made; several deliveries of one attempt, after a
	// worker died in it, count each.
	Attempts int `json:"attempts"`
	// Last is how the last attempt ended, e.g. "200" or "timeout"; "" before the first.
	Last string `json:"last,omitempty"`
	// MS is how long the last attempt took, in milliseconds.
	MS float64 `json:"ms,omitzero"`
	// Next is when the next attempt is due, zero if none is.
	Next time.Time `json:"next,omitzero"`
}

// DeliveryDetail is a delivery with all that is kept of it.
type DeliveryDetail struct {
	Delivery
	// Body is the event, "" if the log does not hold it any more. It need not be
	// JSON, if it was forced.
	Body string `json:"body,omitempty"`
	// Log are its attempts, the oldest first: those that the log still holds.
	Log []Attempt `json:"log"`
}

// Attempt is the record of one attempt, without secrets.
type Attempt struct {
	Delivery string `json:"delivery"`
	App      string `json:"app"`
	Webhook  string `json:"webhook"`
	Trigger  string `json:"trigger"`
	Number   int    `json:"number"` // from 1; a redelivery begins anew
	State    State  `json:"state"`  // of the delivery after the attempt
	Worker   string `json:"worker"` // who made it

	Start   time.Time     `json:"start"`
	Due     time.Time     `json:"due"` // when it was to start
	Request Request       `json:"request"`
	Answer  *Answer       `json:"answer,omitempty"` // nil if no status line came
	Timing  AttemptTiming `json:"timing"`

	Failure delivery.Failure     `json:"failure,omitempty"`
	Reason  string               `json:"reason,omitempty"` // why it was no delivery, in words
	Faults  []delivery.FaultKind `json:"faults,omitempty"` // done to it on purpose
	// Decision is what the answer to before_message makes of the message, as
	// schemas.Verdict has it, or what is wrong with that answer; "" for other triggers.
	Decision string    `json:"decision,omitempty"`
	Next     time.Time `json:"next,omitzero"` // when the next attempt is due, and
	Why      string    `json:"why,omitempty"` // why it follows, or why none does
}

// Request is what an attempt sent.
type Request struct {
	Method string              `json:"method"`
	URL    string              `json:"url"`
	Header map[string][]string `json:"header"` // Authorization redacted
	Size   int                 `json:"size"`   // of the body in bytes
}

// Answer is what a receiver answered.
type Answer struct {
	Status int                 `json:"status"`
	Proto  string              `json:"proto"`
	Header map[string][]string `json:"header"`
	Text   string              `json:"text"` // the beginning of the body, redacted, at most MaxAnswerText bytes
	Size   int64               `json:"size"` // of the whole body in bytes
}

// MaxAnswerText is how much of an answer's body the log keeps, in bytes.
const MaxAnswerText = 4 << 10

// AttemptTiming is how long the parts of an attempt took, in milliseconds;
// FirstByte and LastByte count from the end of the request.
type AttemptTiming struct {
	DNS       float64 `json:"dns"`
	Connect   float64 `json:"connect"`
	TLS       float64 `json:"tls"`
	FirstByte float64 `json:"firstByte"`
	LastByte  float64 `json:"lastByte"`
	Total     float64 `json:"total"`
	Late      float64 `json:"late"` // how long after Due it began
}

// Filter chooses deliveries; what is left out is not asked for.
type Filter struct {
	App, Webhook, Trigger string
	State                 State
	Since, Until          time.Time // of acceptance: Since included, Until excluded
}

// Page is a part of a list of deliveries, the newest first.
type Page struct {
	Deliveries []Delivery `json:"deliveries"`
	// Cursor continues the list; "" at its end.
	Cursor string `json:"cursor,omitempty"`
}

// Fire says which events to fire.
type Fire struct {
	App     string // "" if the server has one app only
	Webhook string // only to this one; "" is every webhook that wants the trigger
	// Trigger of a fresh event of the app's world; may be left out if there is a
	// body, which names it.
	Trigger string
	Set     []SetValue // changes to the event, in order
	Body    []byte     // instead of a fresh event; its webhook member becomes that of each webhook
	Count   int        // how many events; 0 is 1, at most MaxFire
	// Force fires what breaks the contract or names an unknown trigger, to every
	// enabled webhook if none has such a trigger.
	Force bool
}

// SetValue is another value at a path of an event, see fixtures.Set.
type SetValue struct {
	Path  string          `json:"path"`
	Value json.RawMessage `json:"value"`
}

// MaxFire bounds the events of one Fire.
const MaxFire = 100_000

// Fired is what became of a Fire.
type Fired struct {
	Events     int `json:"events"`     // made
	Deliveries int `json:"deliveries"` // accepted: one for each event and webhook that wants it
	// IDs are those of the first MaxIDs deliveries.
	IDs []string `json:"ids"`
	// Refused are deliveries that became dead letters at once, because too many
	// wait for their webhook.
	Refused int `json:"refused,omitempty"`
}

// MaxIDs bounds the ids that Fired lists.
const MaxIDs = 1000
