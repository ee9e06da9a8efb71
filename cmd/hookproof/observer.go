package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os/exec"
	"runtime"
	"strings"
	"time"
)

// Bounds of what an observer says and takes.
const (
	maxObservation  = 1 << 20
	observerTimeout = 5 * time.Second
)

type observer = func(ctx context.Context, keys []string) (map[string]int, error)

// newObserver returns what tells how many effects events have had, nil if
// neither a URL nor a command is given.
func newObserver(address, command string) (observer, error) {
	switch {
	case address != "" && command != "":
		return nil, usagef("--observer and --observer-cmd: want one of them")
	case address != "":
		return urlObserver(address)
	case command != "":
		return commandObserver(command), nil
	default:
		return nil, nil
	}
}

// urlObserver asks by GET. The answer may hold more keys than are asked for;
// one that it does not hold has had no effect.
func urlObserver(address string) (observer, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, usagef("--observer: want an http or https URL such as http://127.0.0.1:8080/effects")
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return func(ctx context.Context, _ []string) (map[string]int, error) {
		ctx, cancel := context.WithTimeout(ctx, observerTimeout)
		defer cancel()
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
		if err != nil {
			return nil, errors.New("observer: the URL makes no request")
		}
		resp, err := client.Do(req)
		if err != nil {
			// The error's own text repeats the URL, which may hold a token.
			if e, ok := errors.AsType[*url.Error](err); ok {
				err = e.Err
			}
			return nil, fmt.Errorf("observer: no answer: %w", err)
		}
		defer resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			return nil, fmt.Errorf("observer: answered %d, want 200", resp.StatusCode)
		}
		return decodeObservation(resp.Body)
	}, nil
}

// commandObserver runs a command for each question.
func commandObserver(command string) observer {
	return func(ctx context.Context, keys []string) (map[string]int, error) {
		out, err := runCommand(ctx, command, keys)
		if err != nil {
			return nil, fmt.Errorf("observer: the command failed: %w", err)
		}
		return decodeObservation(out)
	}
}

// newFailNext returns what lets the receiver fail the next event with a key, nil if no
// command is given.
func newFailNext(command string) func(context.Context, string) error {
	if command == "" {
		return nil
	}
	return func(ctx context.Context, key string) error {
		if _, err := runCommand(ctx, command, []string{key}); err != nil {
			return fmt.Errorf("fail-next-cmd: the command failed: %w", err)
		}
		return nil
	}
}

// runCommand runs a command of the shell, which gets lines on its standard input, and
// returns the beginning of what it prints.
func runCommand(ctx context.Context, command string, lines []string) (io.Reader, error) {
	ctx, cancel := context.WithTimeout(ctx, observerTimeout)
	defer cancel()
	shell := []string{"sh", "-c"}
	if runtime.GOOS == "windows" {
		shell = []string{"cmd", "/C"}
	}
	cmd := exec.CommandContext(ctx, shell[0], shell[1], command)
	cmd.WaitDelay = time.Second // a child of the shell may hold its output open
	cmd.Stdin = strings.NewReader(strings.Join(lines, "\n") + "\n")
	out := &capped{max: maxObservation + 1}
	cmd.Stdout = out
	err := cmd.Run()
	return &out.b, err
}

// capped keeps the beginning of what is written to it.
type capped struct {
	b   bytes.Buffer
	max int
}

func (c *capped) Write(p []byte) (int, error) {
	c.b.Write(p[:min(len(p), c.max-c.b.Len())])
	return len(p), nil
}

func decodeObservation(r io.Reader) (map[string]int, error) {
	b, err := io.ReadAll(io.LimitReader(r, maxObservation+1))
	if err != nil {
		return nil, fmt.Errorf("observer: incomplete answer: %w", err)
	}
	if len(b) > maxObservation {
		return nil, fmt.Errorf("observer: more than %d bytes", maxObservation)
	}
	var counts map[string]int
	if err := json.Unmarshal(b, &counts); err != nil || counts == nil {
		return nil, errors.New(`observer: want a JSON object of numbers such as {"key": 1}`)
	}
	for key, n := range counts {
		if n < 0 {
			return nil, fmt.Errorf("observer: %.80q has %d effects: want 0 or more", key, n)
		}
	}
	return counts, nil
}
