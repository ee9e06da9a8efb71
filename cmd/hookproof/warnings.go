package main

import (
	"fmt"
	"io"
	"sync"
)

// warnings is a writer of lines that many may write to.
type warnings struct {
	mu sync.Mutex
	w  io.Writer
}

func (w *warnings) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.w.Write(b)
}

func (w *warnings) printf(format string, args ...any) {
	say(w, "%s\n", printable(fmt.Sprintf(format, args...)))
}
