package main

import (
	"fmt"
	"io"
	"os"
)

// readBounded reads a file of at most limit bytes. Its errors do not repeat the name.
func readBounded(name string, limit int64) ([]byte, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("cannot be read: %w", cause(err))
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, limit+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("cannot be read: %w", cause(err))
	case int64(len(text)) > limit:
		return nil, fmt.Errorf("more than %d bytes", limit)
	}
	return text, nil
}
