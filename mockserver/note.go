package mockserver

import (
	"errors"
	"net/url"
	"strconv"
	"strings"
	"time"

	"hookproof/mockserver/queue"
)

// noteKind says what a note in the log is about.
type noteKind byte

const (
	noteAccepted noteKind = 'a' // a delivery began, or begins anew
	noteAttempt  noteKind = 't' // an attempt was made; the entry's data is the record and the event
	noteDead     noteKind = 'd' // it is dead without an attempt, or in the log of the dead; the data is the event
	noteDiscard  noteKind = 'x' // its webhook is gone; the data is the event
	noteReset    noteKind = 'r' // all that was before is void
)

// note is the summary of a log's entry: all that the history wants to know.
type note struct {
	kind     noteKind
	id       string
	app      string
	webhook  string
	trigger  string
	state    State
	attempt  int
	last     string // how the attempt ended, e.g. 200 or timeout
	worker   string // who made it
	ms       float64
	accepted time.Time
	at       time.Time
	next     time.Time
	dead     queue.Position // of the event in the log of the dead
}

// maxTrigger bounds the name of a trigger that is forced, in bytes.
const maxTrigger = 64

func (n *note) encode() string {
	b := make([]byte, 0, 200)
	b = append(b, byte(n.kind))
	for _, s := range []string{n.id, n.app, n.webhook, url.PathEscape(n.trigger), string(n.state), n.last, n.worker} {
		b = append(append(b, ' '), s...)
	}
	b = strconv.AppendInt(append(b, ' '), int64(n.attempt), 10)
	b = strconv.AppendFloat(append(b, ' '), n.ms, 'f', 3, 64)
	for _, t := range []time.Time{n.accepted, n.at, n.next} {
		var nanos int64
		if !t.IsZero() {
			nanos = t.UnixNano()
		}
		b = strconv.AppendInt(append(b, ' '), nanos, 36)
	}
	b = strconv.AppendUint(append(b, ' '), uint64(n.dead), 36)
	return string(b)
}

var errNote = errors.New("not a note of this version")

func decodeNote(line string) (note, error) {
	var f [14]string
	parts := 0
	for s := range strings.SplitSeq(line, " ") {
		if parts == len(f) {
			return note{}, errNote
		}
		f[parts] = s
		parts++
	}
	if parts != len(f) || len(f[0]) != 1 {
		return note{}, errNote
	}
	trigger, err := url.PathUnescape(f[4])
	attempt, err1 := strconv.Atoi(f[8])
	ms, err2 := strconv.ParseFloat(f[9], 64)
	var times [3]time.Time
	for i := range times {
		nanos, err3 := strconv.ParseInt(f[10+i], 36, 64)
		err = errors.Join(err, err3)
		if nanos != 0 {
			times[i] = time.Unix(0, nanos).UTC()
		}
	}
	dead, err4 := strconv.ParseUint(f[13], 36, 64)
	if errors.Join(err, err1, err2, err4) != nil {
		return note{}, errNote
	}
	return note{
		kind: noteKind(f[0][0]), id: f[1], app: f[2], webhook: f[3], trigger: trigger, state: State(f[5]), last: f[6], worker: f[7],
		attempt: attempt, ms: ms, accepted: times[0], at: times[1], next: times[2], dead: queue.Position(dead),
	}, nil
}
