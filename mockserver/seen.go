package mockserver

import (
	"strconv"
	"sync"
	"time"
)

// lastSeen remembers when each worker last made an attempt.
type lastSeen struct {
	mu sync.Mutex
	at map[string]time.Time
}

func newLastSeen() *lastSeen { return &lastSeen{at: map[string]time.Time{}} }

// maxSeen bounds the workers that are remembered.
const maxSeen = 1000

func (l *lastSeen) note(worker string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, known := l.at[worker]; !known && len(l.at) >= maxSeen {
		clear(l.at)
	}
	l.at[worker] = time.Now()
}

// count is how many were seen within d.
func (l *lastSeen) count(d time.Duration) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := 0
	for _, at := range l.at {
		if time.Since(at) < d {
			n++
		}
	}
	return n
}

// statusOf reads a note's end of an attempt, if it is a status.
func statusOf(last string) (int, bool) {
	n, err := strconv.Atoi(last)
	return n, err == nil
}
